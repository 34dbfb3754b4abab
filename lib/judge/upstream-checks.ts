import type { Policy } from '../config/config.ts'
import { headersOf, type Answered } from '../exchange/answer.ts'
import { readMembers } from '../forge/good.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { commandedStatus, upstreamRealm } from '../serve/command.ts'
import type { Hit } from '../serve/hit.ts'
import { saysClaim } from './forwarded-claim.ts'
import { quote } from './quote.ts'
import type { MismatchKind } from './verdict.ts'

/** A request that reached the upstream, beside what was sent. */
export type Arrival = { readonly hit: Hit; readonly sent: ForgedRequest }

/** What the checks of the upstream look at. */
export type Passage = {
  readonly arrivals: readonly Arrival[]
  /** What the good control of the route came to at the upstream. */
  readonly goodHits: readonly Hit[]
  readonly forwards: Policy['forwards'] | undefined
}

type Field = readonly [name: string, value: string]

/** What suites write where a client speaks of itself: no gateway has a reason to pass it on. */
const intruder = 'gateproof-intruder'

/** By these a proxy tells the upstream who called, and how. */
const proxyWords = /^(?:forwarded|x-forwarded-.+|x-real-ip)$/

/** What does not hold of one arrival, in a sentence. */
const each =
  (look: (arrival: Arrival, passage: Passage) => string | undefined) =>
  (_: Answered, passage: Passage): string | undefined =>
    passage.arrivals.map((arrival) => look(arrival, passage)).find((said) => said !== undefined)

/** The named checks of what reached the upstream that we own. */
export const upstreamChecks = {
  /** RFC 9700 section 4.13: what the upstream takes for the gateway's word must not be the client's. */
  'client-identity-dropped': each(({ hit }) => {
    const kept = fieldsOf(hit).find(([, value]) => value.includes(intruder))
    return kept && `the client’s own ${quote(kept[0])} reached the upstream`
  }),
  /** RFC 9110 section 6.5.1: a trailer field is not merged into the header section unless its name allows it. */
  'trailers-apart': each(({ hit }) => {
    const merged = hit.headers.find(([, value]) => value.includes(intruder))
    return merged && `the client’s own trailer ${quote(merged[0])} reached the upstream as a header`
  }),
  /** RFC 9110 section 7.6.1 lets a client name headers of its own connection, and no others. */
  'identity-kept': each(({ hit, sent }, { goodHits, forwards }) => {
    const words = [...credentialFields(sent).map(([name]) => name), ...Object.keys(forwards?.claims ?? {})]
    const expected = namesOf(goodHits[0]?.headers ?? []).filter(
      (name) => words.some((word) => word.toLowerCase() === name) || proxyWords.test(name),
    )
    const lost = expected.find((name) => !namesOf(hit.headers).includes(name))
    return lost && `the upstream did not get ${quote(lost)}, which it gets otherwise`
  }),
  'credential-kept': each(({ hit, sent }) => {
    const lost = credentialFields(sent).find(
      ([name, value]) => !valuesOf(hit.headers, name).includes(value.trim()),
    )
    return lost && `the upstream did not get the ${quote(lost[0])} that was sent, byte for byte`
  }),
  'credential-stripped': each(({ hit, sent }) => {
    const kept = fieldsOf(hit).find(([, value]) => holds(value, sent.secrets))
    if (kept !== undefined) return `the upstream got the token in ${quote(kept[0])}`
    return holds(hit.target, sent.secrets) ? 'the upstream got the token in the request-target' : undefined
  }),
  /** RFC 6750 section 5.3: URLs are written down in many places. */
  'query-token-dropped': each(({ hit, sent }) =>
    holds(hit.target, sent.secrets) ? 'the upstream got the token in the request-target' : undefined,
  ),
  /** Of several credentials, or of one in another spelling, the upstream gets the one that was judged. */
  'forwarded-token-judged': each(({ hit, sent }) => {
    const [judged] = sent.secrets
    const names = [...new Set(credentialFields(sent).map(([name]) => name.toLowerCase()))]
    const got = names.flatMap((name) => valuesOf(hit.headers, name))
    if (got.length !== 1) return `the upstream got ${got.length} credentials`
    return got[0]?.replace(/^\S+ +/, '') === judged ? undefined : 'the upstream got another token'
  }),
  'claim-headers-right': each(({ hit, sent }, { forwards }) => {
    const claims = readMembers(sent.secrets[0]?.split('.')[1] ?? '') ?? {}
    for (const [header, name] of Object.entries(forwards?.claims ?? {})) {
      const said = claimFault(valuesOf(hit.headers, header), claims[name], forwards)
      if (said !== undefined) return `${quote(header)} ${said}`
    }
    return undefined
  }),
  /** A comma in a claim is none between the members of a list (RFC 9110 section 5.3). */
  'claim-in-one-piece': each(({ hit }, { forwards }) => {
    const split = Object.keys(forwards?.claims ?? {}).find((header) =>
      valuesOf(hit.headers, header).some((value) => value.includes(',')),
    )
    return split && `${quote(split)} reads as a list`
  }),
  'no-injected-upstream-header': each(({ hit }) =>
    namesOf(hit.headers).includes('x-injected') ? 'a claim became a header at the upstream' : undefined,
  ),
  'forwarded-by-gateway': each(({ hit, sent }) => {
    const believed = sent.headers.find(
      ([name, value]) => proxyWords.test(name.toLowerCase()) && lastMember(hit, name) === value,
    )
    return believed && `${quote(believed[0])} at the upstream is what the client said`
  }),
  'trace-kept': each(({ hit, sent }) => {
    const lost = sent.headers.find(
      ([name, value]) =>
        ['traceparent', 'x-request-id'].includes(name.toLowerCase()) &&
        !valuesOf(hit.headers, name).includes(value),
    )
    return lost && `${quote(lost[0])} reached the upstream otherwise, or not at all`
  }),
  'upstream-answer-kept': (answer: Answered, { arrivals }: Passage): string | undefined => {
    const [asked] = arrivals.map(({ hit }) => commandedStatus(hit.target, hit.headers))
    if (asked === undefined) return undefined
    if (answer.status !== asked) return `answered ${answer.status} where the upstream said ${asked}`
    return headersOf(answer, 'www-authenticate').some((value) => value.includes(upstreamRealm))
      ? undefined
      : 'the upstream’s challenge did not come back'
  },
} as const

