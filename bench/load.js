// How fast is load, beside autocannon as it comes? `npm run bench -- [ROUNDS] [SECONDS]`
//
// Both fire at the same target over as many connections, in turn, so that what slows the machine slows both. Ours sends
// another token with every request, a tenth of them bad, and comes to a verdict on every answer; autocannon sends one
// request over and over and looks at nothing. Trust the ratio; the rates are those of this machine.
import { Buffer } from 'node:buffer'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { autocannonEngine } from '../dist/load/autocannon.js'
import { runPhase } from '../dist/load/phase.js'

const [rounds = 5, seconds = 3] = process.argv.slice(2).map(Number)
const connections = 50
const token = (name, index) => `${name}${index}`.padEnd(900, 'x')
const requests = (name) =>
  Array.from({ length: 1000 }, (_, index) =>
    Buffer.from(
      `GET /${name} HTTP/1.1\r\nHost: target\r\nAuthorization: Bearer ${token(name, index)}\r\n\r\n`,
    ),
  )
const classes = [
  { name: 'valid', expect: 'accept', weight: 90, requests: requests('good') },
  { name: 'bad', expect: 'refuse', weight: 10, requests: requests('bad') },
]
const judge = { bodyBytes: 0, read: ({ status }) => (status === 200 ? 'let-in' : 'refused') }

const plain = async (port) => {
  const result = await autocannon({
    url: `http://127.0.0.1:${port}/good`,
    connections,
    duration: seconds,
    headers: { authorization: `Bearer ${token('good', 0)}` },
  })
  return result['2xx'] / result.duration
}

const ours = async (port) => {
  const result = await runPhase(
    autocannonEngine,
    {
      name: 'bench',
      endpoint: { host: '127.0.0.1', port },
      connections,
      timeoutMs: 10_000,
      warmupMs: 0,
      durationMs: seconds * 1000,
      seed: 1,
    },
    { classes, judge },
    { signal: new globalThis.AbortController().signal },
  )
  const wrong = result.classes.reduce((sum, each) => sum + each.falseAccepts + each.falseRefusals, 0)
  if (wrong > 0 || result.lost > 0) throw new Error(`${wrong} wrong verdicts, ${result.lost} lost`)
  return (result.judged / result.ms) * 1000
}

const measure = async (fire, port) => {
  const before = process.cpuUsage()
  const perSecond = await fire(port)
  const { user, system } = process.cpuUsage(before)
  return { perSecond, cpu: (user + system) / (perSecond * seconds) }
}

const spread = (values, digits = 0) => {
  const sorted = values.toSorted((a, b) => a - b)
  const show = (at) => sorted[Math.round(at * (sorted.length - 1))].toFixed(digits)
  return `${show(0.5)} [${show(0)}–${show(1)}]`
}

const target = fork(fileURLToPath(new URL('target.js', import.meta.url)))
try {
  const [port] = await once(target, 'message')
  const results = []
  for (let round = 0; round < rounds; round++) {
    const inOrder = round % 2 === 0 ? [plain, ours] : [ours, plain]
    const measured = new Map()
    for (const fire of inOrder) measured.set(fire, await measure(fire, port))
    results.push({ plain: measured.get(plain), ours: measured.get(ours) })
    process.stderr.write(`round ${round + 1} of ${rounds}\n`)
  }
  console.log(`median [least–most] of ${rounds} rounds of ${seconds} s, ${connections} connections`)
  for (const name of ['plain', 'ours']) {
    const rates = spread(results.map((each) => each[name].perSecond))
    console.log(
      `${name.padEnd(6)} ${rates} requests/s, ${spread(
        results.map((each) => each[name].cpu),
        1,
      )} µs of CPU each`,
    )
  }
  console.log(
    `ratio  ${spread(
      results.map((each) => each.ours.perSecond / each.plain.perSecond),
      2,
    )} ours to plain`,
  )
} finally {
  target.disconnect()
}
