import { formatMicros } from '../numbers.ts'
import type { Validation } from '../report.ts'
import { html, type Html } from './markup.ts'

const width = 420
const row = 30
const plot = { left: 190, right: 406, top: 26 } as const

type Row = {
  readonly name: string
  readonly median: number
  readonly low: number
  readonly high: number
  readonly told: boolean
}

/** What validating costs: each median difference with its 95 % interval. */
export const renderForest = (validation: Validation): Html => {
  const { aa, differences } = validation
  const rows: readonly Row[] = [
    ...(aa === null
      ? []
      : [{ name: 'A/A control', median: (aa.low + aa.high) / 2, ...aa, told: !holdsZero(aa) }]),
    ...differences.map(({ significant, ...each }) => ({ ...each, told: significant })),
  ]
  const { x, ticks } = axisOf(rows)
  const bottom = plot.top + rows.length * row
  return html`
    <figure class="chart">
      <svg
        viewBox="0 0 ${width} ${bottom + 40}"
        role="img"
        aria-label="Median differences in microseconds with their intervals; the table beside it has the numbers"
      >
        ${ticks.map(
          (us) => html`
            <line
              class="${us === 0 ? 'zero' : 'grid'}"
              x1="${at(x(us))}"
              x2="${at(x(us))}"
              y1="${plot.top - 8}"
              y2="${bottom}"
            />
            <text x="${at(x(us))}" y="${bottom + 17}" text-anchor="middle"
              >${String(us).replace('-', '−')}</text
            >
          `,
        )}
        ${rows.map((each, index) => renderRow(each, { y: plot.top + index * row + row / 2, x }))}
        <text x="${(plot.left + plot.right) / 2}" y="${bottom + 34}" text-anchor="middle">µs more</text>
      </svg>
      <figcaption>
        <span class="quiet">Filled: a difference. Hollow: inside the noise.</span>
      </figcaption>
    </figure>
  `
}

/** The same in numbers. */
export const renderForestTable = (validation: Validation): Html => html`
  <div class="scroll" tabindex="0" role="region" aria-label="Validation cost">
    <table class="numbers">
      <thead>
        <tr>
          <th scope="col">What costs more</th>
          <th scope="col">Difference</th>
          <th scope="col">95 % interval</th>
          <th scope="col">Verdict</th>
        </tr>
      </thead>
      <tbody>
        ${validation.aa === null ? undefined : renderTwice(validation.aa)}
        ${validation.differences.map(
          ({ name, median, low, high, significant, of, from }) =>
            html`<tr>
              <th scope="row">
                ${name}${of === undefined || from === undefined ? undefined : html`<br /><span class="quiet">${of} − ${from}</span>`}
              </th>
              <td>${formatMicros(median, 'signed')}</td>
              <td>${interval({ low, high })}</td>
              <td>${significant ? 'a difference' : 'inside the noise'}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>
`

const renderTwice = (aa: NonNullable<Validation['aa']>): Html => html`
  <tr>
    <th scope="row">A/A control<br /><span class="quiet">the same requests twice, 99.9 % interval</span></th>
    <td>–</td>
    <td>${interval(aa)}</td>
    <td>${holdsZero(aa) ? 'inside the noise' : 'a difference'}</td>
  </tr>
`

const holdsZero = ({ low, high }: NonNullable<Validation['aa']>): boolean => low <= 0 && high >= 0

const interval = ({ low, high }: { readonly low: number; readonly high: number }): string =>
  `${formatMicros(low, 'signed')} … ${formatMicros(high, 'signed')}`

const renderRow = (
  { name, median, low, high, told }: Row,
  { y, x }: { readonly y: number; readonly x: (us: number) => number },
): Html => html`
  <text x="${plot.left - 12}" y="${y + 4}" text-anchor="end"
    >${name.length > 30 ? `${name.slice(0, 29)}…` : name}</text
  >
  <line class="interval" x1="${at(x(low))}" x2="${at(x(high))}" y1="${y}" y2="${y}" />
  <line class="interval" x1="${at(x(low))}" x2="${at(x(low))}" y1="${y - 5}" y2="${y + 5}" />
  <line class="interval" x1="${at(x(high))}" x2="${at(x(high))}" y1="${y - 5}" y2="${y + 5}" />
  <circle class="${told ? 'told' : 'untold'}" cx="${at(x(median))}" cy="${y}" r="4.5" />
`

const at = (value: number): string => value.toFixed(1)

const axisOf = (
  rows: readonly Row[],
): { readonly x: (us: number) => number; readonly ticks: readonly number[] } => {
  const low = Math.min(0, ...rows.map((each) => each.low))
  const high = Math.max(1, ...rows.map((each) => each.high))
  const rough = (high - low) / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((each) => each >= rough) ?? rough
  const first = Math.floor(low / step)
  const last = Math.ceil(high / step)
  const ticks = Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(6)),
  )
  const x = (us: number): number =>
    plot.left + ((us - first * step) / ((last - first) * step)) * (plot.right - plot.left)
  return { x, ticks }
}
