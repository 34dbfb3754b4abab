import type { Histogram } from '../../load/histogram.ts'
import { latencyAxis, renderLines, type Axis, type Curve, type Point } from './lines.ts'
import { html, type Html } from './markup.ts'

const shares = [0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999] as const
const steps = 60

/**
 * The points of a histogram's percentile curve, evenly spread over the axis, as far as its samples carry: a share of the
 * requests (0 to 1) and the latency in milliseconds that it stays within.
 */
export const pointsOf = (histogram: Histogram): readonly Point[] => {
  const last = Math.log10(Math.max(2, histogram.total))
  return Array.from({ length: steps + 1 }, (_, at) => 1 - 10 ** ((-at * last) / steps)).flatMap((share) => {
    const us = histogram.percentile(share)
    return us === undefined ? [] : [[share, us / 1000] as const]
  })
}

/** Latency by percentile. The axis is 1/(1 − q), logarithmic, so that the tail has as much room as the middle. */
export const renderPercentiles = (curves: readonly Curve[], label: string): Html => {
  const all = curves.flatMap((curve) => [...curve.points, ...curve.marks])
  if (all.length === 0) return html``
  const axes = { x: shareAxis(all.map(([share]) => share)), y: latencyAxis(all.map(([, ms]) => ms)) }
  return renderLines(curves, axes, { label, below: 'share of requests answered within' })
}

const shareAxis = (values: readonly number[]): Axis => {
  const decades = Math.max(2, ...values.map(nines))
  return {
    share: (value) => nines(value) / decades,
    ticks: shares
      .filter((share) => nines(share) <= decades)
      .map((value) => ({ value, text: `${Number((value * 100).toFixed(3))} %` })),
  }
}

const nines = (share: number): number => -Math.log10(1 - share)
