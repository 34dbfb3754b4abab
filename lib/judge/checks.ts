import { grpcStatusOf, headerOf, headersOf, type Answer, type Answered } from '../exchange/answer.ts'
import type { Hit } from '../serve/hit.ts'
import { challengeOf, paramOf, readChallenges } from './challenge.ts'
import { connectionChecks } from './connection-checks.ts'
import { dpopChecks } from './dpop-checks.ts'
import { metadataChecks, type MetadataFacts } from './metadata-checks.ts'
import { quote } from './quote.ts'
import { upstreamCheckKinds, upstreamChecks, type Passage } from './upstream-checks.ts'
import type { MismatchKind } from './verdict.ts'

/** What a check may look at besides the answer. */
export type CheckContext = Passage & {
  readonly scheme: string
  /** Texts that must not stand in an answer: tokens, canary claims, what the upstream says. */
  readonly secrets: readonly string[]
  readonly canaries: readonly string[]
  /** The answer to the good request: the one that went first, or else the control of the same route. */
  readonly good: Answered
  /** What became of the good request that followed on its connection. */
  readonly next?: Answer | undefined
  /** What protected resource metadata have to agree with; undefined where none are declared. */
  readonly metadata?: MetadataFacts | undefined
  /** What the upstream is to be asked by, and what it saw. */
  readonly method: string
  readonly hits: readonly Hit[]
}

/** What does not hold, in a sentence; undefined where it does. */
type Check = (answer: Answered, context: CheckContext) => string | undefined

const bearer = (answer: Answered, { scheme }: CheckContext) =>
  challengeOf(readChallenges(headersOf(answer, 'www-authenticate')), scheme)

const known = new Set([
  'invalid_request',
  'invalid_token',
  'insufficient_scope',
  // RFC 9449 sections 7.1 and 9; RFC 9470 section 3.
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'insufficient_user_authentication',
])

/** Traces of what only the gateway should know: stack frames, keys, source paths. */
const leaks = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  // A frame of a stack trace, on a line of its own or behind a line end that JSON has escaped.
  /(?:^|\\n)\s+at \S.{0,200}:\d+:\d+/m,
  /Traceback \(most recent call last\)/,
  /\b(?:java|javax|org\.springframework|io\.netty)\.[\w.$]+Exception\b/,
  /\bgoroutine \d+ \[/,
  /panic: runtime error/,
  /expected signature/i,
  /signature\b.{0,40}\bexpected\b.{0,24}[\w+/-]{32}/i,
  /"k"\s*:\s*"[\w-]{20,}"/,
]

