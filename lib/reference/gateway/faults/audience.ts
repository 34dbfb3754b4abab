import type { Decisions } from '../decisions.ts'
import { isObject } from '../strict-json.ts'
import { segmentJson, serverErrorWhere } from './answers.ts'
import { type Fault, fault } from './fault.ts'

const comparing =
  (same: (ours: string, theirs: string) => boolean): Fault['alter'] =>
  () => ({ sameAudience: same })

/** Audiences are the same where they look the same through the lens. */
const seenBy = (lens: (audience: string) => string): Fault['alter'] =>
  comparing((ours, theirs) => lens(ours) === lens(theirs))

const passing =
  (test: (aud: unknown) => boolean): Fault['alter'] =>
  (next) => ({ namesAudience: (aud, audiences, d) => test(aud) || next.namesAudience(aud, audiences, d) })

/** The aud is made into another before it is looked at. */
const readAs =
  (read: (aud: unknown) => unknown): Fault['alter'] =>
  (next) => ({ namesAudience: (aud, audiences, d) => next.namesAudience(read(aud), audiences, d) })

/** What another claim says is an audience too. */
const orSameAs =
  (name: string) =>
  (next: Decisions): Partial<Decisions> => ({
    claimsHold: (claims, policy, clock, d) =>
      next.claimsHold(claims, policy, clock, {
        ...d,
        namesAudience: (aud, audiences) =>
          (aud !== undefined && aud === claims[name]) || d.namesAudience(aud, audiences, d),
      }),
  })

/** For whom a token must be. */
export const audienceFaults = {
  'aud-unchecked': fault(
    'aud is not looked at',
    passing(() => true),
  ),
  'aud-missing-passes': fault(
    'a token without aud is for everyone',
    passing((aud) => aud === undefined),
  ),
  'aud-empty-passes': fault(
    'an empty aud is taken for none, which passes',
    passing((aud) => aud === ''),
  ),
  'aud-empty-array-passes': fault(
    'every member of an empty list is ours',
    passing((aud) => Array.isArray(aud) && aud.length === 0),
  ),
  'aud-null-passes': fault(
    'aud null is taken for none, which passes',
    passing((aud) => aud === null),
  ),
  'aud-type-unchecked': fault(
    'an aud that is neither text nor list is not compared',
    passing((aud) => aud !== undefined && aud !== null && typeof aud !== 'string' && !Array.isArray(aud)),
  ),
  'aud-object-keys': fault(
    'aud may be an object that has ours as a name',
    readAs((aud) => (isObject(aud) ? Object.keys(aud) : aud)),
  ),
  'aud-array-any-type': fault(
    'members of the list that are no text count as ours',
    passing((aud) => Array.isArray(aud) && aud.some((member) => typeof member !== 'string')),
  ),
  'aud-array-flattened': fault(
    'lists within the list are searched',
    readAs((aud) => (Array.isArray(aud) ? aud.flat(Infinity) : aud)),
  ),
  'aud-array-any': fault(
    'a list of several audiences is not compared',
    passing((aud) => Array.isArray(aud) && aud.length > 1),
  ),
  'aud-prefix': fault(
    'audience compared by startsWith',
    comparing((ours, theirs) => theirs.startsWith(ours)),
  ),
  'aud-suffix': fault(
    'audience compared by endsWith',
    comparing((ours, theirs) => theirs.endsWith(ours)),
  ),
  'aud-substring': fault(
    'audience compared by contains, the configured one holding the token’s',
    comparing((ours, theirs) => theirs !== '' && ours.includes(theirs)),
  ),
  'aud-case': fault(
    'audiences are compared without regard to case',
    seenBy((audience) => audience.toLowerCase()),
  ),
  'aud-trailing-slash': fault(
    'a slash at the end of the audience is not compared',
    seenBy((audience) => audience.replace(/\/$/, '')),
  ),
  'aud-scheme-ignored': fault(
    'http:// and https:// before the audience are not compared',
    seenBy((audience) => audience.replace(/^https?:\/\//, '')),
  ),
  'aud-space-split': fault(
    'a text is a list that spaces delimit',
    readAs((aud) => (typeof aud === 'string' ? aud.split(' ') : aud)),
  ),
  'aud-comma-split': fault(
    'a text is a list that commas delimit',
    readAs((aud) => (typeof aud === 'string' ? aud.split(',') : aud)),
  ),
  'aud-wildcard': fault(
    'the audience of the token may be a pattern',
    comparing((ours, theirs) => theirs === ours || /^(?:https?:\/\/)?\.?\*$/.test(theirs)),
  ),
  'aud-trimmed': fault(
    'white space around the audience is not compared',
    seenBy((audience) => audience.trim()),
  ),
  'aud-client-id': fault('a token for the client itself is taken', orSameAs('client_id')),
  'aud-issuer': fault('a token for the issuer itself is taken', orSameAs('iss')),
  'aud-type-crash': fault(
    'an aud that is neither text nor a list of texts is not expected',
    serverErrorWhere((request) => {
      const claims = segmentJson(request, 1)
      const audiences: unknown[] = isObject(claims) ? [claims.aud ?? ''].flat() : []
      return audiences.some((audience) => typeof audience !== 'string')
    }),
  ),
} as const satisfies Readonly<Record<string, Fault>>
