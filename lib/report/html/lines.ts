import { html, type Html } from './markup.ts'

export type Point = readonly [x: number, y: number]

/** A line, and the points on it that stand in the table too. */
export type Curve = {
  readonly name: string
  readonly points: readonly Point[]
  readonly marks: readonly Point[]
}

/** An axis: where a value lies, as a share of its length, and the values that are named. */
export type Axis = {
  readonly share: (value: number) => number
  readonly ticks: readonly { readonly value: number; readonly text: string }[]
}

const width = 400
const height = 270
const plot = { left: 52, right: 384, top: 12, bottom: 226 } as const

type Scale = (value: number) => number

/** Draws curves. `label` is for who does not see them, `below` names the horizontal axis. */
export const renderLines = (
  curves: readonly Curve[],
  axes: { readonly x: Axis; readonly y: Axis },
  { label, below }: { readonly label: string; readonly below: string },
): Html => {
  const x: Scale = (value) => plot.left + axes.x.share(value) * (plot.right - plot.left)
  const y: Scale = (value) => plot.bottom - axes.y.share(value) * (plot.bottom - plot.top)
  return html`
    <figure class="chart">
      <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
        ${axes.y.ticks.map(
          ({ value, text }) => html`
            <line
              class="grid"
              x1="${plot.left}"
              x2="${plot.right}"
              y1="${at(y(value))}"
              y2="${at(y(value))}"
            />
            <text x="${plot.left - 8}" y="${at(y(value) + 4)}" text-anchor="end">${text}</text>
          `,
        )}
        ${axes.x.ticks.map(
          ({ value, text }) => html`
            <line
              class="grid"
              x1="${at(x(value))}"
              x2="${at(x(value))}"
              y1="${plot.top}"
              y2="${plot.bottom}"
            />
            <text x="${at(x(value))}" y="${plot.bottom + 17}" text-anchor="middle">${text}</text>
          `,
        )}
        ${curves.map((curve, index) => renderCurve(curve, { index, x, y }))}
        <text x="${(plot.left + plot.right) / 2}" y="${height - 8}" text-anchor="middle">${below}</text>
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

const renderCurve = (
  { points, marks }: Curve,
  { index, x, y }: { readonly index: number; readonly x: Scale; readonly y: Scale },
): Html => {
  const path = points
    .map(([across, up], step) => `${step === 0 ? 'M' : 'L'}${at(x(across))} ${at(y(up))}`)
    .join('')
  const shapes = marks.map(([across, up]) => mark(index, { x: x(across), y: y(up) }))
  return html`<g class="series-${index}"><path d="${path}" />${shapes}</g>`
}

/** A shape for each series, so that colour is not the only difference. */
const mark = (index: number, { x, y }: { readonly x: number; readonly y: number }): Html => {
  if (index === 0) return html``
  if (index % 3 === 1) return html`<circle cx="${at(x)}" cy="${at(y)}" r="3.5" />`
  if (index % 3 === 2) return html`<rect x="${at(x - 3)}" y="${at(y - 3)}" width="6" height="6" />`
  return html`<path class="mark" d="M${at(x)} ${at(y - 4)}l4 7h-8z" />`
}

const at = (value: number): string => value.toFixed(1)

/** Round values: 1, 2 and 5 in each power of ten. */
const round = (power: number): readonly number[] => [1, 2, 5].map((digit) => digit * 10 ** power)

/** Latencies in milliseconds, logarithmic, from a round value below the least to one above the greatest. */
export const latencyAxis = (values: readonly number[]): Axis => {
  const low = Math.max(Math.min(...values), 0.001)
  const high = Math.max(...values, low * 2)
  const candidates = [-3, -2, -1, 0, 1, 2, 3, 4, 5].flatMap(round)
  const below = candidates.filter((tick) => tick <= low).at(-1) ?? low
  const above = candidates.find((tick) => tick >= high) ?? high
  const ticks = candidates.filter((tick) => tick >= below && tick <= above)
  // More than eight would be a wall of lines: then the powers of ten are named alone.
  const named = ticks.length <= 8 ? ticks : ticks.filter((tick) => Number.isInteger(Math.log10(tick)))
  return {
    share: (ms) => Math.log(Math.max(ms, below) / below) / Math.log(above / below),
    ticks: named.map((value) => ({ value, text: msTick(value) })),
  }
}

/** Ticks are round, so they need no digits after the first. */
const msTick = (ms: number): string => (ms >= 1000 ? `${ms / 1000} s` : `${Number(ms.toPrecision(1))} ms`)

/** From 0 to a round value above the greatest. */
export const linearAxis = (values: readonly number[], text: (value: number) => string): Axis => {
  const greatest = Math.max(...values, 1e-9)
  const power = Math.floor(Math.log10(greatest / 4))
  const step = [...round(power), 10 ** (power + 1)].find((each) => each * 5 >= greatest) ?? greatest
  const count = Math.ceil(greatest / step - 1e-9)
  return {
    share: (value) => value / (step * count),
    ticks: Array.from({ length: count + 1 }, (_, at) => Number((at * step).toPrecision(6))).map((value) => ({
      value,
      text: text(value),
    })),
  }
}
