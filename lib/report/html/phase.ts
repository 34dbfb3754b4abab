import { decodeHistogram } from '../../load/histogram-codec.ts'
import { formatCount, formatDuration, formatMs, formatMsValue, formatRate } from '../numbers.ts'
import { counted } from '../outcome.ts'
import type { Phase } from '../report.ts'
import { html, type Html } from './markup.ts'
import { pointsOf, renderPercentiles } from './percentiles.ts'
import { renderTimeline } from './timeline.ts'
import type { Curve, Point } from './lines.ts'

/** So many classes are drawn; all are in the table. */
const classesDrawn = 3

/** A phase: what was sent, how long answers took by class, and what was misjudged. */
export const renderPhase = (phase: Phase): Html => html`
  <h3>Phase ${phase.name}</h3>
  <p>
    ${phase.model === 'open' ? 'Open model: latency counts from when a request was due.' : 'Closed model: latency is service time, and no evidence for a service level.'}
    ${counted(phase.connections, 'connection')}, ${formatDuration(phase.ms)}.
  </p>
  <dl class="strip">
    ${factsOf(phase).map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>
  <div class="pair">${renderCurves(phase)}${renderClasses(phase)}</div>
  ${renderTimeline(phase)} ${renderOffenders(phase)}
`

const factsOf = (phase: Phase): readonly (readonly [string, string])[] => [
  ['rate', formatRate(phase.perSecond)],
  ...(phase.rate === null ? [] : [['planned', formatRate(phase.rate)] as const]),
  ['sent', formatCount(phase.sent)],
  ['answered', formatCount(phase.answered)],
  ['lost', formatCount(phase.lost)],
  ...(phase.loopDelayP99Ms === undefined || phase.loopDelayP99Ms === null
    ? []
    : [['generator’s own delay, p99', formatMs(phase.loopDelayP99Ms)] as const]),
  ...(phase.waited === undefined || phase.waited === null || phase.waited === 0
    ? []
    : [['waited for a connection', formatCount(phase.waited)] as const]),
  ...Object.entries(phase.errors).map(([name, count]) => [name, formatCount(count)] as const),
]

const renderCurves = (phase: Phase): Html => {
  const curves: readonly Curve[] = [
    { name: 'all requests', points: histogramPoints(phase.histogram), marks: [] },
    ...phase.classes.slice(0, classesDrawn).map(curveOf),
  ]
  return renderPercentiles(
    curves,
    `Latency by percentile in phase ${phase.name}; the table beside it has the numbers`,
  )
}

/** Without a histogram of its own a class is drawn through its percentiles. */
const curveOf = ({ case: name, latencyMs, requests, histogram }: Phase['classes'][number]): Curve => {
  const marks = quantiles.flatMap(({ key, share }) => {
    const ms = latencyMs[key]
    return ms === null || isThin(share, requests) ? [] : [[share, ms] as const]
  })
  const points = histogram === undefined ? [] : histogramPoints(histogram)
  return { name, marks, points: points.length === 0 ? marks : points }
}

/** A histogram that can't be read leaves the table, which needs none. */
const histogramPoints = (text: string): readonly Point[] => {
  try {
    return pointsOf(decodeHistogram(text))
  } catch (error) {
    if (error instanceof RangeError) return []
    throw error
  }
}

const quantiles = [
  { key: 'p50', share: 0.5 },
  { key: 'p90', share: 0.9 },
  { key: 'p99', share: 0.99 },
  { key: 'p99.9', share: 0.999 },
] as const

/** Fewer than ten samples beyond a quantile say little about it. */
const isThin = (share: number, samples: number): boolean => samples * (1 - share) < 10

