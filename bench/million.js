// Is one bad token that is let in found among a million good ones? `node bench/million.js [COUNT]`, after `npm run build`
//
// The native engine sends COUNT (1,000,000) good requests, each another, and bad ones among them. The target lets in
// exactly one of the bad, and the run has to find that one and no other, whichever of the requests it was.
import { Buffer } from 'node:buffer'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { pack } from '../dist/forge/packed.js'
import { nativeEngine } from '../dist/load/native.js'
import { runPhase } from '../dist/load/phase.js'
import { connections, judge } from './requests.js'
import { pinned } from './rivals.js'

const [count = 1_000_000] = process.argv.slice(2).map(Number)
const share = 1000
const badOnes = 200
/** Which of the bad ones is let in: the number of it in the pool, the first time that it comes. */
const leak = 117

function* requestsOf(name, length) {
  for (let at = 0; at < length; at++)
    yield Buffer.from(`GET /${name} HTTP/1.1\r\nHost: target\r\nAuthorization: Bearer ${name}-${at}\r\n\r\n`)
}

const [command, args] = pinned(1, process.execPath, [
  fileURLToPath(new URL('target.js', import.meta.url)),
  'leaking',
  String(leak),
])
const target = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
try {
  const [port] = await once(target, 'message')
  const stop = new globalThis.AbortController()
  const started = performance.now()
  const result = await runPhase(
    nativeEngine,
    {
      ...{ name: 'bench', endpoint: { host: '127.0.0.1', port }, connections, maxConnections: connections },
      ...{ keepAlive: true, timeoutMs: 10_000, warmupMs: 0, durationMs: 600_000, seed: 1 },
    },
    {
      judge,
      classes: [
        { name: 'valid', expect: 'accept', weight: share - 1, requests: pack(requestsOf('good', count)) },
        { name: 'bad', expect: 'refuse', weight: 1, requests: pack(requestsOf('bad', badOnes)) },
      ],
    },
    {
      signal: stop.signal,
      onProgress: ({ answered }) => {
        if (answered >= (count * share) / (share - 1)) stop.abort()
      },
    },
  )
  const seconds = (performance.now() - started) / 1000
  const [good, bad] = result.classes
  const { unfinished = 0 } = result.errors
  console.log(
    `${good.judged} good and ${bad.judged} bad requests judged in ${seconds.toFixed(1)} s ` +
      `(${Math.round(result.judged / seconds)}/s), ${result.lost - unfinished} lost, ${unfinished} in flight at the end`,
  )
  const found = bad.offenders.map(({ index }) => index)
  console.log(
    `let in wrongly: ${bad.falseAccepts} (number ${found.join(', ')}); refused wrongly: ${good.falseRefusals}`,
  )
  const holds =
    good.judged >= count &&
    good.falseRefusals === 0 &&
    bad.falseAccepts === 1 &&
    found[0] === leak &&
    result.lost === unfinished
  console.log(`${holds ? 'held  ' : 'MISSED'} the one that was let in is found, and no other`)
  process.exitCode = holds ? 0 : 1
} finally {
  target.disconnect()
}
