import { findingsOf, resultsOf } from './findings.ts'
import { renderAbout, renderUnlocks } from './html/about.ts'
import { renderCases } from './html/cases.ts'
import { renderFindings } from './html/findings.ts'
import { renderGlance } from './html/glance.ts'
import { renderLoad } from './html/load.ts'
import { html, type Html } from './html/markup.ts'
import { renderPage } from './html/page.ts'
import { script } from './html/script.ts'
import { style } from './html/style.ts'
import { baselineOf } from './html/token.ts'
import { outcomeOf } from './outcome.ts'
import type { Report } from './report.ts'
import { unlocksOf } from './unlocks.ts'

/** Renders report.html: one page that holds all it needs and can load nothing. */
export const renderHtml = (report: Report): string => {
  const results = resultsOf(report)
  const findings = findingsOf(report)
  const baseline = baselineOf(report)
  return renderPage({
    title: `${outcomeOf(report).headline} · ${report.target.name} · gateproof`,
    style,
    script,
    navigation: renderNavigation(report, { findings: findings.length, cases: results.length }),
    skip: { to: 'verdict', text: 'To the verdict' },
    main: [
      renderGlance(report),
      ...(results.length === 0
        ? []
        : [renderFindings(findings, baseline), renderUnlocks(report), renderCases(results, baseline)]),
      ...(report.load === undefined ? [] : [renderLoad(report.load)]),
      renderAbout(report),
    ],
  })
}

const renderNavigation = (
  report: Report,
  counts: { readonly findings: number; readonly cases: number },
): Html => html`
  <nav aria-label="Parts of this report">
    ${counts.cases === 0 ? undefined : html`<a href="#findings">Findings <span class="count">${counts.findings}</span></a>`}
    ${unlocksOf(report).length === 0 ? undefined : html`<a href="#unjudged">Not judged</a>`}
    ${counts.cases === 0 ? undefined : html`<a href="#cases">All cases <span class="count">${counts.cases}</span></a>`}
    ${report.load === undefined ? undefined : html`<a href="#load">Load</a>`}
    <a href="#about">About</a>
  </nav>
`
