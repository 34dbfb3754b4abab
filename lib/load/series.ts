import { decodeHistogram, encodeHistogram } from './histogram-codec.ts'
import { Histogram, type LatencyMs } from './histogram.ts'
import type { Recorder } from './record.ts'

/** What ended in a stretch of the measured time. */
export type Slice = {
  /** Where it begins: milliseconds since the measured time began. */
  readonly atMs: number
  readonly ms: number
  readonly judged: number
  readonly errors: number
  readonly misjudged: number
  readonly latencyMs: LatencyMs
  /** As `encodeHistogram` writes it. */
  readonly histogram: string
}

const narrowestMs = 1000
/** Beyond so many, two neighbours become one, so that a day takes no more room than a minute. */
const mostSlices = 120

type Totals = {
  readonly atMs: number
  readonly judged: number
  readonly errors: number
  readonly misjudged: number
  readonly latency: Histogram
}

/**
 * A phase by the second, cut from what its recorder has counted in all, so that requests pay nothing for it. Whoever
 * looks late makes a slice longer, and its rate no less true.
 */
export class Series {
  #slices: Slice[] = []
  #widthMs = narrowestMs
  /** The totals at which the next slice of the series, and the next second for a spectator, begins. */
  #from = nothing
  #since = nothing

  get slices(): readonly Slice[] {
    return this.#slices
  }

  /** Looks at the recorder `atMs` after the measured time began. Gives the last second, each time one is over. */
  observe(atMs: number, recorder: Counted): Slice | undefined {
    if (atMs - this.#since.atMs < narrowestMs) return undefined
    const totals = totalsOf(atMs, recorder)
    const second = sliceOf(totals, this.#since)
    const isWhole = this.#since === this.#from
    this.#since = totals
    if (atMs - this.#from.atMs >= this.#widthMs) this.#cut(totals, isWhole ? second : undefined)
    return second
  }

  /** Takes in what is left, once the phase is over; a remainder becomes part of the last slice. */
  finish(atMs: number, recorder: Counted): void {
    const totals = totalsOf(Math.max(atMs, this.#from.atMs), recorder)
    const last = this.#slices.at(-1)
    const isShort = totals.atMs - this.#from.atMs < this.#widthMs / 2
    this.#cut(totals)
    if (last === undefined || !isShort) return
    const rest = this.#slices.pop()
    this.#slices.pop()
    this.#slices.push(rest === undefined ? last : joinSlices([last, rest]))
  }

  #cut(totals: Totals, slice = sliceOf(totals, this.#from)): void {
    this.#slices.push(slice)
    this.#from = totals
    if (this.#slices.length <= mostSlices) return
    this.#widthMs *= 2
    this.#slices = this.#slices.flatMap((slice, at, all) => {
      const next = all[at + 1]
      return at % 2 === 1 ? [] : [next === undefined ? slice : joinSlices([slice, next])]
    })
  }
}

type Counted = Pick<Recorder, 'classes' | 'errors'>

const nothing: Totals = { atMs: 0, judged: 0, errors: 0, misjudged: 0, latency: new Histogram() }

const totalsOf = (atMs: number, { classes, errors }: Counted): Totals => {
  const latency = new Histogram()
  let [judged, misjudged, failed] = [0, 0, 0]
  for (const each of classes) {
    latency.merge(each.latency)
    judged += each.judged
    misjudged += each.falseAccepts + each.falseRefusals
  }
  for (const count of errors.values()) failed += count
  return { atMs, judged, errors: failed, misjudged, latency }
}

const sliceOf = (to: Totals, from: Totals): Slice => {
  const latency = to.latency.without(from.latency)
  return {
    atMs: Math.round(from.atMs),
    ms: Math.round(to.atMs - from.atMs),
    judged: to.judged - from.judged,
    errors: to.errors - from.errors,
    misjudged: to.misjudged - from.misjudged,
    latencyMs: latency.latencyMs(),
    histogram: encodeHistogram(latency),
  }
}

/** One slice of several that follow one another. */
const joinSlices = (slices: readonly [Slice, ...Slice[]]): Slice => {
  const [first] = slices
  return { ...addSlices(slices), ms: slices.reduce((sum, { ms }) => sum + ms, 0), atMs: first.atMs }
}

/** One slice of several that several generators saw at the same time. */
export const addSlices = (slices: readonly [Slice, ...Slice[]]): Slice => {
  const latency = new Histogram()
  for (const { histogram } of slices) latency.merge(decodeHistogram(histogram))
  const sum = (key: 'judged' | 'errors' | 'misjudged') => slices.reduce((all, each) => all + each[key], 0)
  return {
    atMs: Math.min(...slices.map(({ atMs }) => atMs)),
    ms: Math.max(...slices.map(({ ms }) => ms)),
    judged: sum('judged'),
    errors: sum('errors'),
    misjudged: sum('misjudged'),
    latencyMs: latency.latencyMs(),
    histogram: encodeHistogram(latency),
  }
}
