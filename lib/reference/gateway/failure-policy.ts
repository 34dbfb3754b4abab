import { type Answer, errorAnswer, headerOf, pairs } from './answer.ts'
import { type Refusal, refusalAnswer } from './refusal.ts'
import type { HeaderTransformations, ModifyResponse } from './specification.ts'

type Pairs = readonly (readonly [name: string, value: string])[]

/** The answers to refused requests, those to a missing or invalid token as the deployment's policy wants them. */
export const refusalAnswers = (policy: ModifyResponse | undefined): ((refusal: Refusal) => Answer) => {
  if (policy === undefined) return refusalAnswer
  const whys = ['no-credentials', 'malformed-credentials', 'invalid-token'] as const
  const modified = new Map<string, Answer>(
    whys.map((why) => [why, modifiedResponse(refusalAnswer({ why }), policy)]),
  )
  return (refusal) => modified.get(refusal.why) ?? refusalAnswer(refusal)
}

const modifiedResponse = (standard: Answer, policy: ModifyResponse): Answer => {
  const status = policy.responseCode === undefined ? standard.status : Number(policy.responseCode)
  const challenge = headerOf(standard, 'WWW-Authenticate')
  const answer = errorAnswer(
    status,
    challenge === undefined ? [] : ['WWW-Authenticate', challenge],
    policy.responseMessage,
  )
  const headers = transformed(pairs(answer.headers), policy.responseHeaderTransformations ?? {})
  return { ...answer, headers: headers.flat() }
}

/** Headers that a transformation may not touch, since the message would not be read without them. */
const isProtected = (name: string): boolean => ['content-length', 'date'].includes(name.toLowerCase())

const transformed = (headers: Pairs, transformations: HeaderTransformations): Pairs => {
  const renamed = (transformations.renameHeaders?.items ?? []).reduce(rename, headers)
  const set = (transformations.setHeaders?.items ?? []).reduce(setHeader, renamed)
  const filter = transformations.filterHeaders
  if (filter === undefined) return set
  // Filters come after the other transformations: what those made must be allowed too.
  const listed = (name: string) => filter.items.some((item) => same(item.name, name))
  return set.filter(([name]) => isProtected(name) || listed(name) === (filter.type === 'ALLOW'))
}

const rename = (headers: Pairs, { from, to }: { from: string; to: string }): Pairs =>
  headers.map(([name, value]) => [same(name, from) && !isProtected(name) ? to : name, value])

type SetItem = NonNullable<HeaderTransformations['setHeaders']>['items'][number]

const setHeader = (headers: Pairs, { name, values, ifExists = 'OVERWRITE' }: SetItem): Pairs => {
  const exists = headers.some(([key]) => same(key, name))
  if (isProtected(name) || (exists && ifExists === 'SKIP')) return headers
  const kept = ifExists === 'OVERWRITE' ? headers.filter(([key]) => !same(key, name)) : headers
  return [...kept, ...values.map((value) => [name, value] as const)]
}

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()
