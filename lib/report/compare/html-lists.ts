import { html, type Html } from '../html/markup.ts'
import { statusLabel } from '../html/status.ts'
import type { Contestant, Gap, Lonely } from './comparison.ts'
import { whyNot } from './conformance-changes.ts'
import { loadTables, type Figures } from './load-table.ts'

/** What an earlier report judged and a later one did not. */
export const renderGaps = (gaps: readonly Gap[]): Html =>
  gaps.length === 0
    ? html``
    : html`
        <section id="gaps" class="part">
          <h2>Judged before, and not now</h2>
          ${renderTable(
            'Cases judged before, and not now',
            ['Case', 'Before', 'Now', 'Why not'],
            gaps.map(({ result, before, now, verdict }) => [
              html`<code>${result.case}</code> ${result.title}`,
              html`${before}: ${statusLabel(result.verdict.status)}`,
              html`${now}`,
              html`${whyNot(verdict)}`,
            ]),
          )}
        </section>
      `

/** What stands in one report alone, so that there is nothing to compare it with. */
export const renderLonely = (lonely: readonly Lonely[]): Html =>
  lonely.length === 0
    ? html``
    : html`
        <section id="lonely" class="part">
          <h2>Not comparable</h2>
          ${renderTable(
            'Cases that are not comparable',
            ['Case', 'In', 'Verdict', 'Why'],
            lonely.map(({ result, name, changed }) => [
              html`<code>${result.case}</code> ${result.title}`,
              html`${name}`,
              statusLabel(result.verdict.status),
              html`${changed ? 'it sends or expects something else elsewhere' : 'no other report holds it'}`,
            ]),
          )}
        </section>
      `

/** Throughput, latency and the cost of validation of each report that has them. */
export const renderLoads = (contestants: readonly Contestant[]): Html => {
  const tables = loadTables(contestants)
  return html`
    <section id="load" class="part">
      <h2>Under load</h2>
      ${tables.length === 0 ? html`<p class="quiet">None of the reports has a load part.</p>` : tables.map(renderFigures)}
    </section>
  `
}

const renderFigures = ({ title, note, heads, rows }: Figures): Html => html`
  <h3>${title}</h3>
  <p class="quiet">${note}</p>
  ${renderTable(
    title,
    heads,
    rows.map((row) => row.map((cell) => html`${cell}`)),
    'figures-table',
  )}
`

const renderTable = (
  label: string,
  heads: readonly string[],
  rows: readonly (readonly Html[])[],
  kind = '',
): Html => html`
  <div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table class="${kind}">
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([first, ...rest]) =>
            html`<tr>
              <th scope="row">${first}</th>
              ${rest.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>
`
