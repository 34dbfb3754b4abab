// How fast is load, and how true? `npm run bench -- [ROUNDS] [SECONDS]`
//
// Speed: all generators that are installed fire at the same target over as many connections, in turn, one core for them
// and one for the target. Ours sends another token with each request, a tenth of them bad, and comes to a verdict on
// every answer; what the others do stands behind their names. Trust the ratios; the rates are those of this machine.
//
// Truth: requests by the clock at targets whose percentiles are known, beside what autocannon says under a rate.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { truth } from './known.js'
import { generators, installed, pinned } from './rivals.js'

const [rounds = 5, seconds = 3] = process.argv.slice(2).map(Number)
const rate = 1000
const steadySeconds = 10
const stallSeconds = 20

/** Starts a target on core 1, and ends it when `use` has ended. */
const withTarget = async (mode, use) => {
  const [command, args] = pinned(1, process.execPath, [
    fileURLToPath(new URL('target.js', import.meta.url)),
    mode,
  ])
  const target = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  try {
    const [port] = await once(target, 'message')
    return await use(port)
  } finally {
    target.disconnect()
  }
}

const spread = (values, digits = 0) => {
  const sorted = values.toSorted((a, b) => a - b)
  const show = (at) => sorted[Math.round(at * (sorted.length - 1))].toFixed(digits)
  return `${show(0.5)} [${show(0)}–${show(1)}]`
}

const compareSpeed = async (port) => {
  const names = await installed()
  const results = []
  for (let round = 0; round < rounds; round++) {
    const measured = {}
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const { perSecond, cpuSeconds } = await generators[name](port, seconds)
      measured[name] = { perSecond, cpuEach: (cpuSeconds / (perSecond * seconds)) * 1e6 }
    }
    results.push(measured)
    process.stderr.write(`round ${round + 1} of ${rounds}\n`)
  }
  console.log(`median [least–most] of ${rounds} rounds of ${seconds} s, one core each`)
  const all = (name, what) => results.map((each) => each[name][what])
  for (const name of names) {
    const rates = `${spread(all(name, 'perSecond'))} requests/s`
    console.log(`  ${name.padEnd(26)}${rates.padEnd(38)}${spread(all(name, 'cpuEach'), 1)} µs of CPU each`)
  }
  console.log('ratios, round by round: of requests a second, and of requests for each second of CPU')
  for (const [ours, theirs] of pairs.filter(([, name]) => names.includes(name))) {
    const perSecond = results.map((each) => each[ours].perSecond / each[theirs].perSecond)
    const perCpu = results.map((each) => each[theirs].cpuEach / each[ours].cpuEach)
    console.log(
      `  ${`${ours} to ${theirs}`.padEnd(50)}${spread(perSecond, 2).padEnd(20)}${spread(perCpu, 2)}`,
    )
  }
}

const pairs = [
  ['gateproof, autocannon', 'autocannon (one request)'],
  ['gateproof, native', 'autocannon (one request)'],
  ['gateproof, native', 'wrk (script)'],
  ['gateproof, native', 'hey (one request)'],
  ['gateproof, native', 'k6 (script)'],
]

const shown = ['p50', 'p99', 'p99.9']
const quantiles = { p50: 0.5, p99: 0.99, 'p99.9': 0.999 }

const compareTruth = async (mode, length) => {
  await withTarget(mode, async (port) => {
    const ours = await generators['gateproof, native'](port, length, rate)
    const theirs = await generators['autocannon (one request)'](port, length, rate)
    const late = ours.lateMs
    console.log(
      `${mode} target, ${rate} requests/s for ${length} s: milliseconds (sent late: p99 ${late.p99})`,
    )
    console.log(
      `  ${''.padEnd(8)}${['truth', 'ours', 'off by', 'autocannon'].map((head) => head.padStart(12)).join('')}`,
    )
    for (const name of shown) {
      const expected = truth[mode](quantiles[name])
      const seen = ours.latencyMs[name]
      const autocannon = theirs.latencyMs[name.replace('.', '_')]
      const cells = [expected.toFixed(2), seen.toFixed(2), (seen - expected).toFixed(2), String(autocannon)]
      console.log(`  ${name.padEnd(8)}${cells.map((cell) => cell.padStart(12)).join('')}`)
    }
  })
}

if (rounds > 0) await withTarget('plain', compareSpeed)
await compareTruth('known', steadySeconds)
await compareTruth('stalling', stallSeconds)
