import { type Clock, isDate } from '../check-claims.ts'
import type { Decisions } from '../decisions.ts'
import { errorAnswer } from '../answer.ts'
import { isObject } from '../strict-json.ts'
import { segmentJson, serverErrorWhere, tokenTextOf } from './answers.ts'
import { type Fault, fault } from './fault.ts'

type Check = 'isUnexpired' | 'hasBegun' | 'isIssued'

/** A date passes also where the test says so. */
const passing =
  (check: Check, test: (value: unknown, clock: Clock) => boolean): Fault['alter'] =>
  (next) => ({ [check]: (value: unknown, clock: Clock) => test(value, clock) || next[check](value, clock) })

/** A date is made into another before it is compared. */
const readAs =
  (check: Check, read: (value: unknown) => unknown): Fault['alter'] =>
  (next) => ({ [check]: (value: unknown, clock: Clock) => next[check](read(value), clock) })

const isWrongType = (value: unknown): boolean => value !== undefined && value !== null && !isDate(value)

const isHuge = (value: unknown): boolean => isDate(value) && value >= 2 ** 31

const skewed =
  (seconds: number): Fault['alter'] =>
  (next) => ({
    claimsHold: (claims, policy, clock, d) =>
      next.claimsHold(claims, policy, { ...clock, skewSeconds: seconds }, d),
  })

/** exp, nbf and iat. */
export const timeFaults = {
  'exp-unchecked': fault('exp is not compared', passing('isUnexpired', isDate)),
  'exp-missing-passes': fault(
    'a token without exp never expires',
    passing('isUnexpired', (exp) => exp === undefined),
  ),
  'exp-null-passes': fault(
    'exp null is taken for none',
    passing('isUnexpired', (exp) => exp === null),
  ),
  'exp-zero-passes': fault(
    'exp is compared only where it is truthy',
    passing('isUnexpired', (exp) => exp === 0),
  ),
  'exp-negative-passes': fault(
    'exp is read as an unsigned number',
    passing('isUnexpired', (exp) => isDate(exp) && exp < 0),
  ),
  'exp-string-unchecked': fault(
    'an exp that is no number is taken for none',
    passing('isUnexpired', isWrongType),
  ),
  'exp-string-coerced': fault(
    'an exp that is text is read as a number',
    readAs('isUnexpired', (exp) => (typeof exp === 'string' && exp !== '' ? Number(exp) : exp)),
  ),
  'exp-iso-parsed': fault(
    'an exp that is an ISO date is read',
    readAs('isUnexpired', (exp) =>
      typeof exp === 'string' && /^\d{4}-/.test(exp) ? Date.parse(exp) / 1000 : exp,
    ),
  ),
  'exp-overflow-32bit': fault(
    'exp is kept in 32 bits, and wraps',
    readAs('isUnexpired', (exp) => (isDate(exp) ? exp >>> 0 : exp)),
  ),
  'exp-overflow-milliseconds': fault(
    'exp is kept in milliseconds in 64 bits, and wraps',
    readAs('isUnexpired', (exp) =>
      isDate(exp) ? Number(BigInt.asIntN(64, BigInt(Math.trunc(exp)) * 1000n)) / 1000 : exp,
    ),
  ),
  'exp-huge-crash': fault('an exp that 31 bits do not hold is not expected', (next) => ({
    ...serverErrorWhere((request) => {
      const claims = segmentJson(request, 1)
      return isObject(claims) && isHuge(claims.exp)
    })(next),
    isUnexpired: (exp, clock) => !isHuge(exp) && next.isUnexpired(exp, clock),
  })),
  'skew-too-large': fault('clocks may differ by an hour', skewed(3600)),
  'nbf-unchecked': fault('nbf is not compared', passing('hasBegun', isDate)),
  'nbf-string-unchecked': fault(
    'an nbf that is no number is taken for none',
    passing('hasBegun', isWrongType),
  ),
  'nbf-null-passes': fault(
    'nbf null is taken for none',
    passing('hasBegun', (nbf) => nbf === null),
  ),
  'nbf-overflow': fault(
    'an nbf that no 53-bit integer holds wraps',
    passing('hasBegun', (nbf) => isDate(nbf) && nbf > 2 ** 53),
  ),
  'iat-future-passes': fault('iat is not compared', passing('isIssued', isDate)),
  'iat-string-unchecked': fault(
    'an iat that is no number is taken for none',
    passing('isIssued', isWrongType),
  ),
  'verdict-cached': fault('the verdict on a token is cached beyond its exp', (next) => {
    const admitted = new Set<string>()
    const claimsHold: Decisions['claimsHold'] = (claims, policy, clock, d) => {
      const key = JSON.stringify(claims)
      const holds = admitted.has(key) || next.claimsHold(claims, policy, clock, d)
      if (holds && admitted.size < 10_000) admitted.add(key)
      return holds
    }
    return { claimsHold }
  }),
  'date-type-crash': fault('a date that is no number is not expected', (next) => ({
    refusal: (refusal, standard, request) => {
      const claims = tokenTextOf(request) === '' ? undefined : segmentJson(request, 1)
      const dates = isObject(claims) ? [claims.exp, claims.nbf, claims.iat] : []
      return dates.some((date) => date !== undefined && !isDate(date))
        ? errorAnswer(500)
        : next.refusal(refusal, standard, request)
    },
  })),
} as const satisfies Readonly<Record<string, Fault>>
