import autocannon from 'autocannon'
import { addressOf, type Endpoint } from './endpoint.ts'
import type { Engine, EngineEnd, EngineSettings, Workload } from './engine.ts'
import { Lane, type LaneEvents } from './lane.ts'
import { requireKnownVersion, seamsOf } from './seams.ts'

/** In seconds: autocannon's own clocks stand still (longer than any run, within the range of a timer). */
const never = 2_000_000
const tickMs = 10
/** After answers have come: how long none may come, while connections fail, before the target counts as gone. */
const goneMs = 3000

/**
 * The closed model on autocannon: each connection sends its next request when the last one has ended. Of autocannon
 * the connections and the parser are used; its own timeouts, rate and latencies are not.
 */
export const autocannonEngine: Engine = async (settings, workload, signal) => {
  requireKnownVersion()
  const watch = createWatch(settings)
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

const laneSettings = ({ endpoint, timeoutMs }: EngineSettings, workload: Workload, events: LaneEvents) => ({
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

/** Decides whether there is anybody to talk to, from what all lanes meet. */
const createWatch = ({ endpoint, connections }: EngineSettings) => {
  const patience = Math.max(3, connections)
  const at = addressOf(endpoint)
  let failures = 0
  let lastAnswerAt: number | undefined
  let detail = ''
  let untrusted: EngineEnd | undefined
  const events: LaneEvents = {
    failed: (why) => {
      failures++
      detail = why
    },
    untrusted: (why) =>
      (untrusted ??= { kind: 'untrusted', detail: `${at}: the certificate is not trusted: ${why}` }),
    answered: () => {
      failures = 0
      lastAnswerAt = performance.now()
    },
  }
  const end = (now: number): EngineEnd | undefined => {
    if (untrusted !== undefined) return untrusted
    if (failures < patience) return undefined
    if (lastAnswerAt === undefined) return { kind: 'unreachable', detail: `${at}: ${detail}` }
    return now - lastAnswerAt > goneMs
      ? { kind: 'unreachable', detail: `${at} answered, and then no more: ${detail}` }
      : undefined
  }
  return { events, end }
}
