import { isDeepStrictEqual } from 'node:util'
import { escapeHtmlLines } from '../escape.ts'
import { counted } from '../outcome.ts'
import type { Evidence } from '../report.ts'
import { html, rawHtml, type Html } from './markup.ts'
import { renderToken } from './token.ts'

type Token = NonNullable<Evidence['request']['token']>

/** How much of an exchange is shown: all of it where it proves a finding, the gist where nothing is wrong. */
export type Detail = 'full' | 'brief'

const briefValue = 120
const briefBody = 240

export type Setting = {
  /** The good token of this run. */
  readonly baseline: Token | undefined
  readonly detail: Detail
}

/** Exchanges of one case, in order; a token that is sent again is decoded once. */
export const renderExchanges = (exchanges: readonly Evidence[], setting: Setting): readonly Html[] =>
  exchanges.map((exchange, index) => {
    const { token } = exchange.request
    const isRepeated = index > 0 && isDeepStrictEqual(token, exchanges[index - 1]?.request.token)
    return renderExchange(exchange, { ...setting, token: isRepeated ? undefined : token })
  })

/** What was sent beside what came back, and what the upstream saw; below, the token decoded. */
const renderExchange = (
  exchange: Evidence,
  { baseline, detail, token }: Setting & { readonly token: Token | undefined },
): Html => {
  const { request } = exchange
  return html`
    <div class="exchange">
      <section>
        <p class="key">Sent${nameOf(exchange)}</p>
        <pre><b>${request.method} ${bounded(request.target, detail)}</b>
${renderHeaders(request.headers, detail)}${request.bodyBytes === 0 ? '' : rawHtml(`<i>body of ${counted(request.bodyBytes, 'byte')}</i>`)}</pre>
      </section>
      <section>
        <p class="key">Came back</p>
        ${renderResponse(exchange.response, detail)} ${renderArrivals(exchange, detail)}
      </section>
      ${token === undefined ? undefined : renderToken(token, baseline)}
    </div>
  `
}

const nameOf = ({ variant, step, attempt }: Evidence): string => {
  const names = [
    ...(variant === undefined ? [] : [`variant ${variant}`]),
    ...(step === undefined ? [] : [`step ${step}`]),
    ...(attempt === 1 ? [] : [`attempt ${attempt}`]),
  ]
  return names.length === 0 ? '' : ` · ${names.join(', ')}`
}

const renderHeaders = (headers: Evidence['request']['headers'], detail: Detail): readonly Html[] =>
  headers.map(
    ([name, value]) => html`<span class="name">${name}:</span> ${bounded(value, detail)}${rawHtml('\n')}`,
  )

const renderResponse = (response: Evidence['response'], detail: Detail): Html => {
  if ('error' in response) return html`<pre><b>no answer</b> ${response.error}</pre>`
  const { status, headers, bodyExcerpt, truncated } = response
  const cut = detail === 'brief' && bodyExcerpt.length > briefBody
  const body = cut ? bodyExcerpt.slice(0, briefBody) : bodyExcerpt
  const rest = cut || truncated ? html`<i>… the body goes on</i>` : undefined
  return html`<pre><b>${status}</b>
${renderHeaders(headers, detail)}${body === '' ? undefined : rawHtml(`\n${escapeHtmlLines(body)}`)}${rest}</pre>`
}

/** At the upstream, and at the listener. */
const renderArrivals = ({ hits, contacts = [] }: Evidence, detail: Detail): Html =>
  html`${renderHits(hits, detail)}${renderContacts(contacts, detail)}`

const renderHits = (hits: Evidence['hits'], detail: Detail): Html => {
  if (hits.length === 0) return html``
  return html`
    <p class="key">At the upstream: ${counted(hits.length, 'request')}</p>
    <pre>
${hits.map(
        (hit) =>
          html`<b>${hit.method} ${bounded(hit.target, detail)}</b>
            ${detail === 'full' ? renderHeaders(hit.headers, detail) : undefined}`,
      )}</pre>
  `
}

const renderContacts = (contacts: NonNullable<Evidence['contacts']>, detail: Detail): Html => {
  if (contacts.length === 0) return html``
  return html`
    <p class="key">At the listener: ${counted(contacts.length, 'contact')}</p>
    <pre>${contacts.map((contact) => renderContact(contact, detail))}</pre>
  `
}

const renderContact = (
  { protocol, serverName, requests, firstBytes }: NonNullable<Evidence['contacts']>[number],
  detail: Detail,
): Html => {
  const name = serverName === undefined ? '' : ` for ${serverName}`
  const lines = requests.map(
    ({ method, path }) => html`<b>${method} ${bounded(path, detail)}</b> ${protocol}${name}${rawHtml('\n')}`,
  )
  if (lines.length > 0) return html`${lines}`
  return html`<b>${protocol}</b>${name} ${bounded(firstBytes ?? '', detail)}${rawHtml('\n')}`
}

/** A token is one long word: broken anywhere, it stays on the line on which it begins. */
const longWord = /\S{60}/

const bounded = (text: string, detail: Detail): Html => {
  const shown = detail === 'full' || text.length <= briefValue ? text : `${text.slice(0, briefValue)}…`
  return longWord.test(shown) ? html`<span class="long">${shown}</span>` : html`${shown}`
}
