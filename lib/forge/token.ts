import type { Deviation } from '../config/deviation.ts'
import { encode } from './base64.ts'
import { placeClaims } from './claim-place.ts'
import type { GoodToken } from './good.ts'
import { asSent, encryptToken } from './jwe.ts'
import { writeSegment } from './raw-text.ts'
import { makeSignature, makeSignatureBeside, publishedKey } from './sign.ts'
import { resolve } from './value.ts'
import type { Members, Scene } from './scene.ts'
import { editWire } from './wire.ts'

/** The good token with one deviation: header, claims, JSON text, signature, compact form, in the order of the making. */
export const forgeToken = (deviation: Deviation, good: GoodToken, scene: Scene): string => {
  const { sign, subject, signed } = draftToken(deviation, good, scene)
  return signed(makeSignature(sign, subject, scene))
}

/** The same, which leaves the thread free while it is signed. */
export const forgeTokenBeside = async (
  deviation: Deviation,
  good: GoodToken,
  scene: Scene,
): Promise<string> => {
  const { sign, subject, signed } = draftToken(deviation, good, scene)
  return signed(await makeSignatureBeside(sign, subject, scene))
}

/** The token but for its signature. */
const draftToken = (deviation: Deviation, good: GoodToken, scene: Scene) => {
  const [goodHeader = '', goodPayload = ''] = good.input.split('.')
  const header = merge(signedBy(good.header, deviation.sign, scene), deviation.header, scene)
  const claims = mergeClaims(good.claims, deviation.claims, scene)
  // What is not touched keeps the issuer's own bytes: only they have the issuer's signature.
  const first =
    header === good.header && deviation.raw?.header === undefined
      ? goodHeader
      : writeSegment(header, deviation.raw?.header, scene)
  const second =
    deviation.claims === undefined && deviation.raw?.claims === undefined
      ? goodPayload
      : writeSegment(claims, deviation.raw?.claims, scene)
  const input = `${first}.${second}`
  const untouched = first === goodHeader && second === goodPayload
  const sign = deviation.sign ?? (untouched ? 'keep' : 'issuer')
  return {
    sign,
    subject: { header, input, good },
    signed: (signature: Buffer): string => encrypted(deviation, `${input}.${encode(signature)}`, scene),
  }
}

/** What is bent is the signed token, unless the deviation says itself how it is encrypted. */
const encrypted = ({ encrypt, wire = [] }: Deviation, jws: string, scene: Scene): string => {
  const bent = (token: string) => wire.reduce((text, edit) => editWire(text, edit, scene), token)
  if (encrypt === 'none') return bent(jws)
  if (encrypt !== undefined) return bent(encryptToken(jws, encrypt, scene))
  return asSent(bent(jws), scene)
}

/** The header names the key that signs, where a step has published it. */
const signedBy = (header: Members, sign: Deviation['sign'], scene: Scene): Members => {
  if (typeof sign !== 'object' || sign.as === undefined) return header
  const { kid, alg } = publishedKey(sign.as, scene)
  return { ...header, alg, kid }
}

/** A shallow merge in which null removes. */
export const merge = (members: Members, changes: Members | undefined, scene: Scene): Members => {
  if (changes === undefined) return members
  const entries = Object.entries(changes)
  const removed = new Set(entries.filter(([, value]) => value === null).map(([name]) => name))
  const kept = Object.entries(members).filter(([name]) => !removed.has(name))
  const set = entries
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, resolve(value, scene)] as const)
  return Object.fromEntries([...kept, ...set])
}

/** As `merge`; a name that begins with `$` is whatever claim has that part in the target's policy. */
const mergeClaims = (claims: Members, changes: Members | undefined, scene: Scene): Members => {
  if (changes === undefined) return claims
  const placed = placeClaims(claims, changes, scene)
  return merge(placed.claims, placed.others, scene)
}

/** Whether the deviation changes the token itself, and not only how it travels. */
export const changesToken = (deviation: Deviation): boolean =>
  deviation.token !== undefined ||
  deviation.header !== undefined ||
  deviation.claims !== undefined ||
  deviation.raw !== undefined ||
  deviation.sign !== undefined ||
  deviation.encrypt !== undefined ||
  deviation.wire !== undefined
