import { mismatchKinds } from '../../judge/verdict.ts'
import { describeExpected, describeObserved, safetyTitles } from '../describe.ts'
import type { Result } from '../report.ts'
import { specLink } from '../spec-link.ts'
import { reasonOf } from '../unlocks.ts'
import { html, type Html } from './markup.ts'
import { renderParagraphs, renderProse } from './prose.ts'
import { statusLabel } from './status.ts'

/** What was expected beside what came, and why it matters: the words of a result, without its evidence. */
export const renderJudgement = (result: Result): Html => html`
  ${renderMismatches(result)} ${renderCause(result)} ${renderWaivers(result)}
  <dl class="facts">
    <dt>Expected</dt>
    <dd>${describeExpected(result.expected)}</dd>
    <dt>Came</dt>
    <dd>${describeObserved(result.observed)}</dd>
    <dt>Standard</dt>
    <dd>${renderSpec(result)}</dd>
    ${
      result.why === undefined
        ? undefined
        : html`<dt>Why</dt>
            <dd>${renderParagraphs(result.why)}</dd>`
    }
    ${
      result.advisories === undefined || result.advisories.length === 0
        ? undefined
        : html`<dt>Seen in</dt>
            <dd>${result.advisories.join(', ')}</dd>`
    }
    ${
      result.verdict.notes.length === 0
        ? undefined
        : html`<dt>Notes</dt>
            <dd>${result.verdict.notes.map((note) => html`<p>${note}</p>`)}</dd>`
    }
  </dl>
  ${renderVariants(result)}
`

const renderMismatches = ({ verdict }: Result): Html => {
  const mismatches = 'mismatches' in verdict ? (verdict.mismatches ?? []) : []
  return html`${mismatches.map(({ kind, safety, level, detail }) => {
    const { title, text } = mismatchKinds[kind]
    return html`
      <div class="mismatch">
        <p><strong>${title}.</strong> ${text}</p>
        <p class="detail">
          ${detail} <span class="quiet">(${safetyTitles[safety].toLowerCase()}, ${level})</span>
        </p>
      </div>
    `
  })}`
}

const renderCause = ({ verdict }: Result): Html => {
  if (verdict.status === 'inconclusive') {
    const { text, advice } = reasonOf(verdict.reason)
    return html`<p>
      <strong>Could not be judged:</strong>
      ${text}.${advice === '' ? undefined : html` To judge it: ${renderProse(advice)}.`}
    </p>`
  }
  if (verdict.status !== 'not-applicable') return html``
  return html`<p>
    <strong>Missing ${verdict.missing.join(', ')}.</strong> To judge it: ${renderProse(verdict.unlock)}.
  </p>`
}

const renderWaivers = ({ waived = [] }: Result): Html =>
  html`${waived.map(
    ({ kind, reason, until }) =>
      html`<p>
        <strong>Waived</strong> (${kind})${until === undefined ? '' : ` until ${until}`}: ${reason}
      </p>`,
  )}`

const renderSpec = ({ spec, requirement, requirementTitle }: Result): Html => {
  const cited = `${spec.document}, section ${spec.section}`
  const link = specLink(spec)
  const citation = link === undefined ? html`${cited}` : html`<a href="${link}" rel="noreferrer">${cited}</a>`
  const sentence = requirementTitle === undefined ? undefined : html`<p>${requirementTitle}.</p>`
  return html`${sentence}${citation} <span class="quiet">· <code>${requirement}</code></span>`
}

const renderVariants = ({ variants = [] }: Result): Html => {
  if (variants.length === 0) return html``
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="Variants">
      <table class="variants">
        <thead>
          <tr>
            <th scope="col">Variant</th>
            <th scope="col">Verdict</th>
            <th scope="col">Came</th>
          </tr>
        </thead>
        <tbody>
          ${variants.map(
            ({ name, verdict, observed }) =>
              html`<tr>
                <th scope="row"><code>${name}</code></th>
                <td>${statusLabel(verdict.status)}</td>
                <td>${describeObserved(observed)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  `
}
