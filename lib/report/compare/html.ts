import { topicTitles } from '../topics.ts'
import { groupBy } from '../group.ts'
import { html, type Html } from '../html/markup.ts'
import { renderPage } from '../html/page.ts'
import { counted } from '../outcome.ts'
import type { Gate } from './baseline.ts'
import { glanceCells, glanceHeads } from './cell.ts'
import type { Comparison, Contestant, Row } from './comparison.ts'
import { agreementOf, type Agreement } from './difference.ts'
import { renderGates } from './html-gates.ts'
import { renderGaps, renderLoads, renderLonely } from './html-lists.ts'
import { renderMatrix } from './html-matrix.ts'
import { compareStyle } from './style.ts'

/** Renders a comparison as one page: differences first, evidence to unfold in each row, load below. */
export const renderComparisonHtml = (comparison: Comparison, gates: readonly Gate[]): string => {
  const { contestants, rows, gaps, lonely } = comparison
  const of = (agreement: Agreement): readonly Row[] => rows.filter((row) => agreementOf(row) === agreement)
  const [differing, partial, alike] = [of('differs'), of('partly'), of('alike')]
  const title = `${counted(contestants.length, 'report')} compared`
  return renderPage({
    title: `${title} · gateproof`,
    style: compareStyle,
    navigation: html`
      <nav aria-label="Parts of this page">
        <a href="#differences">Differences <span class="count">${differing.length}</span></a>
        <a href="#partly">Judged by some <span class="count">${partial.length}</span></a>
        <a href="#load">Load</a>
        <a href="#alike">The same <span class="count">${alike.length}</span></a>
      </nav>
    `,
    skip: { to: 'compared', text: 'To the comparison' },
    main: [
      renderHead(title, contestants),
      ...(gates.length === 0 ? [] : [renderGates(gates)]),
      html`
        <section id="differences" class="part">
          <h2>Differences</h2>
          ${
            differing.length === 0
              ? html`<p class="quiet">No case was judged differently.</p>`
              : renderMatrix(differing, {
                  contestants,
                  detail: 'full',
                  label: 'Cases that were judged differently',
                })
          }
        </section>
        <section id="partly" class="part">
          <h2>Judged by some alone</h2>
          ${
            partial.length === 0
              ? html`<p class="quiet">What one report judged, all did.</p>`
              : renderMatrix(partial, {
                  contestants,
                  detail: 'brief',
                  label: 'Cases that not every report judged',
                })
          }
        </section>
      `,
      renderGaps(gaps),
      renderLoads(contestants),
      renderAlike(alike, contestants),
      renderLonely(lonely),
    ],
  })
}

const renderHead = (title: string, contestants: readonly Contestant[]): Html => html`
  <section class="glance" aria-labelledby="compared">
    <h1 id="compared">${title}</h1>
    <div class="scroll" tabindex="0" role="region" aria-label="The reports">
      <table>
        <thead>
          <tr>
            ${glanceHeads.map((head) => html`<th scope="col">${head}</th>`)}
            <th scope="col">target</th>
            <th scope="col">made</th>
          </tr>
        </thead>
        <tbody>
          ${contestants.map(
            ({ name, report }) =>
              html`<tr>
                <th scope="row">${name}</th>
                ${glanceCells(report).map((cell) => html`<td>${cell}</td>`)}
                <td><code>${report.target.url}</code></td>
                <td>${report.started.slice(0, 10)}, gateproof ${report.tool.version}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>
`

const renderAlike = (rows: readonly Row[], contestants: readonly Contestant[]): Html => html`
  <section id="alike" class="part">
    <h2>The same everywhere</h2>
    ${rows.length === 0 ? html`<p class="quiet">No case.</p>` : undefined}
    ${[...groupBy(rows, ({ model }) => model.topic)].map(
      ([topic, members]) => html`
        <details class="topic">
          <summary>
            <h3>${topicTitles[topic]}</h3>
            <span class="tally">${counted(members.length, 'case')}</span>
          </summary>
          ${renderMatrix(members, { contestants, detail: 'gist', label: topicTitles[topic] })}
        </details>
      `,
    )}
  </section>
`
