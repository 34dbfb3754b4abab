import { formatCount, formatMsValue, formatRate } from '../numbers.ts'
import type { Load } from '../report.ts'
import { latencyAxis, linearAxis, renderLines, type Curve, type Point } from './lines.ts'
import { html, type Html } from './markup.ts'
import { statusLabel } from './status.ts'
import { shortCount } from './timeline.ts'

type Ceiling = NonNullable<Load['ceiling']>
type Step = Ceiling['curve'][number]

/** How the target fares as the rate goes up, and the highest rate at which the thresholds held. */
export const renderCeiling = (ceiling: Ceiling): Html => html`
  <h3>The ceiling</h3>
  <p>
    ${
      ceiling.highest === null
        ? 'The thresholds held at no rate that was tried.'
        : html`The thresholds held up to <strong>${formatRate(ceiling.highest)}</strong>.`
    }
    ${limitOf(ceiling.limit)}
  </p>
  <div class="pair">${renderCurve(ceiling.curve)}${renderTable(ceiling.curve)}</div>
`

const limits: Readonly<Record<string, string>> = {
  crossed: 'Above it a threshold was crossed.',
  generator: 'Above it the generator did not keep up: the target may bear more.',
  stopped: 'The search did not come to its end.',
  upTo: 'Higher rates were not asked for.',
}

const limitOf = (limit: string | undefined): string => (limit === undefined ? '' : (limits[limit] ?? limit))

const renderCurve = (steps: readonly Step[]): Html => {
  const line = (of: (step: Step) => number | null): readonly Point[] =>
    steps.flatMap((step) => {
      const ms = of(step)
      return ms === null ? [] : [[step.rate, ms] as const]
    })
  const [p50, p99] = [line((step) => step.p50Ms), line((step) => step.p99Ms)]
  const crossed = line((step) => (step.ok ? null : step.p99Ms))
  const values = [...p50, ...p99].map(([, ms]) => ms)
  if (values.length === 0) return html``
  const curves: readonly Curve[] = [
    { name: 'p50', points: p50, marks: [] },
    { name: 'p99', points: p99, marks: p99.filter((point) => !crossed.some(([rate]) => rate === point[0])) },
    ...(crossed.length === 0 ? [] : [{ name: 'did not hold', points: [], marks: crossed }]),
  ]
  return renderLines(
    curves,
    {
      x: linearAxis(
        steps.map(({ rate }) => rate),
        shortCount,
      ),
      y: latencyAxis(values),
    },
    { label: 'Latency by rate; the table beside it has the numbers', below: 'requests a second' },
  )
}

const renderTable = (steps: readonly Step[]): Html => html`
  <div class="scroll" tabindex="0" role="region" aria-label="The ceiling">
    <table class="numbers">
      <thead>
        <tr>
          <th scope="col">Rate</th>
          <th scope="col">Verdicts/s</th>
          <th scope="col">p50, ms</th>
          <th scope="col">p99, ms</th>
          <th scope="col">Errors</th>
          <th scope="col">Held</th>
        </tr>
      </thead>
      <tbody>
        ${steps.map(
          (step) =>
            html`<tr>
              <th scope="row">${formatRate(step.rate)}</th>
              <td>${formatCount(Math.round(step.perSecond))}</td>
              <td>${formatMsValue(step.p50Ms)}</td>
              <td>${formatMsValue(step.p99Ms)}</td>
              <td>${formatCount(step.errors)}</td>
              <td>
                ${statusLabel(step.ok ? 'pass' : 'fail')}${
                  step.reasons === undefined || step.reasons.length === 0
                    ? undefined
                    : html`<br /><span class="quiet">${step.reasons.join('; ')}</span>`
                }
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>
`
