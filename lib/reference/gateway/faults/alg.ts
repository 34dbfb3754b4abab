import { type JsonObject, isObject, parsed } from '../strict-json.ts'
import { algorithmNamed } from '../verification-key.ts'
import { type Fault, fault } from './fault.ts'
import { authenticWhere, splitUnsigned, unsecuredWhere, usableKeys, verifiesAs } from './signing.ts'

const known = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']

const textOf = (alg: unknown): string => (typeof alg === 'string' ? alg : '')

/** Tokens whose `alg` passes the test are taken unverified, with or without a signature. */
const unverifiedWhere =
  (test: (alg: unknown, header: JsonObject, claims: JsonObject) => boolean): Fault['alter'] =>
  (next) => ({
    split: splitUnsigned(next),
    ...authenticWhere(({ header, claims }) => test(header.alg, header, claims))(next),
  })

/** Which algorithm a token is verified by. */
export const algFaults = {
  'alg-none': fault(
    'alg none is an algorithm, and the empty signature is right for it',
    unsecuredWhere((alg) => alg === 'none'),
  ),
  'alg-none-nocase': fault(
    'none is refused as it is spelt, and known in other cases',
    unsecuredWhere((alg) => alg !== 'none' && textOf(alg).toLowerCase() === 'none'),
  ),
  'alg-none-trimmed': fault(
    'none is refused as it is spelt, and white space and NULs are then trimmed',
    unsecuredWhere((alg) => alg !== 'none' && textOf(alg).replace(/[\s\0]/g, '') === 'none'),
  ),
  'alg-none-unicode': fault(
    'none is refused as it is spelt, and letters are then folded',
    unsecuredWhere(
      (alg) => !/^[\x20-\x7e]*$/.test(textOf(alg)) && textOf(alg).normalize('NFKC').toLowerCase() === 'none',
    ),
  ),
  'alg-none-two-parts': fault('with alg none, the last dot may be left out', (next) => ({
    ...unsecuredWhere((alg) => alg === 'none')(next),
    split: (token) => {
      const [header, payload, more] = token.split('.', 3)
      return header && payload && more === undefined ? [header, payload, ''] : next.split(token)
    },
  })),
  'alg-none-keeps-signature': fault(
    'with alg none, whatever stands as the signature is right',
    authenticWhere(({ header }) => header.alg === 'none'),
  ),
  'alg-missing-is-none': fault(
    'a header without alg needs no verification',
    unverifiedWhere((_, header) => !Object.hasOwn(header, 'alg')),
  ),
  'alg-falsy-skips': fault(
    'verification is skipped where alg is falsy',
    unverifiedWhere((alg) => !alg),
  ),
  'alg-type-unchecked': fault(
    'an alg that is no text matches no branch, and nothing is verified',
    unverifiedWhere((alg) => alg !== undefined && typeof alg !== 'string'),
  ),
  'alg-unknown-skips': fault(
    'an unknown alg matches no branch, and nothing is verified',
    unverifiedWhere((alg) => typeof alg === 'string' && alg.toLowerCase() !== 'none' && !known.includes(alg)),
  ),
  'alg-proto-lookup': fault(
    'verifiers stand in an object, which inherits functions of other names',
    unverifiedWhere((alg) => textOf(alg) in {}),
  ),
  'alg-in-payload': fault(
    'an alg that the header lacks is looked for in the claims',
    unverifiedWhere((alg, _, claims) => alg === undefined && claims.alg === 'none'),
  ),
  'alg-dup-none': fault('one of two alg members is checked, and the other used', (next) => ({
    split: splitUnsigned(next),
    parseObject: (text) => {
      const value = /"alg".*"alg"/s.test(text) ? parsed(text) : undefined
      return isObject(value) ? value : next.parseObject(text)
    },
    ...authenticWhere(({ segments: [header], signature }) => {
      const text = Buffer.from(header, 'base64url').toString()
      return signature.length === 0 && /"alg".*"alg"/s.test(text) && /"alg" *: *"none"/.test(text)
    })(next),
  })),
  'alg-nocase': fault('algorithm names are compared without regard to case', (next) => ({
    algorithmOf: (header) => next.algorithmOf({ ...header, alg: textOf(header.alg).toUpperCase() }),
  })),
  'alg-trimmed': fault('algorithm names are trimmed', (next) => ({
    algorithmOf: (header) => next.algorithmOf({ ...header, alg: textOf(header.alg).trim() }),
  })),
  'alg-loose-equality': fault(
    'algorithm names are compared loosely: a list of one text equals the text',
    (next) => ({
      ...unsecuredWhere((alg) => Array.isArray(alg) && String(alg) === 'none')(next),
      algorithmOf: ({ alg }) => algorithmNamed(Array.isArray(alg) ? String(alg) : alg),
    }),
  ),
  'alg-from-token': fault(
    'every algorithm that fits the key is allowed, PSS too',
    authenticWhere((token, keys, next) => {
      const key = next.keyOf(token.header, keys)
      return (
        key !== undefined &&
        known.includes(textOf(token.header.alg)) &&
        verifiesAs(textOf(token.header.alg), token, key)
      )
    }),
  ),
  'alg-jwk-mismatch': fault('the alg of the JWK is not looked at', () => ({ isFor: () => true })),
  'alg-sha1': fault(
    'RS1 is allowed',
    authenticWhere((token, keys, next) => {
      const key = next.keyOf(token.header, keys)
      return token.header.alg === 'RS1' && key !== undefined && verifiesAs('RS1', token, key)
    }),
  ),
  'alg-label-ignored': fault(
    'every hash and padding is tried, whatever the header says',
    authenticWhere(
      (token, keys) =>
        known.includes(textOf(token.header.alg)) &&
        usableKeys(keys).some((key) => known.some((name) => verifiesAs(name, token, key))),
    ),
  ),
  'alg-keyed-on-kty': fault(
    'the algorithm comes from the key type alone, and the header is not compared',
    (next) => ({
      algorithmOf: (header) =>
        next.algorithmOf(header) ?? (typeof header.alg === 'string' ? 'RS256' : undefined),
    }),
  ),
} as const satisfies Readonly<Record<string, Fault>>
