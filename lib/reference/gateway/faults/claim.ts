import type { ClaimRule } from '../deployment.ts'
import { isObject, type JsonObject } from '../strict-json.ts'
import { segmentJson, serverErrorWhere } from './answers.ts'
import { type Fault, fault } from './fault.ts'
import { withoutMembers } from './members.ts'

const fitting =
  (test: (value: unknown, rule: ClaimRule) => boolean): Fault['alter'] =>
  (next) => ({ claimFits: (value, rule) => test(value, rule) || next.claimFits(value, rule) })

const identifierOfAnyType =
  (name: string): Fault['alter'] =>
  (next) => ({
    hasTextIdentifiers: (claims) => next.hasTextIdentifiers(withoutMembers(claims, name)),
  })

const confirmed =
  (test: (cnf: unknown) => boolean): Fault['alter'] =>
  (next) => ({
    isBearer: (claims) => next.isBearer(claims) || test(claims.cnf),
  })

const nested = (claims: JsonObject, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, step) => (isObject(inner) ? inner[step] : undefined), claims)

/** Claims that are neither time nor issuer nor audience. */
export const claimFaults = {
  'claim-unchecked': fault(
    'required claims are not looked at',
    fitting(() => true),
  ),
  'claim-missing-passes': fault(
    'a required claim is checked only where it is there',
    fitting((value) => value === undefined),
  ),
  'claim-empty-passes': fault(
    'a claim that is null or empty is taken for none, which passes',
    fitting(
      (value) =>
        value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0),
    ),
  ),
  'claim-array-contains': fault(
    'a list passes where it holds a value',
    fitting(
      (value, { values }) => Array.isArray(value) && value.some((member) => values.includes(String(member))),
    ),
  ),
  'claim-object-passes': fault(
    'a claim that is no text is not compared',
    fitting((value) => value !== undefined && value !== null && typeof value !== 'string'),
  ),
  'claim-substring': fault(
    'a value needs only to be part of the claim, or the claim of a value',
    fitting(
      (value, { values }) =>
        typeof value === 'string' &&
        value !== '' &&
        values.some((wanted) => value.includes(wanted) || wanted.includes(value)),
    ),
  ),
  'claim-case': fault(
    'values are compared without regard to case',
    fitting(
      (value, { values }) =>
        typeof value === 'string' && values.some((wanted) => wanted.toLowerCase() === value.toLowerCase()),
    ),
  ),
  'claim-url-last-segment': fault(
    'of a claim that is named by a URL, the end of the name is enough',
    (next) => ({
      claim: (claims, name) =>
        next.claim(claims, name) ??
        (/^https?:/.test(name) ? next.claim(claims, name.slice(name.lastIndexOf('/') + 1)) : undefined),
    }),
  ),
  'claim-dots-descend': fault('a dot in the name of a claim descends', (next) => ({
    claim: (claims, name) => next.claim(claims, name) ?? nested(claims, name),
  })),
  'sub-non-string-accepted': fault('a sub of any type is taken', identifierOfAnyType('sub')),
  'jti-non-string-accepted': fault('a jti of any type is taken', identifierOfAnyType('jti')),
  'sub-type-crash': fault(
    'a sub or jti that is no text is not expected',
    serverErrorWhere((request) => {
      const claims = segmentJson(request, 1)
      return (
        isObject(claims) &&
        [claims.sub, claims.jti].some((value) => value !== undefined && typeof value !== 'string')
      )
    }),
  ),
  'cnf-ignored': fault('a token that is bound to a key is taken from anyone', confirmed(isObject)),
  'cnf-malformed-ignored': fault(
    'a binding that cannot be read is taken for none',
    confirmed(
      (cnf) =>
        !isObject(cnf) ||
        !Object.entries(cnf).some(
          ([name, value]) => ['jkt', 'x5t#S256', 'jwk'].includes(name) && typeof value !== 'number',
        ),
    ),
  ),
  'cnf-unknown-ignored': fault(
    'a binding by an unknown method is taken for none',
    confirmed(
      (cnf) => isObject(cnf) && !Object.keys(cnf).some((name) => ['jkt', 'x5t#S256', 'jwk'].includes(name)),
    ),
  ),
} as const satisfies Readonly<Record<string, Fault>>