const renderClasses = (phase: Phase): Html => html`
  <div class="scroll" tabindex="0" role="region" aria-label="Classes of phase ${phase.name}">
    <table class="numbers">
      <thead>
        <tr>
          <th scope="col">Class</th>
          <th scope="col">Requests</th>
          <th scope="col">Let in wrongly</th>
          <th scope="col">Refused wrongly</th>
          ${quantiles.map(({ key }) => html`<th scope="col">${key}</th>`)}
          <th scope="col">max</th>
        </tr>
      </thead>
      <tbody>
        ${phase.classes.map(
          ({ case: name, requests, falseAccepts, falseRefusals, latencyMs }) =>
            html`<tr>
              <th scope="row"><code>${name}</code></th>
              <td>${formatCount(requests)}</td>
              ${misjudged(falseAccepts)}${misjudged(falseRefusals)}${latencyCells(latencyMs, requests)}
            </tr>`,
        )}
        <tr class="sum">
          <th scope="row">all</th>
          <td>${formatCount(phase.requests)}</td>
          ${misjudged(sumOf(phase, 'falseAccepts'))}${misjudged(sumOf(phase, 'falseRefusals'))}${latencyCells(phase.latencyMs, phase.requests)}
        </tr>
        ${phase.model === 'open' && phase.serviceMs !== undefined ? renderService(phase.serviceMs, phase) : undefined}
      </tbody>
    </table>
    <p class="quiet">
      Latency in milliseconds.
      ${phase.classes.length > classesDrawn ? `The curves are of all and of the first ${classesDrawn} classes.` : undefined}
      ${boundOf(phase)} ${tokensOf(phase)} †: fewer than ten samples lie beyond.
    </p>
  </div>
`

/** What a generator would show that does not count the time in which a request waited for its turn. */
const renderService = (service: Phase['latencyMs'], { requests }: Phase): Html => html`
  <tr>
    <th scope="row">all, from when they were sent</th>
    <td></td>
    <td></td>
    <td></td>
    ${latencyCells(service, requests)}
  </tr>
`

const latencyCells = (latency: Phase['latencyMs'], requests: number): readonly Html[] => [
  ...quantiles.map(({ key, share }) =>
    isThin(share, requests)
      ? html`<td class="quiet">${formatMsValue(latency[key])} †</td>`
      : html`<td>${formatMsValue(latency[key])}</td>`,
  ),
  html`<td>${formatMsValue(latency.max)}</td>`,
]

const misjudged = (count: number): Html =>
  count === 0
    ? html`<td>0</td>`
    : html`<td>
        <strong class="status fail"><span aria-hidden="true">✕</span> ${formatCount(count)}</strong>
      </td>`

const sumOf = (phase: Phase, key: 'falseAccepts' | 'falseRefusals'): number =>
  phase.classes.reduce((sum, each) => sum + each[key], 0)

/** The rule of three: none of n says that at most 3/n are, with a confidence of 95 %. */
const boundOf = (phase: Phase): string =>
  phase.requests === 0 || sumOf(phase, 'falseAccepts') + sumOf(phase, 'falseRefusals') > 0
    ? ''
    : `None of ${formatCount(phase.requests)} misjudged: with 95 % confidence at most 1 in ${formatCount(Math.floor(phase.requests / 3))} is.`

/** One token over and over measures a gateway's cache, so how many there were belongs beside the numbers. */
const tokensOf = (phase: Phase): string =>
  phase.classes
    .flatMap(({ case: name, tokens }) =>
      tokens === undefined
        ? []
        : [
            `${name}: ${counted(tokens.distinct, 'token')}, each sent ${counted(tokens.timesEach, 'time')} at most.`,
          ],
    )
    .join(' ')

const renderOffenders = ({ offenders }: Phase): Html =>
  offenders.length === 0
    ? html``
    : html`
        <p class="key">The first that were misjudged</p>
        <ul>
          ${offenders.map(renderOffender)}
        </ul>
      `

const renderOffender = ({
  case: id,
  expected,
  status,
  challenge,
  request,
}: Phase['offenders'][number]): Html => html`
  <li>
    <code>${id}</code>: had to be ${expected === 'refused' ? 'refused' : 'let in'}, was answered with
    ${status ?? 'nothing'}${challenge === undefined ? '' : `, challenge ${challenge}`}.
    ${id === 'valid' ? undefined : html`Again: <code>gateproof token --curl ${id}</code>`}
    ${
      request === undefined
        ? undefined
        : html`<details>
            <summary>What was sent: ${request.method} ${request.path}</summary>
            ${
              request.token === undefined
                ? html`<p class="quiet">No token that can be read.</p>`
                : html`<pre>
${request.token.header}
${request.token.claims}</pre>`
            }
          </details>`
    }
  </li>
`
