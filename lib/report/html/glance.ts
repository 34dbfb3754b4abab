import { statusMarks, statusOrder } from '../describe.ts'
import { formatCount, formatDuration } from '../numbers.ts'
import { outcomeOf, type Outcome } from '../outcome.ts'
import type { Conformance, Load, Report } from '../report.ts'
import { html, type Html } from './markup.ts'

const glyphs = { good: '✓', bad: '✕', unsure: '?' } as const

/** The verdict at a glance: what came out, how much was judged, what the exit code means. */
export const renderGlance = (report: Report): Html => {
  const outcome = outcomeOf(report)
  const took = formatDuration(Date.parse(report.finished) - Date.parse(report.started))
  return html`
    <section class="glance ${outcome.tone}" aria-labelledby="verdict">
      <p class="where"><strong>${report.target.name}</strong> <span>${report.target.url}</span></p>
      <h1 id="verdict">
        <span class="sign" aria-hidden="true">${glyphs[outcome.tone]}</span> ${outcome.headline}
      </h1>
      ${
        outcome.grounds.length === 0
          ? undefined
          : html`<ul class="grounds">
              ${outcome.grounds.map(renderGround)}
            </ul>`
      }
      ${
        report.complete
          ? undefined
          : html`<p class="partial">
              <strong>Partial.</strong> The run was interrupted; cases that did not run are inconclusive.
            </p>`
      }
      <div class="figures">
        ${report.conformance === undefined ? undefined : renderJudged(outcome, report.conformance)}
        ${report.load === undefined ? undefined : renderLoadFigures(report.load)}
      </div>
      <p class="exit">
        <strong>Exit ${outcome.exit.code}</strong>: ${outcome.exit.meaning}.
        ${outcome.exit.reasons.map((reason) => html` ${sentence(reason)}`)}
      </p>
      <p class="quiet">
        <time datetime="${report.started}">${report.started.slice(0, 16).replace('T', ' ')} UTC</time>, took
        ${took} · gateproof ${report.tool.version}
      </p>
    </section>
  `
}

/** The number that a ground begins with is what the eye looks for. */
const renderGround = (ground: string): Html => {
  const count = /^[\d,]+/.exec(ground)?.[0] ?? ''
  return html`<li><strong>${count}</strong>${ground.slice(count.length)}</li>`
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`

const renderJudged = (outcome: Outcome, { summary }: Conformance): Html => html`
  <div class="figure wide">
    <p class="number">${outcome.judged}<span class="of"> of ${outcome.planned}</span></p>
    <p class="label">cases judged</p>
    ${renderBar(summary)}
    <ul class="legend">
      ${statusOrder.map((status) => {
        const { glyph, word } = statusMarks[status]
        return html`<li class="status ${status}">
          <span aria-hidden="true">${glyph}</span> ${countOf(summary, status)} ${word}
        </li>`
      })}
      ${summary.waived === 0 ? undefined : html`<li class="status waived">${summary.waived} of these waived</li>`}
    </ul>
  </div>
`

const countOf = (summary: Conformance['summary'], status: (typeof statusOrder)[number]): number =>
  summary[status === 'not-applicable' ? 'notApplicable' : status]

/** The legend below says the same in words, so the bar is for the eye alone. */
const renderBar = (summary: Conformance['summary']): Html => {
  const total = statusOrder.reduce((sum, status) => sum + countOf(summary, status), 0)
  let from = 0
  const pieces = statusOrder.map((status) => {
    const width = total === 0 ? 0 : (countOf(summary, status) / total) * 1000
    const piece = html`<rect
      class="${status}"
      x="${from.toFixed(1)}"
      y="0"
      width="${Math.max(0, width - 2).toFixed(1)}"
      height="10"
    />`
    from += width
    return width === 0 ? html`` : piece
  })
  return html`<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
    ${pieces}
  </svg>`
}

const renderLoadFigures = (load: Load): Html => {
  const requests = load.phases.reduce((sum, phase) => sum + phase.requests, 0)
  const misjudged = load.phases
    .flatMap((phase) => phase.classes)
    .reduce((sum, each) => sum + each.misjudged, 0)
  const met = load.thresholds.filter((threshold) => threshold.ok).length
  return html`
    <div class="figure">
      <p class="number">${formatCount(misjudged)}</p>
      <p class="label">misjudged under load, of ${formatCount(requests)} requests</p>
    </div>
    ${
      load.thresholds.length === 0
        ? undefined
        : html`<div class="figure">
            <p class="number">${met}<span class="of"> of ${load.thresholds.length}</span></p>
            <p class="label">thresholds met</p>
          </div>`
    }
  `
}
