import type { Histogram } from '../../load/histogram.ts'
import { html, type Html } from './markup.ts'

/** A share of the requests (0 to 1) and the latency in milliseconds that it stays within. */
export type Point = readonly [share: number, ms: number]
export type Curve = {
  readonly name: string
  readonly points: readonly Point[]
  /** Points that stand in the table too. */
  readonly marks: readonly Point[]
}

const width = 400
const height = 270
const plot = { left: 52, right: 384, top: 12, bottom: 226 } as const
const shares = [0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999] as const
const steps = 60

/** The points of a histogram's percentile curve, evenly spread over the axis, as far as its samples carry. */
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
  const decades = Math.max(2, ...all.map(([share]) => nines(share)))
  const x = (share: number) => plot.left + (nines(share) / decades) * (plot.right - plot.left)
  const { ticks, y } = latencyAxis(all.map(([, ms]) => ms))
  return html`
    <figure class="chart">
      <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
        ${ticks.map(
          (ms) => html`
            <line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${at(y(ms))}" y2="${at(y(ms))}" />
            <text x="${plot.left - 8}" y="${at(y(ms) + 4)}" text-anchor="end">${tickOf(ms)}</text>
          `,
        )}
        ${shares
          .filter((share) => nines(share) <= decades)
          .map(
            (share) => html`
              <line
                class="grid"
                x1="${at(x(share))}"
                x2="${at(x(share))}"
                y1="${plot.top}"
                y2="${plot.bottom}"
              />
              <text x="${at(x(share))}" y="${plot.bottom + 17}" text-anchor="middle">${percent(share)}</text>
            `,
          )}
        ${curves.map((curve, index) => renderCurve(curve, { index, x, y }))}
        <text x="${(plot.left + plot.right) / 2}" y="${height - 8}" text-anchor="middle">
          share of requests answered within
        </text>
      </svg>
      <figcaption>
        ${curves.map(
          ({ name }, index) =>
            html`<span class="series"
              ><svg viewBox="0 0 30 10" aria-hidden="true">
                <g class="series-${index}">
                  ${mark(index, { x: 15, y: 5 })}
                  <line x1="0" x2="30" y1="5" y2="5" />
                </g>
              </svg>
              ${name}</span
            >`,
        )}
      </figcaption>
    </figure>
  `
}

type Scale = (value: number) => number

const renderCurve = (
  { points, marks }: Curve,
  { index, x, y }: { readonly index: number; readonly x: Scale; readonly y: Scale },
): Html => {
  const path = points
    .map(([share, ms], step) => `${step === 0 ? 'M' : 'L'}${at(x(share))} ${at(y(ms))}`)
    .join('')
  const shapes = marks.map(([share, ms]) => mark(index, { x: x(share), y: y(ms) }))
  return html`<g class="series-${index}"><path d="${path}" />${shapes}</g>`
}

/** A shape for each series, so that colour is not the only difference. */
const mark = (index: number, { x, y }: { readonly x: number; readonly y: number }): Html => {
  if (index === 0) return html``
  if (index % 3 === 1) return html`<circle cx="${at(x)}" cy="${at(y)}" r="3.5" />`
  if (index % 3 === 2) return html`<rect x="${at(x - 3)}" y="${at(y - 3)}" width="6" height="6" />`
  return html`<path class="mark" d="M${at(x)} ${at(y - 4)}l4 7h-8z" />`
}

/** Ticks are round, so they need no digits after the first. */
const tickOf = (ms: number): string => (ms >= 1000 ? `${ms / 1000} s` : `${Number(ms.toPrecision(1))} ms`)

const nines = (share: number): number => -Math.log10(1 - share)
const percent = (share: number): string => `${Number((share * 100).toFixed(3))} %`
const at = (value: number): string => value.toFixed(1)

const latencyAxis = (values: readonly number[]): { readonly ticks: readonly number[]; readonly y: Scale } => {
  const low = Math.max(Math.min(...values), 0.001)
  const high = Math.max(...values, low * 2)
  const candidates = [-3, -2, -1, 0, 1, 2, 3, 4, 5].flatMap((power) =>
    [1, 2, 5].map((digit) => digit * 10 ** power),
  )
  const below = candidates.filter((tick) => tick <= low).at(-1) ?? low
  const above = candidates.find((tick) => tick >= high) ?? high
  const ticks = candidates.filter((tick) => tick >= below && tick <= above)
  const y = (ms: number): number => {
    const share = Math.log(Math.max(ms, below) / below) / Math.log(above / below)
    return plot.bottom - share * (plot.bottom - plot.top)
  }
  return { ticks, y }
}
