import type { Deviation } from '../config/deviation.ts'
import { encode } from './base64.ts'
import { placeScope, type GoodToken } from './good.ts'
import { writeSegment } from './raw-text.ts'
import { makeSignature } from './sign.ts'
import { resolve, type Members, type Scene } from './value.ts'
import { editWire } from './wire.ts'

/** The good token with one deviation: header, claims, JSON text, signature, compact form, in the order of the making. */
export const forgeToken = (deviation: Deviation, good: GoodToken, scene: Scene): string => {
  const [goodHeader = '', goodPayload = ''] = good.text.split('.')
  const header = merge(good.header, deviation.header, scene)
  const claims = mergeClaims(good.claims, deviation.claims, scene)
  // What is not touched keeps the issuer's own bytes: only they have the issuer's signature.
  const first =
    deviation.header === undefined && deviation.raw?.header === undefined
      ? goodHeader
      : writeSegment(header, deviation.raw?.header, scene)
  const second =
    deviation.claims === undefined && deviation.raw?.claims === undefined
      ? goodPayload
      : writeSegment(claims, deviation.raw?.claims, scene)
  const input = `${first}.${second}`
  const untouched = first === goodHeader && second === goodPayload
  const sign = deviation.sign ?? (untouched ? 'keep' : 'issuer')
  const signature = makeSignature(sign, { header, input, good: good.signature }, scene)
  const compact = `${input}.${encode(signature)}`
  return (deviation.wire ?? []).reduce((text, edit) => editWire(text, edit, scene), compact)
}

/** A shallow merge in which null removes. */
const merge = (members: Members, changes: Members | undefined, scene: Scene): Members => {
  const entries = Object.entries(changes ?? {})
  const removed = new Set(entries.filter(([, value]) => value === null).map(([name]) => name))
  const kept = Object.entries(members).filter(([name]) => !removed.has(name))
  const set = entries
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, resolve(value, scene)] as const)
  return Object.fromEntries([...kept, ...set])
}

/** As `merge`; the name `$scope` is whatever claim the target reads scopes from. */
const mergeClaims = (claims: Members, changes: Members | undefined, scene: Scene): Members => {
  if (changes === undefined || !Object.hasOwn(changes, '$scope')) return merge(claims, changes, scene)
  const { $scope: scope, ...others } = changes
  return merge(placeScope(claims, scene.policy, resolve(scope, scene)), others, scene)
}

/** Whether the deviation changes the token itself, and not only how it travels. */
export const changesToken = (deviation: Deviation): boolean =>
  deviation.token !== undefined ||
  deviation.header !== undefined ||
  deviation.claims !== undefined ||
  deviation.raw !== undefined ||
  deviation.sign !== undefined ||
  deviation.wire !== undefined
