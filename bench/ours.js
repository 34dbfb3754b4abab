// One phase of ours in a process of its own, so that it has one core like all others:
// `ours.js autocannon|native PORT SECONDS [RATE]`. Prints JSON.
import { autocannonEngine } from '../dist/load/autocannon.js'
import { nativeEngine } from '../dist/load/native.js'
import { runPhase } from '../dist/load/phase.js'
import { Histogram } from '../dist/load/histogram.js'
import { classes, connections, judge } from './requests.js'

const [engine, port, seconds, rate] = process.argv.slice(2)
const open = rate === undefined ? {} : { open: { rate: { from: +rate, to: +rate }, arrivals: 'uniform' } }
const shots = { classes: classes(), judge }
const before = process.cpuUsage()
const result = await runPhase(
  engine === 'native' ? nativeEngine : autocannonEngine,
  {
    name: 'bench',
    endpoint: { host: '127.0.0.1', port: Number(port) },
    connections,
    // A target that stands still is to be asked again at once afterwards, not to take a thousand connections first.
    maxConnections: 100,
    keepAlive: true,
    timeoutMs: 10_000,
    warmupMs: rate === undefined ? 0 : 1000,
    durationMs: seconds * 1000,
    seed: 1,
    ...open,
  },
  shots,
  { signal: new globalThis.AbortController().signal },
)
const { user, system } = process.cpuUsage(before)
const all = new Histogram()
for (const { latency } of result.classes) all.merge(latency)
const wrong = result.classes.reduce((sum, each) => sum + each.falseAccepts + each.falseRefusals, 0)
console.log(
  JSON.stringify({
    perSecond: (result.judged / result.ms) * 1000,
    cpuSeconds: (user + system) / 1e6,
    wrong,
    lost: result.lost,
    latencyMs: all.latencyMs(),
    serviceMs: result.service.latencyMs(),
    lateMs: result.lateness.latencyMs(),
  }),
)
