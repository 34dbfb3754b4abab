import type { Level } from '../config/suite.ts'

export type Safety = 'fails-open' | 'fails-closed' | 'protocol'

/** One way in which an answer differs from what was expected. */
export type Mismatch = {
  readonly kind: MismatchKind
  readonly safety: Safety
  readonly level: Level
  /** What was seen beside what was expected, in a sentence; never holds what a gateway sent unescaped. */
  readonly detail: string
}

export type Note = string

export type Verdict =
  | { readonly status: 'pass'; readonly notes: readonly Note[] }
  | {
      readonly status: 'fail' | 'warn'
      readonly mismatches: readonly Mismatch[]
      readonly notes: readonly Note[]
    }
  | {
      readonly status: 'observed'
      readonly mismatches?: readonly Mismatch[]
      readonly notes: readonly Note[]
    }
  | { readonly status: 'inconclusive'; readonly reason: string; readonly notes: readonly Note[] }
  | {
      readonly status: 'not-applicable'
      readonly missing: readonly string[]
      readonly unlock: string
      readonly notes: readonly Note[]
    }

export type Status = Verdict['status']

export const mismatchKinds = {
  'let-in': {
    safety: 'fails-open',
    title: 'A bad request was let in',
    text: 'The gateway treated a request that it had to refuse as it treats one with a good token.',
  },
  'reached-upstream': {
    safety: 'fails-open',
    title: 'A refused request reached the upstream',
    text: 'The client was told no, and the backend was called all the same.',
  },
  leaks: {
    safety: 'fails-open',
    title: 'The answer gives away what it must not',
    text: 'A secret, a token or the upstream’s content stands in a refusal.',
  },
  fetched: {
    safety: 'fails-open',
    title: 'The gateway followed what the token names',
    text: 'It came to a server that only the token told it of: whoever sends tokens makes the gateway call where they like.',
  },
  'executes-input': {
    safety: 'fails-open',
    level: 'must',
    title: 'The gateway executes what stands in the token',
    text: 'A sleep written into the request is slept, for as long as it says: whoever sends tokens runs statements or commands of their own.',
  },
  'misleads-upstream': {
    safety: 'fails-open',
    title: 'The upstream is told something else than the gateway found',
    text: 'What a client says of itself reached the upstream as the gateway’s word, or the gateway’s word did not, or was another.',
  },
  'exposes-credential': {
    safety: 'fails-open',
    title: 'The upstream gets a credential that it should not',
    text: 'The token stays where the gateway is meant to take it away: in a URL that is logged, or for a backend that could use it itself.',
  },
  'refused-good': {
    safety: 'fails-closed',
    title: 'A good request was refused',
    text: 'A token that the policy allows did not get in.',
  },
  'not-once': {
    safety: 'fails-closed',
    title: 'An accepted request did not reach the upstream exactly once',
    text: 'The upstream saw it never, or more than once.',
  },
  crashes: {
    safety: 'fails-closed',
    title: 'The gateway drops the connection on this request',
    text: 'Again and again no answer came while good requests beside it were answered.',
  },
  hangs: {
    safety: 'fails-closed',
    title: 'The gateway does not answer this request',
    text: 'Again and again no answer came in time while good requests beside it were answered.',
  },
  'server-error': {
    safety: 'protocol',
    level: 'must',
    title: 'A bad token is answered with a server error',
    text: 'A bad token is the client’s fault: a 5xx hides that, and invites retries.',
  },
  'no-challenge': {
    safety: 'protocol',
    level: 'must',
    title: 'A 401 has no usable challenge',
    text: 'A 401 must carry a WWW-Authenticate header; without it a client cannot know how to authenticate.',
  },
  'wrong-status': {
    safety: 'protocol',
    level: 'should',
    title: 'Refused with another status than the standard names',
    text: 'Clients decide by the status whether to fetch a new token, to ask for more scope, or to give up.',
  },
  'wrong-error': {
    safety: 'protocol',
    level: 'should',
    title: 'The challenge’s error code is missing or another',
    text: 'Clients decide by the error code what to do next.',
  },
  'error-without-credentials': {
    safety: 'protocol',
    level: 'should',
    title: 'An error code although no credentials were sent',
    text: 'A request without credentials should get a bare challenge.',
  },
  lenient: {
    safety: 'protocol',
    level: 'should',
    title: 'The genuine credential in another spelling was let in',
    text: 'Two parsers that read one text differently are how filters are bypassed.',
  },
  inconsistent: {
    safety: 'protocol',
    level: 'should',
    title: 'Equal requests were judged differently',
    text: 'The answer depends on a difference that must not matter.',
  },
  'fetches-too-often': {
    safety: 'protocol',
    title: 'The key set is fetched too often',
    text: 'Whoever sends tokens with invented key ids makes the gateway ask its identity provider each time.',
  },
  'out-of-proportion': {
    safety: 'protocol',
    title: 'What should be cheap takes out of proportion long',
    text: 'Whoever sends bad tokens makes the gateway work harder than those who send good ones, or wait for it.',
  },
  'malformed-answer': {
    safety: 'protocol',
    title: 'The answer is not formed as the standard says',
    text: 'A check of the answer’s headers or body did not hold.',
  },
} as const satisfies Record<string, { safety: Safety; level?: Level; title: string; text: string }>

export type MismatchKind = keyof typeof mismatchKinds
