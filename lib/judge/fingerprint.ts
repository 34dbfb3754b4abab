import { grpcStatusOf, headerOf, headersOf, type Answered } from '../exchange/answer.ts'
import { readChallenges } from './challenge.ts'

/** What tells one kind of answer of a gateway from another. */
export type Fingerprint = {
  readonly status: number
  /** The schemes of its challenges, lower case, sorted. */
  readonly schemes: string
  readonly locationOrigin: string | undefined
  readonly mediaType: string | undefined
  readonly grpcStatus: string | undefined
  /** Only where equal requests had equal bodies. */
  readonly bodyHash: string | undefined
}

export const fingerprint = (answer: Answered, withBody: boolean): Fingerprint => ({
  status: answer.status,
  schemes: schemesOf(answer),
  locationOrigin: originOf(headerOf(answer, 'location')),
  mediaType: headerOf(answer, 'content-type')?.split(';')[0]?.trim().toLowerCase(),
  grpcStatus: grpcStatusOf(answer),
  bodyHash: withBody ? answer.body.hash : undefined,
})

const schemesOf = (answer: Answered): string =>
  [
    ...new Set(
      readChallenges(headersOf(answer, 'www-authenticate')).challenges.map(({ scheme }) =>
        scheme.toLowerCase(),
      ),
    ),
  ]
    .sort()
    .join(' ')

const originOf = (location: string | undefined): string | undefined => {
  if (location === undefined) return undefined
  return URL.canParse(location) ? new URL(location).origin : 'relative'
}

/** Several answers to equal requests as one fingerprint; their body counts where it was the same in at least two. */
export const commonFingerprint = (answers: readonly Answered[]): Fingerprint | undefined => {
  const [first] = answers
  if (first === undefined) return undefined
  const stable = answers.length > 1 && answers.every((one) => one.body.hash === first.body.hash)
  return fingerprint(first, stable)
}

/** Whether an answer is of that kind. */
export const matches = (answer: Answered, known: Fingerprint): boolean =>
  answer.status === known.status && equal(fingerprint(answer, known.bodyHash !== undefined), known)

/** Equal in all that both of them know. */
const equal = (one: Fingerprint, other: Fingerprint): boolean =>
  one.status === other.status &&
  one.schemes === other.schemes &&
  one.locationOrigin === other.locationOrigin &&
  one.mediaType === other.mediaType &&
  one.grpcStatus === other.grpcStatus &&
  (one.bodyHash === undefined || other.bodyHash === undefined || one.bodyHash === other.bodyHash)
