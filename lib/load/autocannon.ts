import autocannon from 'autocannon'
import { addressOf, type Endpoint } from './endpoint.ts'
import type { Engine, EngineSettings, Workload } from './engine.ts'
import { Lane } from './lane.ts'
import { requireKnownVersion, seamsOf } from './seams.ts'
import { createWatch, type WatchEvents } from './watch.ts'

/** In seconds: autocannon's own clocks stand still (longer than any run, within the range of a timer). */
const never = 2_000_000
const tickMs = 10
/** Where there are fewer connections than this, each may fail more than once. */
const leastPatience = 3

/**
 * The closed model on autocannon: each connection sends its next request when the last one has ended. Of autocannon
 * the connections and the parser are used; its own timeouts, rate and latencies are not.
 */
export const autocannonEngine: Engine = async (settings, workload, signal) => {
  if (workload.arrivals !== undefined || !settings.keepAlive)
    throw new RangeError('the autocannon engine has the closed model alone, and keeps its connections')
  requireKnownVersion()
  const watch = createWatch(settings.endpoint, Math.max(leastPatience, settings.connections))
  const lanes: Lane[] = []
  const drive = (): void => {
    const now = performance.now()
    const halted = signal.aborted || watch.end(now) !== undefined
    for (const lane of lanes) {
      if (halted) lane.end('unfinished')
      else if (workload.over()) lane.end()
      lane.tick(now)
    }
  }
  const ticker = setInterval(drive, tickMs)
  signal.addEventListener('abort', drive)
  try {
    await runClients(settings, (client) =>
      lanes.push(new Lane(seamsOf(client), laneSettings(settings, workload, watch.events))),
    )
  } finally {
    clearInterval(ticker)
    signal.removeEventListener('abort', drive)
  }
  return watch.end(performance.now()) ?? { kind: 'finished' }
}

const laneSettings = ({ endpoint, timeoutMs }: EngineSettings, workload: Workload, events: WatchEvents) => ({
  workload,
  events,
  timeoutMs,
  insecure: endpoint.tls?.insecure ?? false,
})

/** Ends when the last client is destroyed. */
const runClients = (
  { endpoint, connections }: EngineSettings,
  guard: (client: unknown) => void,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const options: autocannon.Options = {
      url: `${endpoint.tls === undefined ? 'http' : 'https'}://${addressOf(endpoint)}/`,
      connections,
      timeout: never,
      duration: never,
      sampleInt: 50,
      ...(endpoint.tls?.servername === undefined ? {} : { servername: endpoint.tls.servername }),
      setupClient: (client) => {
        setTlsOptions(client, endpoint)
        guard(client)
      },
    }
    autocannon(options, (error: unknown) => {
      if (error instanceof Error) reject(error)
      else resolve()
    })
  })

/** On the client and not in autocannon's options, which are cloned deeply: a clone of a TLS context is none. */
const setTlsOptions = (client: unknown, endpoint: Endpoint): void => {
  if (endpoint.tls !== undefined) seamsOf(client).opts.tlsOptions = endpoint.tls.options
}
