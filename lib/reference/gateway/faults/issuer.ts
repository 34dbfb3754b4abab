import { isObject } from '../strict-json.ts'
import { segmentJson, serverErrorWhere } from './answers.ts'
import { type Fault, fault } from './fault.ts'
import { percentDecoded } from './percent.ts'

const comparing =
  (same: (ours: string, theirs: string) => boolean): Fault['alter'] =>
  () => ({ sameIssuer: same })

/** Issuers are the same where they look the same through the lens. */
const seenBy = (lens: (issuer: string) => string): Fault['alter'] =>
  comparing((ours, theirs) => lens(ours) === lens(theirs))

const passing =
  (test: (iss: unknown) => boolean): Fault['alter'] =>
  (next) => ({ trustsIssuer: (iss, issuers, d) => test(iss) || next.trustsIssuer(iss, issuers, d) })

const hostOf = (text: string): string => (URL.canParse(text) ? new URL(text).host : text)

/** The issuer without the first step of its path. */
const tenantless = (issuer: string): string => issuer.replace(/^(https?:\/\/[^/]+)\/[^/]+/, '$1')

/** Who may have issued a token. */
export const issuerFaults = {
  'iss-unchecked': fault(
    'iss is not looked at',
    passing(() => true),
  ),
  'iss-missing-passes': fault(
    'a token without iss passes',
    passing((iss) => iss === undefined),
  ),
  'iss-null-passes': fault(
    'iss null is taken for none, which passes',
    passing((iss) => iss === null),
  ),
  'iss-empty-passes': fault(
    'an empty iss is taken for none, which passes',
    passing((iss) => iss === ''),
  ),
  'iss-type-unchecked': fault(
    'an iss that is no text is not compared',
    passing((iss) => iss !== undefined && iss !== null && typeof iss !== 'string'),
  ),
  'iss-prefix': fault(
    'iss needs only to begin as the configured issuer',
    comparing((ours, theirs) => theirs.startsWith(ours)),
  ),
  'iss-suffix': fault(
    'iss needs only to end as the configured issuer',
    comparing((ours, theirs) => theirs.endsWith(ours)),
  ),
  'iss-substring': fault(
    'iss needs only to be part of the configured issuer',
    comparing((ours, theirs) => theirs !== '' && ours.includes(theirs)),
  ),
  'iss-contains': fault(
    'iss needs only to contain the configured issuer',
    comparing((ours, theirs) => theirs.includes(ours)),
  ),
  'iss-case': fault(
    'issuers are compared without regard to case',
    seenBy((issuer) => issuer.toLowerCase()),
  ),
  'iss-trailing-slash': fault(
    'a slash at the end of the issuer is not compared',
    seenBy((issuer) => issuer.replace(/\/$/, '')),
  ),
  'iss-scheme-ignored': fault(
    'http and https are the same',
    seenBy((issuer) => issuer.replace(/^https?:/, '')),
  ),
  'iss-default-port': fault(
    'a default port is not compared',
    seenBy((issuer) => issuer.replace(/:443(?=\/|$)/, '')),
  ),
  'iss-host-only': fault('only the host of the issuer is compared', seenBy(hostOf)),
  'iss-any-tenant': fault('any tenant of the issuer is taken for ours', (next) => ({
    sameIssuer: (ours, theirs) => next.sameIssuer(ours, theirs) || tenantless(ours) === tenantless(theirs),
  })),
  'iss-regex-dot': fault(
    'the configured issuer is taken for a regular expression',
    comparing((ours, theirs) => new RegExp(`^${ours.replace(/[*+?^${}()|[\]\\]/g, '\\$&')}$`).test(theirs)),
  ),
  'iss-array': fault('iss may be a list, of which one needs to match', (next) => ({
    trustsIssuer: (iss, issuers, d) =>
      (Array.isArray(iss) ? iss : [iss]).some((one: unknown) => next.trustsIssuer(one, issuers, d)),
  })),
  'iss-trimmed': fault(
    'white space around iss, and what is invisible, is not compared',
    seenBy((issuer) => issuer.trim().replace(/[\u200b-\u200d\u2060\ufeff]/g, '')),
  ),
  'iss-percent-decoded': fault(
    'percent-encodings and punycode are decoded before issuers are compared',
    seenBy((issuer) => {
      const text = percentDecoded(issuer)
      return URL.canParse(text) ? new URL(text).href : text
    }),
  ),
  'iss-type-crash': fault(
    'an iss that is no text is not expected',
    serverErrorWhere((request) => {
      const claims = segmentJson(request, 1)
      return isObject(claims) && claims.iss !== undefined && typeof claims.iss !== 'string'
    }),
  ),
} as const satisfies Readonly<Record<string, Fault>>
