import { createHash } from 'node:crypto'
import type { Answered, Lost, Loss } from '../exchange/answer.ts'
import type { Hit } from '../serve/hit.ts'
import { commonFingerprint } from './fingerprint.ts'
import type { Lesson } from './side.ts'
import type { Passage } from './upstream-checks.ts'

/** An answer as it would have come, for tests. */
export const answered = (
  status: number,
  headers: readonly (readonly [name: string, value: string])[] = [],
  body = '',
): Answered => ({
  kind: 'answered',
  status,
  headers,
  body: {
    bytes: body.length,
    excerpt: body,
    truncated: false,
    hash: createHash('sha256').update(body).digest('hex'),
  },
  ms: 1,
  receivedAt: 0,
})

/** A refusal with that challenge. */
export const refusal = (status: number, challenge?: string): Answered =>
  answered(status, challenge === undefined ? [] : [['WWW-Authenticate', challenge]], 'no')

export const lost = (loss: Loss): Lost => ({ kind: 'lost', loss, detail: 'gone', ms: 1 })

/** Of a run that owns no upstream. */
export const unwitnessed: Passage = { arrivals: [], goodHits: [], forwards: undefined }

export const hit: Hit = { method: 'GET', target: '/', headers: [], bodyBytes: 0, at: 0 }

/** What two equal controls of each sort would have taught. */
export const lessonFrom = (
  { good, none, unrouted }: { good: Answered; none: Answered; unrouted?: Answered },
  more: Partial<Lesson> = {},
): Lesson => ({
  good: printOf(good),
  none: printOf(none),
  unrouted: unrouted === undefined ? undefined : printOf(unrouted),
  witnessed: false,
  ...more,
})

const printOf = (answer: Answered) => {
  const print = commonFingerprint([answer, answer])
  if (print === undefined) throw new Error('two answers without a fingerprint')
  return print
}