/** The named checks of an answer that a case can ask for, each one thing. */
export const checks = {
  ...upstreamChecks,
  ...dpopChecks,
  ...connectionChecks,
  ...metadataChecks,
  /** RFC 9110 section 15.5.2. */
  'challenge-present': (answer) =>
    headersOf(answer, 'www-authenticate').length > 0 || answer.status !== 401
      ? undefined
      : 'the 401 has no WWW-Authenticate header',
  /** RFC 6750 section 3. */
  'challenge-scheme': (answer, context) =>
    answer.status !== 401 ||
    headersOf(answer, 'www-authenticate').length === 0 ||
    bearer(answer, context) !== undefined
      ? undefined
      : `no challenge has the scheme ${context.scheme}`,
  /** RFC 6750 section 3: the scheme is followed by at least one parameter. */
  'challenge-has-param': (answer, context) => {
    const challenge = bearer(answer, context)
    return challenge === undefined || challenge.params.length > 0
      ? undefined
      : 'the challenge has no parameter'
  },
  /** RFC 9110 section 11.6.1. */
  'challenge-parses': (answer) => {
    const { faults } = readChallenges(headersOf(answer, 'www-authenticate'))
    return faults.length === 0 ? undefined : `the challenge ${faults.join(', ')}`
  },
  /** RFC 6750 section 3: none of these more than once. */
  'challenge-no-repetition': (answer, context) => {
    const names = (bearer(answer, context)?.params ?? []).map(([name]) => name)
    const twice = names.filter((name, index) => names.indexOf(name) !== index)
    return twice.length === 0 ? undefined : `more than one ${twice.map(quote).join(', ')}`
  },
  'error-known': (answer, context) => {
    const error = paramOf(bearer(answer, context), 'error')
    return error === undefined || known.has(error)
      ? undefined
      : `the error code ${quote(error)} is not registered`
  },
  /** RFC 6750 section 3. */
  'error-charset': (answer, context) => {
    const bad = (bearer(answer, context)?.params ?? []).find(
      ([name, value]) =>
        ['error', 'error_description', 'scope'].includes(name) &&
        !/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(value),
    )
    return bad === undefined ? undefined : `${quote(bad[0])} has a character that it must not have`
  },
  'no-error': (answer, context) => {
    const error = paramOf(bearer(answer, context), 'error')
    return error === undefined ? undefined : `the challenge has error=${quote(error)}`
  },
  'error-invalid-token': (answer, context) => errorIs(answer, context, 'invalid_token'),
  'error-insufficient-scope': (answer, context) => errorIs(answer, context, 'insufficient_scope'),
  /** RFC 6750 section 3.1: whatever else is refused may be refused otherwise. */
  'error-invalid-request': (answer, context) =>
    answer.status === 400 ? errorIs(answer, context, 'invalid_request') : undefined,
  /** RFC 6750 section 3.1: the scope that is needed may be named. */
  'scope-named': (answer, context) =>
    paramOf(bearer(answer, context), 'scope') === undefined ? 'the challenge names no scope' : undefined,
  'not-redirected': (answer) =>
    answer.status >= 300 && answer.status < 400 ? `answered ${answer.status} to an API client` : undefined,
  'not-server-error': (answer) => (answer.status >= 500 ? `answered ${answer.status}` : undefined),
  'not-stored': (answer) => storable(answer),
  /** RFC 9111 section 3.5: an answer to a request with Authorization is private unless it says otherwise. */
  'private-or-varies': (answer) => {
    const control = cacheControl(answer)
    const isShared = /\bpublic\b|\bs-maxage=[1-9]/.test(control) || isFreshUnlessValidated(control)
    if (!isShared || /\b(?:private|no-store)\b/.test(control)) return undefined
    const vary = headersOf(answer, 'vary').join(',').toLowerCase()
    return vary.includes('authorization') || vary.includes('*')
      ? undefined
      : `Cache-Control: ${quote(control)} without Vary`
  },
  /** RFC 6750 section 2.3. */
  'query-answer-private': (answer) =>
    /\b(?:private|no-store)\b/.test(cacheControl(answer)) ? undefined : 'no Cache-Control: private',
  'no-token-echo': (answer, { secrets }) => echo(answer, secrets, 'the token stands in the answer'),
  'no-canary-echo': (answer, { canaries }) =>
    echo(answer, canaries, 'a claim of the token stands in the answer'),
  'no-secret-leak': (answer) =>
    leaks.some((pattern) => pattern.test(answer.body.excerpt))
      ? 'a key or a stack trace stands in the answer'
      : undefined,
  'no-upstream-body': (answer, { good }) =>
    good.body.bytes > 0 && answer.body.hash === good.body.hash
      ? 'the refusal has the body of the good answer'
      : undefined,
  'no-injected-header': (answer) =>
    headersOf(answer, 'x-injected').length > 0
      ? 'a header that the request injected stands in the answer'
      : undefined,
  'no-reflected-host': (answer) =>
    headersOf(answer, 'www-authenticate').some(
      (value) => /evil"|evil\\"/.test(value) && readChallenges([value]).faults.length > 0,
    )
      ? 'the Host header stands unescaped in the challenge'
      : undefined,
  'body-declared': (answer) =>
    answer.body.bytes > 0 && headerOf(answer, 'content-type') === undefined
      ? 'a body without a Content-Type'
      : undefined,
  /** A page that repeats what it was asked for runs what it was asked for. */
  'no-reflected-markup': (answer) =>
    /html/i.test(headerOf(answer, 'content-type') ?? '') && answer.body.excerpt.includes('<gateproof>')
      ? 'markup of the request stands in an HTML answer'
      : undefined,
  /** gRPC carries its status beside that of HTTP, in a header where there is no body. */
  'refused-in-grpc': (answer) =>
    answer.status < 300 && Number(grpcStatusOf(answer) ?? 0) === 0
      ? `answered ${answer.status} without a grpc-status that says no`
      : undefined,
  'method-kept': (_, { method, hits }) => {
    const other = hits.find((hit) => hit.method !== method)
    return other === undefined ? undefined : `the upstream got ${quote(other.method)}`
  },
  'has-date': (answer) => (headerOf(answer, 'date') === undefined ? 'no Date header' : undefined),
  /** 7331 times 7919, which nobody writes by chance. */
  'no-evaluated-template': (answer) =>
    answer.body.excerpt.includes('58054189') ? 'an expression in the token was evaluated' : undefined,
  /** Fetch standard, CORS protocol: what a browser may read of a refusal. */
  'cors-as-good': (answer, { good }) =>
    headerOf(good, 'access-control-allow-origin') !== undefined &&
    headerOf(answer, 'access-control-allow-origin') === undefined
      ? 'the refusal lacks the CORS headers that a good answer has'
      : undefined,
  'not-echoed': (answer, { secrets }) =>
    answer.status < 300 ? echo(answer, secrets, 'the request was echoed') : undefined,
} as const satisfies Record<string, Check>

