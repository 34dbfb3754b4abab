import { createHash } from 'node:crypto'
import { findingsOf, resultsOf } from './findings.ts'
import { renderAbout, renderUnlocks } from './html/about.ts'
import { renderCases } from './html/cases.ts'
import { renderFindings } from './html/findings.ts'
import { renderGlance } from './html/glance.ts'
import { renderLoad } from './html/load.ts'
import { html, rawHtml, type Html } from './html/markup.ts'
import { script } from './html/script.ts'
import { style } from './html/style.ts'
import { baselineOf } from './html/token.ts'
import { outcomeOf } from './outcome.ts'
import type { Report } from './report.ts'
import { unlocksOf } from './unlocks.ts'

/**
 * Renders report.html: one page that holds all it needs and can load nothing, because its policy allows this style
 * sheet and this script by their hashes, and nothing else.
 */
export const renderHtml = (report: Report): string => {
  const results = resultsOf(report)
  const findings = findingsOf(report)
  const baseline = baselineOf(report)
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${outcomeOf(report).headline} · ${report.target.name} · gateproof</title>
        ${element('style', style)}
      </head>
      <body>
        <a class="skip" href="#verdict">To the verdict</a>
        <header class="top">
          <div>
            <strong>gateproof</strong>
            ${renderNavigation(report, { findings: findings.length, cases: results.length })}
          </div>
        </header>
        <main>
          ${renderGlance(report)}
          ${
            results.length === 0
              ? undefined
              : [renderFindings(findings, baseline), renderUnlocks(report), renderCases(results, baseline)]
          }
          ${report.load === undefined ? undefined : renderLoad(report.load)} ${renderAbout(report)}
        </main>
        ${element('script', script)}
      </body>
    </html> `
  return `${page.markup.trim()}\n`
}

/** Not a space may stand between the tags and the text: the policy's hash is of all that is between them. */
const element = (name: 'style' | 'script', text: string): Html => rawHtml(`<${name}>${text}</${name}>`)

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const policy = [
  "default-src 'none'",
  `style-src ${hashOf(style)}`,
  `script-src ${hashOf(script)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

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
