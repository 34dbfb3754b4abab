import { isDeepStrictEqual } from 'node:util'
import { escapeHtmlLines } from '../escape.ts'
import { resultsOf } from '../findings.ts'
import type { Evidence, Report } from '../report.ts'
import { html, rawHtml, type Html } from './markup.ts'

type Token = NonNullable<Evidence['request']['token']>
type Members = Readonly<Record<string, unknown>>

/** The good token of this run, which every other differs from; undefined where no result shows it. */
export const baselineOf = (report: Report): Token | undefined =>
  resultsOf(report)
    .flatMap((result) => [result, ...(result.variants ?? [])])
    .flatMap((judged) => judged.evidence ?? [])
    .map((exchange) => exchange.request.token)
    .find((token) => token?.recipe === 'baseline')

/** Seconds by which a token's times may differ from the baseline's without having been changed. */
const mintedApart = 5
const timeClaims = ['iat', 'nbf', 'exp']

/** A token, decoded: each member on a line, the ones that differ from the good token's marked. */
export const renderToken = (token: Token, baseline: Token | undefined): Html => html`
  <p class="made"><span class="key">Token</span> ${token.recipe}</p>
  ${renderPart('Header', token.header, baseline?.header)}
  ${renderPart('Claims', token.claims, baseline?.claims)}
`

const renderPart = (title: string, part: unknown, base: unknown): Html =>
  part === undefined
    ? html``
    : html`<section>
        <p class="key">${title}</p>
        <pre>${isMembers(part) ? renderMembers(part, base) : json(part)}</pre>
      </section>`

const renderMembers = (part: Members, base: unknown): readonly Html[] => {
  if (!isMembers(base)) return Object.entries(part).map(([name, value]) => lineOf(name, value))
  const gone = Object.entries(base).filter(([name]) => !Object.hasOwn(part, name) && name !== 'jti')
  return [
    ...Object.entries(part).map(([name, value]) =>
      isChanged(name, { part, base }) ? mark('changed', lineOf(name, value)) : lineOf(name, value),
    ),
    ...gone.map(([name, value]) => mark('left out', lineOf(name, value))),
  ]
}

const lineOf = (name: string, value: unknown): Html =>
  html`<span class="line">${json(name)}: ${json(value)}</span>`

const mark = (how: 'changed' | 'left out', line: Html): Html =>
  html`<mark class="${how === 'changed' ? 'changed' : 'gone'}"
    ><span class="how">← ${how}</span>${line}</mark
  >`

const json = (value: unknown): Html => rawHtml(escapeHtmlLines(JSON.stringify(value)))

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isChanged = (
  name: string,
  { part, base }: { readonly part: Members; readonly base: Members },
): boolean => {
  if (name === 'jti' && typeof part[name] === typeof base[name]) return false
  const shift = shiftOf(name, { part, base })
  if (shift === undefined) return !isDeepStrictEqual(part[name], base[name])
  const shifts = timeClaims.flatMap((claim) => shiftOf(claim, { part, base }) ?? [])
  const minted = shifts.toSorted((a, b) => Math.abs(a) - Math.abs(b))[0] ?? 0
  return Math.abs(shift - minted) > mintedApart
}

/** How much later a time is than the baseline's. All times of an unchanged token are later by when it was minted. */
const shiftOf = (
  name: string,
  { part, base }: { readonly part: Members; readonly base: Members },
): number | undefined => {
  const [time, before] = [part[name], base[name]]
  return timeClaims.includes(name) && typeof time === 'number' && typeof before === 'number'
    ? time - before
    : undefined
}
