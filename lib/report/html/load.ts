import { counted } from '../outcome.ts'
import type { Load } from '../report.ts'
import { renderForest, renderForestTable } from './forest.ts'
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
    ${load.validation === undefined ? undefined : renderValidation(load.validation)}
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
    Median of ${counted(validation.blocks, 'paired difference')} to “${validation.baseline}”, with 95 %
    intervals.
    ${validation.valid ? '' : 'Not valid: the baseline differs from itself, so the machine was too noisy.'}
    ${validation.note}
  </p>
  <div class="pair">${renderForest(validation)}${renderForestTable(validation)}</div>
`
