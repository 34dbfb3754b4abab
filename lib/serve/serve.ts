import type { Serve } from '../config/config.ts'
import { startKeySet, type KeySet, type PublicJwk } from './key-set.ts'
import { startListener, type Listener } from './listener.ts'
import { startUpstream, type Upstream } from './upstream.ts'

/** What the configuration names, standing. */
export type Serving = {
  readonly keySet?: KeySet
  readonly upstream?: Upstream
  readonly listener?: Listener
  stop(): Promise<void>
}

export type ServeOptions = {
  readonly issuer: string
  /** Public keys, for the key set. */
  readonly keys: readonly PublicJwk[]
  /** Stands in every answer of the upstream. */
  readonly canary?: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Starts all or none: what stands already is stopped where one of them throws `ServeError`. */
export const startServing = async (serve: Serve, options: ServeOptions): Promise<Serving> => {
  const { issuer, keys, canary, now } = options
  const standing: { close(): Promise<void> }[] = []
  const keep = async <T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const started = await starting
    standing.push(started)
    return started
  }
  const stop = async (): Promise<void> => {
    await Promise.all(standing.map((server) => server.close()))
  }
  try {
    const keySet = serve.jwks && (await keep(startKeySet(serve.jwks, { issuer, keys }, now)))
    const upstream =
      serve.upstream &&
      (await keep(startUpstream(serve.upstream, { now, ...(canary !== undefined && { canary }) })))
    const listener = serve.listener && (await keep(startListener(serve.listener, now)))
    return { ...(keySet && { keySet }), ...(upstream && { upstream }), ...(listener && { listener }), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
