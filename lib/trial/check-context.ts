import type { Answered } from '../exchange/answer.ts'
import type { CheckContext } from '../judge/checks.ts'
import type { Sent } from './attempt.ts'
import type { Findings } from './settle.ts'
import type { Learned } from './teach.ts'

type Known = Pick<Findings, 'scheme' | 'witness' | 'forwards' | 'metadata'>

/** What the named checks of a variant's answers may look at, once all of it was sent. */
export const checksFor = (
  { good, goodHits, goodMethod }: Learned,
  sent: readonly Sent[],
  { scheme, witness, forwards, metadata }: Known,
): CheckContext => ({
  scheme,
  good: goodBefore(sent) ?? good,
  next: sent.flatMap(({ next }) => next ?? []).at(-1),
  metadata,
  method: methodBehind(sent.at(-1)?.request.method ?? '', goodMethod, goodHits),
  hits: sent.flatMap((one) => witness.hitsFor(one)),
  arrivals: sent.flatMap((one) => witness.hitsFor(one).map((hit) => ({ hit, sent: one.request }))),
  goodHits,
  forwards,
  secrets: sent.flatMap(({ request }) => request.secrets),
  canaries: ['gateproof-canary'],
})

/** Some gateways ask the upstream by another method than they are asked by: what the good request shows is theirs. */
const methodBehind = (
  method: string,
  goodMethod: string | undefined,
  [goodHit]: Learned['goodHits'],
): string => (goodHit !== undefined && method === goodMethod ? goodHit.method : method)

/** What shares a connection with the case need not be a good request. */
const goodBefore = (sent: readonly Sent[]): Answered | undefined =>
  sent
    .filter(({ request }) => request.connection === undefined)
    .flatMap(({ before }) => (before?.kind === 'answered' ? [before] : []))
    .at(-1)
