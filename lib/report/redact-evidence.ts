import { type Redact, redacted, redactor } from './redact.ts'
import type { Evidence, Result } from './report.ts'

type Headers = Evidence['request']['headers']
type Contact = NonNullable<Evidence['contacts']>[number]

/**
 * Takes everything usable out of an exchange. The values of Set-Cookie go whole, and what they set is also taken out
 * wherever else in this exchange it was echoed.
 */
export const redactEvidence = (evidence: Evidence, redact: Redact): Evidence => {
  const { request, response } = evidence
  const uncookied = redactor('error' in response ? [] : cookieValues(response.headers))
  const clean = (text: string): string => uncookied(redact(text))
  return {
    ...evidence,
    request: {
      ...request,
      method: clean(request.method),
      target: clean(request.target),
      headers: cleanHeaders(request.headers, clean),
      ...(request.token === undefined ? {} : { token: cleanToken(request.token, clean) }),
    },
    response:
      'error' in response
        ? { error: clean(response.error) }
        : {
            ...response,
            headers: cleanHeaders(response.headers, clean),
            bodyExcerpt: clean(response.bodyExcerpt),
          },
    ...(evidence.contacts === undefined
      ? {}
      : { contacts: evidence.contacts.map((contact) => cleanContact(contact, clean)) }),
    hits: evidence.hits.map((hit) => ({
      method: clean(hit.method),
      target: clean(hit.target),
      headers: cleanHeaders(hit.headers, clean),
    })),
  }
}

/** Takes everything usable out of a result: its sentences, its variants and its evidence. */
export const redactResult = (result: Result, redact: Redact): Result => ({
  ...result,
  ...redactJudged(result, redact),
  ...(result.variants === undefined
    ? {}
    : { variants: result.variants.map((variant) => ({ ...variant, ...redactJudged(variant, redact) })) }),
})

type Judged = Pick<Result, 'verdict' | 'observed' | 'evidence'>

const redactJudged = ({ verdict, observed, evidence }: Judged, redact: Redact): Judged => ({
  verdict: redactVerdict(verdict, redact),
  ...(observed === undefined
    ? {}
    : {
        observed: {
          ...observed,
          challenge: observed.challenge === null ? null : redact(observed.challenge),
        },
      }),
  ...(evidence === undefined
    ? {}
    : { evidence: evidence.map((exchange) => redactEvidence(exchange, redact)) }),
})

const redactVerdict = (verdict: Result['verdict'], redact: Redact): Result['verdict'] => {
  const notes = verdict.notes.map(redact)
  switch (verdict.status) {
    case 'pass':
      return { ...verdict, notes }
    case 'inconclusive':
      return { ...verdict, notes, reason: redact(verdict.reason) }
    case 'not-applicable':
      return { ...verdict, notes, unlock: redact(verdict.unlock) }
    case 'fail':
    case 'warn':
    case 'observed': {
      const mismatches = verdict.mismatches?.map((each) => ({ ...each, detail: redact(each.detail) }))
      return mismatches === undefined ? { ...verdict, notes } : { ...verdict, notes, mismatches }
    }
  }
}

const cleanContact = (contact: Contact, clean: Redact): Contact => ({
  ...contact,
  ...(contact.serverName === undefined ? {} : { serverName: clean(contact.serverName) }),
  requests: contact.requests.map(({ method, path }) => ({ method: clean(method), path: clean(path) })),
  ...(contact.firstBytes === undefined ? {} : { firstBytes: clean(contact.firstBytes) }),
})

const cleanHeaders = (headers: Headers, clean: Redact): Headers =>
  headers.map(([name, value]) => [clean(name), isSetCookie(name) ? redacted : clean(value)])

const isSetCookie = (name: string): boolean => /^set-cookie2?$/i.test(name.trim())

/** A shorter value (`true`, `deleted`) is no credential, and would tear holes into bodies. */
const shortestCookie = 8

/** What each `Set-Cookie: name=value; …` sets (RFC 6265 section 4.1.1), without quotes around it. */
const cookieValues = (headers: Headers): readonly string[] =>
  headers
    .filter(([name]) => isSetCookie(name))
    .flatMap(([, value]) => /^[^=;]*=\s*"?([^";]*)/.exec(value)?.[1]?.trim() ?? [])
    .filter((value) => value.length >= shortestCookie)

const cleanToken = (
  token: NonNullable<Evidence['request']['token']>,
  clean: Redact,
): NonNullable<Evidence['request']['token']> => ({
  recipe: clean(token.recipe),
  ...(token.header === undefined ? {} : { header: cleanJson(token.header, clean) }),
  ...(token.claims === undefined ? {} : { claims: cleanJson(token.claims, clean) }),
})

const cleanJson = (value: unknown, clean: Redact): unknown => {
  if (typeof value === 'string') return clean(value)
  if (Array.isArray(value)) return value.map((item: unknown) => cleanJson(item, clean))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [clean(key), cleanJson(each, clean)]))
}
