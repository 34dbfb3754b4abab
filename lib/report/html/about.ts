import type { Report } from '../report.ts'
import { unlocksOf } from '../unlocks.ts'
import { html, type Html } from './markup.ts'
import { renderProse } from './prose.ts'
import { statusLabel } from './status.ts'

/** What has no verdict, by cause, with what would give it one. */
export const renderUnlocks = (report: Report): Html => {
  const unlocks = unlocksOf(report)
  if (unlocks.length === 0) return html``
  return html`
    <section id="unjudged" class="part">
      <h2>What would unlock the rest</h2>
      <ul class="unlocks">
        ${unlocks.map(
          ({ status, cause, advice, cases }) =>
            html`<li>
              <span class="number">${cases.length}</span>
              <div>
                <strong>${status === 'inconclusive' ? cause : `missing ${cause}`}</strong>
                ${status === 'inconclusive' ? statusLabel(status) : undefined}
                <details>
                  <summary>${cases.length === 1 ? 'The case' : 'The cases'}</summary>
                  <p class="ids">${cases.map((id) => html`<a href="#case-${id}">${id}</a> `)}</p>
                </details>
              </div>
              <p>${renderProse(advice)}</p>
            </li>`,
        )}
      </ul>
    </section>
  `
}

/** What the run rests on, and how to read this page. */
export const renderAbout = (report: Report): Html => {
  const { conformance } = report
  return html`
    <section id="about" class="part">
      <h2>About this run</h2>
      <dl class="facts">
        <dt>Target</dt>
        <dd>${report.target.name}, ${report.target.url}</dd>
        <dt>Time</dt>
        <dd>${report.started} to ${report.finished}</dd>
        <dt>Tool</dt>
        <dd>${report.tool.name} ${report.tool.version}</dd>
        ${conformance === undefined ? undefined : renderSuite(conformance)}
        <dt>Raw data</dt>
        <dd><a href="report.json">report.json</a>, beside this page, holds all evidence</dd>
      </dl>
      <h3>How to read it</h3>
      <dl class="facts">
        ${meanings.map(
          ([status, meaning]) =>
            html`<dt>${statusLabel(status)}</dt>
              <dd>${meaning}</dd>`,
        )}
      </dl>
    </section>
  `
}

const renderSuite = (conformance: NonNullable<Report['conformance']>): Html => {
  const features = conformance.features.map((feature) =>
    typeof feature === 'string'
      ? feature
      : Object.entries(feature)
          .map(([name, value]) => `${name} ${String(value)}`)
          .join(', '),
  )
  const style = Object.entries(conformance.style).map(([name, value]) => `${name}: ${String(value)}`)
  return html`
    <dt>Suite</dt>
    <dd>version ${conformance.suite.version}, digest <code>${conformance.suite.digest}</code></dd>
    <dt>Features</dt>
    <dd>${features.length === 0 ? 'none' : features.join(', ')}</dd>
    <dt>How it refuses</dt>
    <dd>${style.length === 0 ? 'not learned' : style.join('; ')}</dd>
  `
}

const meanings = [
  ['fail', 'differs from what a standard says a gateway must do'],
  ['warn', 'differs from what a standard says it should do'],
  ['inconclusive', 'ran, but nothing certain can be said; never counted as passed'],
  ['observed', 'nothing is prescribed; what happened is recorded'],
  ['pass', 'as expected, between controls that were let in'],
  ['not-applicable', 'did not run: something that it needs is missing'],
] as const
