import { type ClaimForwardingDecisions, percentEncoded, sameName } from '../forward-claims.ts'
import { parsed } from '../strict-json.ts'
import { type Fault, fault } from './fault.ts'
import { firstMembers } from './members.ts'

type Fields = Parameters<ClaimForwardingDecisions['clientFields']>[0]
type Forwards = Parameters<ClaimForwardingDecisions['clientFields']>[1]

const isClaimHeader = (name: string, { claims }: Forwards): boolean =>
  Object.keys(claims).some((header) => sameName(header, name))

/** Of the client's headers with a configured name, those that the test picks are passed on. */
const keeping =
  (
    test: (
      field: Fields[number],
      place: {
        readonly forwards: Forwards
        readonly index: number
        readonly has: (header: string) => boolean
      },
    ) => boolean,
  ): Fault['alter'] =>
  () => ({
    clientFields: (fields, forwards, claims) => {
      const has = (name: string): boolean => {
        const [, claim = ''] =
          Object.entries(forwards.claims).find(([header]) => sameName(header, name)) ?? []
        return claims !== undefined && Object.hasOwn(claims, claim)
      }
      const own = fields.filter(([name]) => isClaimHeader(name, forwards))
      return fields.filter(
        (field) =>
          !isClaimHeader(field[0], forwards) || test(field, { forwards, index: own.indexOf(field), has }),
      )
    },
  })

/** A claim is written otherwise where the writer does not leave it as it is. */
const writing =
  (write: (value: unknown) => string | undefined): Fault['alter'] =>
  (next) => ({ claimText: (value) => write(value) ?? next.claimText(value) })

/** Bytes of UTF-8 as the characters of a header; of control characters only line ends. */
const raw = (text: string): string =>
  Buffer.from(text.replace(/\r\n|\p{Cc}/gu, (found) => (found === '\r\n' ? found : ''))).toString('latin1')

/** What the backend is told of the token. */
export const forwardClaimsFaults = {
  'claim-header-kept': fault(
    'a claim header that the client sends is passed on beside the gateway’s',
    keeping(() => true),
  ),
  'claim-header-kept-anonymous': fault(
    'claim headers of the client are removed only where a token was verified',
    (next) => ({
      clientFields: (fields, forwards, claims) =>
        claims === undefined ? fields : next.clientFields(fields, forwards, claims),
    }),
  ),
  'claim-header-kept-without-claim': fault(
    'a claim header of the client is removed only where the token has the claim',
    keeping(([name], { has }) => !has(name)),
  ),
  'claim-header-first-removed': fault(
    'of claim headers that the client sends, only the first is removed',
    keeping((_, { index }) => index > 0),
  ),
  'claim-header-case-sensitive': fault(
    'a claim header of the client is removed only as the configuration spells it',
    keeping(([name], { forwards }) => !Object.hasOwn(forwards.claims, name) && !/[_.]/.test(name)),
  ),
  'claim-header-respelt-kept': fault(
    'a claim header of the client stays where underscores or dots stand for the hyphens',
    keeping(([name]) => /[_.]/.test(name)),
  ),
  'claim-header-list-kept': fault(
    'a claim header of the client that is a list is left to the backend',
    keeping(([, value]) => value.includes(',')),
  ),
  'claim-header-first-member': fault(
    'of a claim that is a list, the first member is passed on',
    writing((value) => (Array.isArray(value) ? JSON.stringify(value[0]) : undefined)),
  ),
  'claim-header-object': fault(
    'a claim that is an object is passed on as [object Object]',
    writing((value) =>
      typeof value === 'object' && !Array.isArray(value) ? Object.prototype.toString.call(value) : undefined,
    ),
  ),
  'claim-header-boolean': fault(
    'a claim that is true is passed on as 1',
    writing((value) => (value === true ? '1' : undefined)),
  ),
  'claim-header-exponent': fault(
    'a large number is passed on with six digits and an exponent',
    writing((value) => (typeof value === 'number' && value > 1e6 ? value.toExponential(5) : undefined)),
  ),
  'claim-header-after-colon': fault(
    'of a text with a colon, what follows it is passed on',
    writing((value) =>
      typeof value === 'string' && value.includes(': ')
        ? percentEncoded(value.replace(/^.*: /s, ''))
        : undefined,
    ),
  ),
  'claim-header-falsy-empty': fault(
    'a claim that is false or 0 is taken for an empty one',
    writing((value) => (value === false || value === 0 ? '' : undefined)),
  ),
  'claim-header-ascii-only': fault(
    'characters beyond ASCII are replaced in what is passed on',
    writing((value) =>
      typeof value === 'string' && /[^\0-\x7f]/.test(value)
        ? value.replace(/[^\x20-\x7e]/g, '?').trim()
        : undefined,
    ),
  ),
  'claim-header-lower-case': fault(
    'texts are passed on in lower case',
    writing((value) => (typeof value === 'string' ? percentEncoded(value.toLowerCase()) : undefined)),
  ),
  'claim-header-raw': fault(
    'texts are written into the header as they are, line ends included',
    writing((value) => (typeof value === 'string' ? raw(value).trim() : undefined)),
  ),
  'claim-header-truncated': fault('a claim is cut off after 255 characters', (next) => ({
    claimText: (value) => next.claimText(value).slice(0, 255),
  })),
  'claim-header-first-duplicate': fault(
    'of two members with one name, the last is judged and the first is passed on',
    (next) => {
      const texts = new WeakMap<object, string>()
      return {
        parseObject: (text) => {
          const object = next.parseObject(text) ?? lastMembers(text)
          if (object !== undefined) texts.set(object, text)
          return object
        },
        claimsToForward: (opened, d) => {
          const claims = next.claimsToForward(opened, d)
          const first = firstMembers((claims && texts.get(claims)) ?? '')
          return typeof first === 'object' && first !== null ? { ...first } : claims
        },
      }
    },
  ),
  'credential-respelt': fault(
    'the credential is passed on as two words, the second of those that spaces delimit',
    (next) => ({
      clientFields: (fields, forwards, claims) =>
        next
          .clientFields(fields, forwards, claims)
          .map(([name, value]) =>
            name.toLowerCase() === 'authorization'
              ? ([name, value.split(' ').slice(0, 2).join(' ')] as const)
              : ([name, value] as const),
          ),
    }),
  ),
  'credential-passed-on': fault('the backend gets the token though the gateway was told to keep it', () => ({
    withoutCredential: (field) => field,
  })),
  'cookie-token-passed-on': fault('the token stays in the cookie that it came in', (next) => ({
    withoutCredential: (field, place, cookie) =>
      field[0].toLowerCase() === 'cookie' ? field : next.withoutCredential(field, place, cookie),
  })),
} as const satisfies Readonly<Record<string, Fault>>

const lastMembers = (text: string): Readonly<Record<string, unknown>> | undefined => {
  const object = parsed(text)
  return typeof object === 'object' && object !== null && !Array.isArray(object) ? { ...object } : undefined
}
