// What does a pool of a million tokens take? `node bench/memory.js [COUNT] [ALGORITHM] [SECONDS]`, after `npm run build`
//
// Mints COUNT (1,000,000) tokens in their requests, as `load.tokens` has them, and sends them for SECONDS (3) to the plain
// target over the native engine. The aim: no more memory than a quarter beyond the bytes of the requests themselves, and no
// pool of strings. EdDSA unless another ALGORITHM is named: RS256 takes minutes to sign as many.
import { Buffer } from 'node:buffer'
import { spawn } from 'node:child_process'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { clearInterval, setInterval } from 'node:timers'
import { fileURLToPath } from 'node:url'
import { mintPool } from '../dist/forge/pool.js'
import { nativeEngine } from '../dist/load/native.js'
import { runPhase } from '../dist/load/phase.js'
import { connections, judge } from './requests.js'

const [count = 1_000_000, alg = 'EdDSA', seconds = 3] = process.argv
  .slice(2)
  .map((each) => (Number.isNaN(Number(each)) ? each : Number(each)))
const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MB`
const aim = 1.25
/** What threads and buffers take whatever the pool. */
const base = 200 * 2 ** 20

const keys = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
}
const { privateKey } = keys[alg]()
const template = {
  key: { kid: 'bench', alg, privateKey, publicKey: createPublicKey(privateKey) },
  header: { alg, typ: 'at+jwt', kid: 'bench' },
  claims: {
    iss: 'https://identity.example.test/',
    aud: 'https://gateway.example.test/orders',
    sub: 'gateproof',
    client_id: 'gateproof',
    iat: 1_700_000_000,
    exp: 4_000_000_000,
    scope: 'orders.read orders.write',
    groups: Array.from({ length: 12 }, (_, at) => `group-${at}`),
  },
  prefix: 'bench',
}
const frame = {
  before: Buffer.from('GET /good HTTP/1.1\r\nHost: target\r\nAuthorization: Bearer '),
  after: Buffer.from('\r\n\r\n'),
}

const before = process.memoryUsage.rss()
let most = before
const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20)
const started = performance.now()
const { texts } = await mintPool(template, count, { frame })
const mintedIn = (performance.now() - started) / 1000
const mostMinting = Math.max(most, process.memoryUsage.rss())
const bytes = texts.segments.reduce(
  (sum, segment) => sum + segment.bytes.buffer.byteLength + segment.ends.byteLength,
  0,
)

const target = spawn(process.execPath, [fileURLToPath(new URL('target.js', import.meta.url))], {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
})
try {
  const [port] = await once(target, 'message')
  const result = await runPhase(
    nativeEngine,
    {
      ...{ name: 'bench', endpoint: { host: '127.0.0.1', port }, connections, maxConnections: connections },
      ...{ keepAlive: true, timeoutMs: 10_000, warmupMs: 0, durationMs: seconds * 1000, seed: 1 },
    },
    { classes: [{ name: 'valid', expect: 'accept', weight: 1, requests: texts }], judge },
    { signal: new globalThis.AbortController().signal },
  )
  const grown = most - before
  console.log(
    `${texts.length} requests with ${alg} tokens, minted in ${mintedIn.toFixed(1)} s: ${Math.round(count / mintedIn)} a second`,
  )
  console.log(
    `${(bytes / count).toFixed(0)} bytes each, ${mebibytes(bytes)} in all, in ${texts.segments.length} buffers`,
  )
  console.log(
    `resident: ${mebibytes(before)} before, ${mebibytes(mostMinting)} at most while minting, ` +
      `${mebibytes(most)} at most in all; ${(grown / count).toFixed(0)} bytes a token`,
  )
  console.log(
    `then ${result.sent} requests in ${seconds} s (${Math.round((result.judged / result.ms) * 1000)}/s), ` +
      `${result.lost} lost, ${Math.min(result.classes[0].taken, count)} different tokens`,
  )
  const holds = grown <= aim * bytes + base && result.lost === 0
  console.log(
    `${holds ? 'held  ' : 'MISSED'} at most ${mebibytes(aim * bytes + base)} more than before: ${mebibytes(grown)}`,
  )
  process.exitCode = holds ? 0 : 1
} finally {
  clearInterval(watch)
  target.disconnect()
}