/** What it is called where one of these does not hold. */
export const upstreamCheckKinds: Readonly<Record<keyof typeof upstreamChecks, MismatchKind>> = {
  'client-identity-dropped': 'misleads-upstream',
  'trailers-apart': 'misleads-upstream',
  'identity-kept': 'misleads-upstream',
  'credential-kept': 'misleads-upstream',
  'credential-stripped': 'exposes-credential',
  'query-token-dropped': 'exposes-credential',
  'forwarded-token-judged': 'misleads-upstream',
  'claim-headers-right': 'misleads-upstream',
  'claim-in-one-piece': 'misleads-upstream',
  'no-injected-upstream-header': 'misleads-upstream',
  'forwarded-by-gateway': 'misleads-upstream',
  'trace-kept': 'malformed-answer',
  'upstream-answer-kept': 'malformed-answer',
}

const fieldsOf = ({ headers, trailers = [] }: Hit): readonly Field[] => [...headers, ...trailers]

const namesOf = (fields: readonly Field[]): readonly string[] => fields.map(([name]) => name.toLowerCase())

const valuesOf = (fields: readonly Field[], name: string): readonly string[] =>
  fields.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value)

/** The headers that were sent with a token in them. */
const credentialFields = ({ headers, secrets }: ForgedRequest): readonly Field[] =>
  headers.filter(([, value]) => holds(value, secrets))

const holds = (text: string, secrets: readonly string[]): boolean =>
  secrets.some((secret) => secret.length >= 8 && text.includes(secret))

const lastMember = ({ headers }: Hit, name: string): string | undefined =>
  valuesOf(headers, name).join(',').split(',').at(-1)?.trim()

const claimFault = (
  values: readonly string[],
  claim: unknown,
  forwards: Policy['forwards'],
): string | undefined => {
  const [value] = values
  if (claim === undefined || claim === null)
    return values.every((one) => one === '') ? undefined : 'has a value, though the token has no such claim'
  if (value === undefined) return 'did not reach the upstream'
  if (values.length > 1) return `reached the upstream ${values.length} times`
  return saysClaim(value, claim, forwards?.format ?? 'plain') ? undefined : 'is not what the token says'
}
