import type { Topic } from '../../config/suite.ts'
import { severities } from '../../config/suite.ts'
import { statusMarks, statusOrder } from '../describe.ts'
import { isWaived } from '../findings.ts'
import { groupBy } from '../group.ts'
import { counted } from '../outcome.ts'
import type { Evidence, Result } from '../report.ts'
import { topicTitles } from '../topics.ts'
import { renderExchanges } from './exchange.ts'
import { renderJudgement } from './judgement.ts'
import { html, type Html } from './markup.ts'
import { statusLabel } from './status.ts'

type Token = NonNullable<Evidence['request']['token']>

/** Every case by topic, folded; a form above narrows them down where scripts run, and stays hidden where they don't. */
export const renderCases = (results: readonly Result[], baseline: Token | undefined): Html => {
  const topics = groupBy(results, (result) => result.topic)
  return html`
    <section id="cases" class="part">
      <h2>All cases</h2>
      ${renderFilters([...topics.keys()])}
      <p id="shown" class="quiet" role="status">${counted(results.length, 'case')}</p>
      ${[...topics].map(([topic, members]) => renderTopic(topic, { members, baseline }))}
    </section>
  `
}

const renderFilters = (topics: readonly Topic[]): Html => html`
  <form id="filters" hidden>
    <fieldset>
      <legend>Verdict</legend>
      ${statusOrder.map(
        (status) =>
          html`<label class="toggle"
            ><input type="checkbox" name="status" value="${status}" checked />
            ${statusMarks[status].word}</label
          >`,
      )}
    </fieldset>
    <label
      >Severity
      <select name="severity">
        <option value="">any</option>
        ${severities.map((each) => html`<option>${each}</option>`)}
      </select></label
    >
    <label
      >Topic
      <select name="topic">
        <option value="">any</option>
        ${topics.map((each) => html`<option>${each}</option>`)}
      </select></label
    >
    <label class="search"
      >Search <input type="search" name="text" placeholder="case, requirement, words" autocomplete="off"
    /></label>
    <button type="reset">Show all</button>
  </form>
`

const renderTopic = (
  topic: Topic,
  { members, baseline }: { readonly members: readonly Result[]; readonly baseline: Token | undefined },
): Html => html`
  <details class="topic" data-topic="${topic}">
    <summary>
      <h3>${topicTitles[topic]}</h3>
      <code class="quiet">${topic}</code>
      <span class="tally">${tallyOf(members)}</span>
    </summary>
    ${members.map((result) => renderCase(result, baseline))}
  </details>
`

const tallyOf = (members: readonly Result[]): readonly Html[] =>
  statusOrder.flatMap((status) => {
    const count = members.filter((result) => result.verdict.status === status).length
    const { glyph, word } = statusMarks[status]
    return count === 0
      ? []
      : [
          html`<span class="status ${status}"
            ><span aria-hidden="true">${glyph}</span> ${count} ${word}</span
          >`,
        ]
  })

const renderCase = (result: Result, baseline: Token | undefined): Html => {
  const { status } = result.verdict
  const waived = isWaived(result)
  const isFinding = (status === 'fail' || status === 'warn') && !waived
  const [first] = result.evidence ?? result.variants?.flatMap((variant) => variant.evidence ?? []) ?? []
  return html`
    <details
      class="case"
      id="case-${result.case}"
      data-status="${status}"
      data-severity="${result.severity}"
      data-requirement="${result.requirement}"
    >
      <summary>
        ${statusLabel(waived ? 'waived' : status)}
        <span class="title">${result.title}</span>
        <code>${result.case}</code>
        <span class="severity">${result.severity}</span>
      </summary>
      <div class="body">
        ${
          isFinding
            ? html`<p>
                <a href="#finding-${result.case}"
                  >What was sent and what came back is told among the findings.</a
                >
              </p>`
            : html`${renderJudgement(result)}
              ${renderExchanges(first === undefined ? [] : [first], { baseline, detail: 'brief' })}`
        }
      </div>
    </details>
  `
}
