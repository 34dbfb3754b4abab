import { mismatchKinds } from '../../judge/verdict.ts'
import { describeExpected, describeObserved } from '../describe.ts'
import { groupBy } from '../group.ts'
import { renderExchanges, type Detail } from '../html/exchange.ts'
import { html, type Html } from '../html/markup.ts'
import { baselineOf } from '../html/token.ts'
import type { Evidence, Result } from '../report.ts'
import { topicTitles } from '../topics.ts'
import { cameShortly, cellMark, cellStatus, dangersOf } from './cell.ts'
import type { Contestant, Row } from './comparison.ts'
import { whyNot } from './conformance-changes.ts'
import { kindsOf } from './difference.ts'

export type MatrixOptions = {
  readonly contestants: readonly Contestant[]
  /** How much of the evidence is unfolded; the gist leaves the tokens out. */
  readonly detail: Detail | 'gist'
  /** What a screen reader calls the table. */
  readonly label: string
}

/** Cases as rows under their topic, reports as columns; below each row what was sent and what came back. */
export const renderMatrix = (rows: readonly Row[], options: MatrixOptions): Html => html`
  <div class="scroll" tabindex="0" role="region" aria-label="${options.label}">
    <table class="matrix">
      <thead>
        <tr>
          <th scope="col">Case</th>
          ${options.contestants.map(({ name }) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      ${[...groupBy(rows, ({ model }) => model.topic)].map(
        ([topic, members]) => html`
          <tbody>
            ${
              options.detail === 'gist'
                ? undefined
                : html`<tr class="rowgroup">
                    <th scope="rowgroup" colspan="${options.contestants.length + 1}">
                      ${topicTitles[topic]}
                    </th>
                  </tr>`
            }
            ${members.map((row) => renderRow(row, options))}
          </tbody>
        `,
      )}
    </table>
  </div>
`

const renderRow = ({ model, cells }: Row, options: MatrixOptions): Html => html`
  <tr class="case-row">
    <th scope="row">${model.title} <code>${model.case}</code></th>
    ${cells.map((cell) => html`<td>${renderCell(cell)}</td>`)}
  </tr>
  <tr class="more">
    <td colspan="${cells.length + 1}">
      <details>
        <summary>Evidence</summary>
        <p class="quiet">Expected: ${describeExpected(model.expected)}</p>
        <div class="panels">
          ${cells.map((cell, column) => {
            const contestant = options.contestants[column]
            return contestant === undefined ? html`` : renderPanel(cell, contestant, options.detail)
          })}
        </div>
      </details>
    </td>
  </tr>
`

const renderCell = (result: Result | undefined): Html => {
  const status = cellStatus(result)
  const { glyph, word } = cellMark(status)
  const said =
    result === undefined || status === 'not-applicable' ? [] : [cameShortly(result), ...dangersOf(result)]
  return html`<span class="status ${status}"><span aria-hidden="true">${glyph}</span> ${word}</span>
    <span class="cell">${said.join(', ')}</span>`
}

const renderPanel = (
  result: Result | undefined,
  { name, report }: Contestant,
  detail: MatrixOptions['detail'],
): Html => {
  if (result === undefined)
    return html`<section class="panel">
      <p class="name">${name}</p>
      <p class="quiet">Not in this report.</p>
    </section>`
  const exchanges = exchangesOf(result).slice(0, detail === 'full' ? 2 : 1)
  const shown = detail === 'gist' ? exchanges.map(withoutToken) : exchanges
  return html`
    <section class="panel">
      <p class="name">${name}</p>
      ${renderVerdict(result)}
      <p class="quiet">Came: ${describeObserved(result.observed)}</p>
      ${renderExchanges(shown, {
        baseline: detail === 'full' ? baselineOf(report) : undefined,
        detail: detail === 'gist' ? 'brief' : detail,
      })}
    </section>
  `
}

const renderVerdict = (result: Result): Html => {
  const { verdict, variants = [], waived = [] } = result
  const wrong = variants.filter((variant) => kindsOf(variant.verdict).length > 0)
  return html`
    ${'mismatches' in verdict ? (verdict.mismatches ?? []).map(renderMismatch) : undefined}
    ${
      verdict.status === 'inconclusive' || verdict.status === 'not-applicable'
        ? html`<p>Not judged: ${whyNot(verdict)}</p>`
        : undefined
    }
    ${wrong.length === 0 ? undefined : html`<p class="quiet">In ${wrong.length} of ${variants.length} variants: ${wrong.map(({ name }) => name).join(', ')}</p>`}
    ${waived.map(({ kind, reason }) => html`<p>Waived (${kind}): ${reason}</p>`)}
  `
}

const renderMismatch = ({
  kind,
  detail,
}: {
  readonly kind: keyof typeof mismatchKinds
  readonly detail: string
}): Html =>
  html`<div class="mismatch">
    <p><strong>${mismatchKinds[kind].title}.</strong> ${detail}</p>
  </div>`

/** Of a case with variants, the exchanges of those that decided its verdict. */
const exchangesOf = ({ verdict, variants = [], evidence = [] }: Result): readonly Evidence[] => {
  const deciding = variants.filter((variant) => variant.verdict.status === verdict.status)
  return [...evidence, ...deciding.flatMap((variant) => variant.evidence ?? [])]
}

const withoutToken = ({ request: { token, ...request }, ...exchange }: Evidence): Evidence => ({
  ...exchange,
  request,
})
