import type { LoadSettings } from '../config/load-settings.ts'

/** Which part of a run that several processes share: counted from 0, as Kubernetes counts the pods of an Indexed Job. */
export type Shard = { readonly index: number; readonly of: number }

/** Reads `0/8` to `7/8`. A fault where it is a text. */
export const parseShard = (text: string): Shard | string => {
  const [, index = NaN, of = NaN] = (/^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []).map(Number)
  if (Number.isNaN(index)) return `--shard ${text}: not of the form 0/8`
  if (index < of) return { index, of }
  return of === 0
    ? `--shard ${text}: there is no part of nothing`
    : `--shard ${text}: shards are counted from 0, so it goes from 0/${of} to ${of - 1}/${of}`
}

/**
 * Reads a moment: an ISO 8601 time with its zone, or seconds since the epoch. Milliseconds since the epoch, or a fault.
 * @param now milliseconds since the epoch.
 */
export const parseStartAt = (text: string, now: number): number | string => {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)
  const at = isTime ? Date.parse(text) : /^\d{9,11}(\.\d+)?$/.test(text) ? Number(text) * 1000 : NaN
  if (Number.isNaN(at))
    return `--start-at ${text}: not a moment such as 2030-01-31T12:00:00Z, nor seconds since the epoch`
  if (at <= now) return `--start-at ${text}: that moment is over`
  return at - now > longestWaitMs ? `--start-at ${text}: that is more than a day away` : at
}

const longestWaitMs = 24 * 3600 * 1000

/** A shard's part of a number of things; those of all shards are all of them. */
export const portionOf = (whole: number, { index, of }: Shard): number =>
  Math.floor((whole * (index + 1)) / of) - Math.floor((whole * index) / of)

/** A shard's share of the connections and of the rates; all shards together are what the settings say. */
export const shareOf = (load: LoadSettings, shard: Shard): LoadSettings | string => {
  const { of } = shard
  if (load.ceiling !== undefined) return 'load.ceiling: a search for the ceiling cannot be shared'
  const fewest = Math.min(load.connections, ...load.phases.map(({ connections }) => connections))
  if (fewest < of) return `load.connections: ${fewest} cannot be shared by ${of}`
  return {
    ...load,
    connections: portionOf(load.connections, shard),
    maxConnections: Math.max(portionOf(load.connections, shard), portionOf(load.maxConnections, shard)),
    phases: load.phases.map(({ rate, ...phase }) => ({
      ...phase,
      connections: portionOf(phase.connections, shard),
      ...(rate === undefined ? {} : { rate: { from: rate.from / of, to: rate.to / of } }),
    })),
  }
}

/**
 * When a shard starts, so that evenly spaced requests of all shards together are evenly spaced: each a little later
 * than the last, by its part of the distance between two requests of one shard. Milliseconds since the epoch.
 */
export const startOf = (startAt: number, load: LoadSettings, shard: Shard): number =>
  startAt + delayOf(load.phases[0]?.rate?.from, shard)

/** The milliseconds by which a shard starts later, at so many requests a second of its own. */
export const delayOf = (perSecond: number | undefined, { index, of }: Shard): number =>
  perSecond === undefined || perSecond === 0 ? 0 : (1000 * index) / (perSecond * of)
