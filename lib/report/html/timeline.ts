import { formatCount, formatMsValue } from '../numbers.ts'
import type { Phase } from '../report.ts'
import { latencyAxis, linearAxis, renderLines, type Axis, type Curve, type Point } from './lines.ts'
import { html, type Html } from './markup.ts'

type Slice = NonNullable<Phase['series']>[number]

const quantiles = ['p50', 'p90', 'p99', 'max'] as const
/** More marks than this would hide their line. */
const mostMarks = 30

/** A phase by the second: how many verdicts, and how long answers took; with the numbers behind it. */
export const renderTimeline = (phase: Phase): Html => {
  const series = phase.series ?? []
  if (series.length < 2) return html``
  const x = timeAxis(series)
  return html`
    <p class="key">Throughput and latency over time</p>
    <div class="charts">
      ${renderLines(
        rateCurves(series, phase.rate),
        { x, y: linearAxis([...series.map(rateOf), phase.rate ?? 0], shortCount) },
        {
          label: `Verdicts a second over time in phase ${phase.name}; the table below has the numbers`,
          below: 'seconds since the start',
        },
      )}
      ${renderLatencies(series, x, phase.name)}
    </div>
    <details>
      <summary>The numbers over time</summary>
      ${renderTable(series, phase.name)}
    </details>
  `
}

const middleOf = ({ atMs, ms }: Slice): number => (atMs + ms / 2) / 1000
const rateOf = ({ judged, ms }: Slice): number => (ms === 0 ? 0 : (judged / ms) * 1000)

const timeAxis = (series: readonly Slice[]): Axis =>
  linearAxis(
    series.map(({ atMs, ms }) => (atMs + ms) / 1000),
    (seconds) => String(seconds),
  )

const rateCurves = (series: readonly Slice[], planned: number | null): readonly Curve[] => {
  const points = series.map((slice): Point => [middleOf(slice), rateOf(slice)])
  const wrong = series.filter(({ misjudged, errors }) => misjudged + errors > 0)
  const [first, last] = [series[0], series.at(-1)]
  return [
    { name: 'verdicts a second', points, marks: [] },
    ...(planned === null || first === undefined || last === undefined
      ? []
      : [
          {
            name: 'planned',
            points: [
              [0, planned],
              [(last.atMs + last.ms) / 1000, planned],
            ] as const,
            marks: [],
          },
        ]),
    ...(wrong.length === 0
      ? []
      : [
          {
            name: 'with errors or misjudged',
            points: [],
            marks: wrong.map((slice): Point => [middleOf(slice), rateOf(slice)]),
          },
        ]),
  ]
}

const renderLatencies = (series: readonly Slice[], x: Axis, name: string): Html => {
  const curves = quantiles.map((key): Curve => {
    const points = series.flatMap((slice): Point[] => {
      const ms = slice.latencyMs[key]
      return ms === null ? [] : [[middleOf(slice), ms]]
    })
    return { name: key, points, marks: points.length > mostMarks ? [] : points }
  })
  const values = curves.flatMap(({ points }) => points.map(([, ms]) => ms))
  if (values.length === 0) return html``
  return renderLines(
    curves,
    { x, y: latencyAxis(values) },
    {
      label: `Latency over time in phase ${name}; the table below has the numbers`,
      below: 'seconds since the start',
    },
  )
}

const renderTable = (series: readonly Slice[], name: string): Html => html`
  <div class="scroll" tabindex="0" role="region" aria-label="Phase ${name} over time">
    <table class="numbers">
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">Verdicts/s</th>
          <th scope="col">Errors</th>
          <th scope="col">Misjudged</th>
          ${quantiles.map((key) => html`<th scope="col">${key}, ms</th>`)}
        </tr>
      </thead>
      <tbody>
        ${series.map(
          (slice) =>
            html`<tr>
              <th scope="row">${(slice.atMs / 1000).toFixed(1)} s</th>
              <td>${formatCount(Math.round(rateOf(slice)))}</td>
              <td>${formatCount(slice.errors)}</td>
              <td>${formatCount(slice.misjudged)}</td>
              ${quantiles.map((key) => html`<td>${formatMsValue(slice.latencyMs[key])}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>
`

/** `12k`, `1.5k`, `250`. */
export const shortCount = (count: number): string =>
  count >= 1000 ? `${Number((count / 1000).toPrecision(3))}k` : String(Number(count.toPrecision(3)))
