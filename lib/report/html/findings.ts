import { mismatchKinds, type Safety } from '../../judge/verdict.ts'
import { safetyTitles } from '../describe.ts'
import type { Finding } from '../findings.ts'
import { counted } from '../outcome.ts'
import type { Evidence, Result } from '../report.ts'
import { renderExchanges } from './exchange.ts'
import { renderJudgement } from './judgement.ts'
import { html, type Html } from './markup.ts'
import { statusLabel } from './status.ts'

type Token = NonNullable<Evidence['request']['token']>

/** So many exchanges of a finding are shown; the rest is in report.json. */
const exchangesShown = 6
/** The first findings are told with their evidence unfolded; a list of all stands above where there are more. */
const unfolded = 4

const groups: readonly {
  readonly status: 'fail' | 'warn'
  readonly safety?: Safety
  readonly title: string
  readonly text: string
}[] = [
  {
    status: 'fail',
    safety: 'fails-open',
    title: safetyTitles['fails-open'],
    text: 'A bad request got in, or reached the upstream. Begin here.',
  },
  {
    status: 'fail',
    safety: 'fails-closed',
    title: safetyTitles['fails-closed'],
    text: 'A good request was refused, or the gateway gave no answer.',
  },
  {
    status: 'fail',
    safety: 'protocol',
    title: safetyTitles.protocol,
    text: 'Refused as it should be, but not as the standard says.',
  },
  { status: 'warn', title: 'Warnings', text: 'The standard says “should”, not “must”.' },
]

/** All that is wrong, the most dangerous first, each with its evidence. */
export const renderFindings = (findings: readonly Finding[], baseline: Token | undefined): Html => html`
  <section id="findings" class="part">
    <h2>Findings</h2>
    ${findings.length === 0 ? html`<p class="quiet">Nothing that was judged is wrong.</p>` : undefined}
    ${findings.length > 1 ? renderList(findings) : undefined}
    ${groups.map((group) => {
      const members = findings.filter(
        ({ status, safety }) =>
          status === group.status && (group.safety === undefined || safety === group.safety),
      )
      return members.length === 0
        ? html``
        : html`
            <section class="group">
              <h3>${group.title} <span class="count">${members.length}</span></h3>
              <p class="quiet">${group.text}</p>
              ${members.map((finding) =>
                renderFinding(finding, { baseline, isOpen: findings.indexOf(finding) < unfolded }),
              )}
            </section>
          `
    })}
  </section>
`

const renderList = (findings: readonly Finding[]): Html => html`
  <ol class="index">
    ${findings.map(({ result, status, mismatches: [worst] }) => {
      const kind = worst === undefined ? '' : mismatchKinds[worst.kind].title
      return html`<li>
        ${statusLabel(status)} <a href="#finding-${result.case}">${result.title}</a>
        <span class="quiet">${kind}</span>
      </li>`
    })}
  </ol>
`

const renderFinding = (
  { result, status }: Finding,
  { baseline, isOpen }: { readonly baseline: Token | undefined; readonly isOpen: boolean },
): Html => {
  const exchanges = provingExchanges(result)
  const rest = exchanges.length - exchangesShown
  return html`
    <article class="finding ${status}" id="finding-${result.case}">
      <h4>${result.title}</h4>
      <p class="tags">
        ${statusLabel(status)} <span class="severity">${result.severity}</span> <code>${result.case}</code>
      </p>
      ${renderJudgement(result)}
      ${
        exchanges.length === 0
          ? undefined
          : html`<details class="evidence" ${isOpen ? ' open' : ''}>
              <summary>What was sent and what came back</summary>
              ${renderExchanges(exchanges.slice(0, exchangesShown), { baseline, detail: 'full' })}
              ${rest > 0 ? html`<p class="quiet">${counted(rest, 'more exchange')} in report.json.</p>` : undefined}
              <p class="quiet">Send it again: <code>gateproof token ${result.case} --curl</code></p>
            </details>`
      }
    </article>
  `
}

/** Of a case with variants, the exchanges of those that went wrong. */
const provingExchanges = (result: Result): readonly Evidence[] => {
  const wrong = (result.variants ?? []).filter(({ verdict }) => verdict.status === result.verdict.status)
  const proving = wrong.flatMap((variant) => variant.evidence ?? [])
  return proving.length > 0 ? proving : (result.evidence ?? [])
}
