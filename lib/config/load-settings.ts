/** What is fired, and how (`load`). */
export type LoadSettings = {
  readonly model: 'closed' | 'open'
  readonly engine: 'autocannon' | 'native'
  readonly connections: number
  /** In the open model; at least `connections`. */
  readonly maxConnections: number
  readonly arrivals: 'poisson' | 'uniform'
  /** Or a new connection for each request? */
  readonly keepAlive: boolean
  readonly workers: number
  /** Before each phase, at the rate that it begins with. */
  readonly warmupMs: number
  /** Case id, or `valid`, to weight. */
  readonly mix: Readonly<Record<string, number>>
  /** Distinct tokens in each class's pool. */
  readonly tokens: number
  /** Measured in this order, each with its own name; never empty. */
  readonly phases: readonly LoadPhase[]
  /** Searched for instead of the phases. */
  readonly ceiling?: CeilingSettings
}

export type LoadPhase = {
  readonly name: string
  readonly durationMs: number
  readonly connections: number
  /** Requests a second, in the open model: at the beginning and at the end. */
  readonly rate?: { readonly from: number; readonly to: number }
}

export type CeilingSettings = {
  /** Requests a second. */
  readonly from: number
  readonly upTo: number
  readonly stepMs: number
  readonly withinPercent: number
}
