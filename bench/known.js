// What is known of the targets, and the percentiles that follow from it for requests that come by the clock.

/** Of a thousand requests, in an order that repeats: how many are answered after how many milliseconds. */
const mixture = [
  [5, 800],
  [20, 150],
  [50, 45],
  [200, 5],
]

/** Spread evenly, so that any stretch of requests has its share of each. */
export const knownDelays = mixture
  .flatMap(([delay, count]) => Array.from({ length: count }, (_, at) => [(at + 0.5) / count, delay]))
  .toSorted(([a], [b]) => a - b)
  .map(([, delay]) => delay)

export const stall = { ms: 1000, everyMs: 5000 }

const knownAt = (quantile) => {
  const sorted = knownDelays.toSorted((a, b) => a - b)
  return sorted[Math.ceil(quantile * sorted.length) - 1]
}

/** A share of the requests comes while the target stands still, and waits for what is left of that: evenly spread. */
const stallAt = (quantile) => {
  const share = stall.ms / stall.everyMs
  return quantile <= 1 - share ? 0 : stall.ms * ((quantile - (1 - share)) / share)
}

/** Milliseconds by mode and quantile. */
export const truth = { known: knownAt, stalling: stallAt }
