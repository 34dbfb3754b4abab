import { formatCount, formatMicros } from '../numbers.ts'
import { counted } from '../outcome.ts'
import type { Load } from '../report.ts'
import { renderCeiling } from './ceiling.ts'
import { renderForest, renderForestTable } from './forest.ts'
import { renderRun } from './load-run.ts'
import { html, type Html } from './markup.ts'
import { renderPhase } from './phase.ts'
import { statusLabel } from './status.ts'

/** What was found under load: whether verdicts held, how long answers took, what validating costs. */
export const renderLoad = (load: Load): Html => html`
  <section id="load" class="part">
    <h2>Under load</h2>
    ${
      load.valid
        ? undefined
        : html`<div class="invalid">
            <p><strong>? The measurement is not valid.</strong> Its numbers prove nothing:</p>
            <ul>
              ${load.invalid.map((reason) => html`<li>${reason}</li>`)}
            </ul>
          </div>`
    }
    ${renderThresholds(load.thresholds)} ${load.phases.map((phase) => renderPhase(phase))}
    ${load.ceiling === undefined ? undefined : renderCeiling(load.ceiling)}
    ${load.validation === undefined ? undefined : renderValidation(load.validation)} ${renderRun(load)}
  </section>
`

const renderThresholds = (thresholds: Load['thresholds']): Html =>
  thresholds.length === 0
    ? html``
    : html`
        <h3>Thresholds</h3>
        <div class="scroll" tabindex="0" role="region" aria-label="Thresholds">
          <table class="numbers">
            <thead>
              <tr>
                <th scope="col">Threshold</th>
                <th scope="col">Measured</th>
                <th scope="col">Held</th>
              </tr>
            </thead>
            <tbody>
              ${thresholds.map(
                ({ expression, value, ok }) =>
                  html`<tr>
                    <th scope="row"><code>${expression}</code></th>
                    <td>${value ?? 'no sample'}</td>
                    <td>${statusLabel(ok ? 'pass' : 'fail')}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      `

const renderValidation = (validation: NonNullable<Load['validation']>): Html => html`
  <h3>What validating a token costs</h3>
  <p>
    Medians of ${counted(validation.blocks, 'paired difference')} on an idle connection, with bootstrap
    intervals of 95 %. Where an interval holds 0, the difference is inside the noise.
    ${validation.valid ? '' : 'Not valid: these differences prove nothing.'} ${validation.note}
  </p>
  <div class="pair">${renderForest(validation)}${renderForestTable(validation)}</div>
  ${renderVariants(validation.variants)}
`

const renderVariants = (variants: NonNullable<Load['validation']>['variants']): Html =>
  variants.length === 0
    ? html``
    : html`
        <details>
          <summary>How long each kind of request took</summary>
          <div class="scroll" tabindex="0" role="region" aria-label="Requests compared">
            <table class="numbers">
              <thead>
                <tr>
                  <th scope="col">Request</th>
                  <th scope="col">Median</th>
                  <th scope="col">Samples</th>
                </tr>
              </thead>
              <tbody>
                ${variants.map(
                  ({ name, p50, samples }) =>
                    html`<tr>
                      <th scope="row">${name}</th>
                      <td>${formatMicros(p50)}</td>
                      <td>${formatCount(samples)}</td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>
        </details>
      `
