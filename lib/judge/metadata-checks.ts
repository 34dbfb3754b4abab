import { headerOf, headersOf, type Answered } from '../exchange/answer.ts'
import { challengeOf, paramOf, readChallenges } from './challenge.ts'
import { quote } from './quote.ts'

/** What protected resource metadata have to agree with. */
export type MetadataFacts = {
  /** The resource identifier. */
  readonly resource: string
  /** Who issues tokens that get in; empty where nobody knows. */
  readonly issuers: readonly string[]
  /** Where the gateway looks for a bearer token, in the words of RFC 9728 section 2. */
  readonly methods: readonly string[]
}

type Context = { readonly metadata?: MetadataFacts | undefined; readonly scheme: string }

/** A host that suites name where none but the configured one may stand. */
const intruder = 'gateproof-intruder'

/** What does not hold of the metadata, in a sentence. */
const each =
  (look: (document: Readonly<Record<string, unknown>>, facts: MetadataFacts) => string | undefined) =>
  (answer: Answered, { metadata }: Context): string | undefined => {
    if (metadata === undefined) return 'no protected resource metadata is declared'
    const document = documentIn(answer)
    return typeof document === 'string' ? document : look(document, metadata)
  }

/** The metadata, or why there are none (RFC 9728 section 3.2). */
const documentIn = (answer: Answered): Readonly<Record<string, unknown>> | string => {
  if (answer.status !== 200) return `answered ${answer.status} instead of the metadata`
  const type = headerOf(answer, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/json')
    return type === undefined ? 'the metadata have no type' : `the metadata have the type ${quote(type)}`
  if (answer.body.truncated) return 'the metadata are too long to be read'
  const value = parsed(answer.body.excerpt)
  return isRecord(value) ? value : 'the metadata are no JSON object'
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The named checks of protected resource metadata (RFC 9728). */
export const metadataChecks = {
  /** Section 3.2. */
  'metadata-served': each(() => undefined),
  /** Section 3.3: character by character. */
  'metadata-resource': each(({ resource }, facts) =>
    resource === facts.resource
      ? undefined
      : `the resource is ${said(resource)}, and not the one that was asked about`,
  ),
  /** Section 2: those that can be used with the resource; without the member nothing is said. */
  'metadata-issuer': each(({ authorization_servers: servers }, { issuers }) => {
    if (servers === undefined || issuers.length === 0) return undefined
    const listed = Array.isArray(servers) && issuers.every((issuer) => servers.includes(issuer))
    return listed
      ? undefined
      : `authorization_servers is ${said(servers)}, without an issuer whose tokens get in`
  }),
  /** Section 2; without the member nothing is said. */
  'metadata-bearer-methods': each(({ bearer_methods_supported: methods }, facts) => {
    if (methods === undefined) return undefined
    const same =
      Array.isArray(methods) &&
      methods.every((method) => facts.methods.some((one) => one === method)) &&
      facts.methods.every((one) => methods.includes(one))
    return same
      ? undefined
      : `bearer_methods_supported is ${said(methods)}, and tokens are taken from ${facts.methods.join(', ') || 'nowhere of these'}`
  }),
  /** Section 2: said where a plain bearer token is let in, it is not so. */
  'metadata-dpop-optional': each(({ dpop_bound_access_tokens_required: required }) =>
    required === undefined || required === false
      ? undefined
      : `dpop_bound_access_tokens_required is ${said(required)}, and a token that is bound to no key gets in`,
  ),
  /** Section 5.1; over TLS where the resource is (section 3). */
  'challenge-metadata': (answer: Answered, { metadata, scheme }: Context): string | undefined => {
    const url = paramOf(
      challengeOf(readChallenges(headersOf(answer, 'www-authenticate')), scheme),
      'resource_metadata',
    )
    if (url === undefined) return 'the challenge has no resource_metadata'
    const needed = metadata?.resource.startsWith('http:') === true ? /^https?:\/\// : /^https:\/\//
    return needed.test(url) && URL.canParse(url)
      ? undefined
      : `resource_metadata is ${quote(url)}, no absolute https URL`
  },
  /** What a client says of the host leads other clients nowhere. */
  'no-foreign-host': (answer: Answered) =>
    [answer.body.excerpt, ...answer.headers.map(([, value]) => value)].some((text) => text.includes(intruder))
      ? 'a host that the client named stands in the answer'
      : undefined,
} as const

const said = (value: unknown): string => {
  if (value === undefined) return 'not there'
  return quote(typeof value === 'string' ? value : JSON.stringify(value).replaceAll('"', '').slice(0, 200))
}