export type CheckName = keyof typeof checks
export const isCheckName = (name: string): name is CheckName => Object.hasOwn(checks, name)

/** What it is called where one of these does not hold; for all others a malformed answer. */
export const checkKinds: Readonly<Partial<Record<CheckName, MismatchKind>>> = {
  ...upstreamCheckKinds,
  'challenge-present': 'no-challenge',
  'challenge-scheme': 'no-challenge',
  'no-error': 'error-without-credentials',
  'error-invalid-token': 'wrong-error',
  'error-insufficient-scope': 'wrong-error',
  'error-invalid-request': 'wrong-error',
  'error-known': 'wrong-error',
  'not-redirected': 'wrong-status',
  'not-server-error': 'server-error',
  'refused-in-grpc': 'let-in',
  'method-kept': 'let-in',
  'no-token-echo': 'leaks',
  'no-secret-leak': 'leaks',
  'no-upstream-body': 'leaks',
  'no-evaluated-template': 'leaks',
  'not-echoed': 'leaks',
}

const errorIs = (answer: Answered, context: CheckContext, code: string): string | undefined => {
  const challenge = bearer(answer, context)
  const error = paramOf(challenge, 'error')
  if (error === code) return undefined
  return error === undefined ? 'the challenge has no error code' : `the error code is ${quote(error)}`
}

/** RFC 9111 section 3.5: `must-revalidate` lets a shared cache keep the answer, and `max-age` use it for so long. */
const isFreshUnlessValidated = (control: string): boolean =>
  /\bmust-revalidate\b/.test(control) && /\bmax-age=[1-9]/.test(control)

const cacheControl = (answer: Answered): string => headersOf(answer, 'cache-control').join(',').toLowerCase()

/** RFC 9111 section 3: a shared cache may keep an answer that says how long it is fresh. */
const storable = (answer: Answered): string | undefined => {
  const control = cacheControl(answer)
  if (/\b(?:no-store|private|no-cache)\b/.test(control)) return undefined
  if (/\bmax-age=[1-9]|\bs-maxage=[1-9]|\bpublic\b/.test(control))
    return `a refusal with Cache-Control: ${quote(control)}`
  const expires = headerOf(answer, 'expires')
  return expires !== undefined && Date.parse(expires) > Date.parse(headerOf(answer, 'date') ?? expires)
    ? 'a refusal with an Expires header in the future'
    : undefined
}

const echo = (answer: Answered, texts: readonly string[], message: string): string | undefined => {
  const head = answer.headers.map(([name, value]) => `${name}: ${value}`).join('\n')
  return texts.some((text) => text.length >= 8 && (head.includes(text) || answer.body.excerpt.includes(text)))
    ? message
    : undefined
}
