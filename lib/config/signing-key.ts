import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import Type from 'typebox'
import { algorithmsOf, asymmetricAlgorithms } from './algorithm.ts'
import type { SigningKey } from './config.ts'
import { closed, file, text } from './fields.ts'
import type { Source } from './source.ts'
import { conforms } from './validate.ts'

/** The schema of a place where private keys are. */
export const signingKeys = (description: string) =>
  Type.Union(
    [
      file('A private JWK Set, or one private JWK'),
      Type.Object(
        {
          pem: file('A private key in PEM, without a passphrase'),
          kid: text('The key id that the gateway knows'),
          alg: Type.Enum([...asymmetricAlgorithms], { description: 'The JWS algorithm to sign with' }),
        },
        closed,
      ),
    ],
    { description },
  )
export type KeysInput = Type.Static<ReturnType<typeof signingKeys>>

const optionalText = Type.Optional(Type.String())

/** What is read of a JWK (RFC 7517, RFC 7518 section 6); all else in it is left alone. */
const Jwk = Type.Object({
  kty: Type.String(),
  kid: optionalText,
  alg: optionalText,
  use: optionalText,
  crv: optionalText,
  d: optionalText,
  n: optionalText,
  e: optionalText,
  p: optionalText,
  q: optionalText,
  dp: optionalText,
  dq: optionalText,
  qi: optionalText,
  x: optionalText,
  y: optionalText,
})
type Jwk = Type.Static<typeof Jwk>
const JwkSet = Type.Object({ keys: Type.Array(Jwk, { minItems: 1 }) })

/**
 * Reads the private keys that a node of the configuration names, each checked: private, strong enough, and made for
 * one of the `allowed` algorithms (any, where undefined). What is wrong is told at the node, with the file's name.
 */
export const readSigningKeys = (
  at: string,
  input: KeysInput,
  allowed: readonly string[] | undefined,
  source: Source,
): readonly SigningKey[] => {
  const name = source.asWritten(...fileOf(at, input))
  const tell = (message: string, hint?: string): void => source.tell(at, `\`${name}\`: ${message}`, hint)
  const content = source.read(at, fileOf(at, input)[1])
  if (content === undefined) return []
  const drafts = typeof input === 'string' ? draftsOfJson(content, tell) : draftsOfPem(content, input, tell)
  const keys = drafts.flatMap((draft) => finish(draft, allowed, tell) ?? [])
  for (const [index, { kid }] of keys.entries())
    if (keys.findIndex((key) => key.kid === kid) < index)
      tell(`two keys have the \`kid\` ${JSON.stringify(kid)}`)
  return keys
}

const fileOf = (at: string, input: KeysInput): [at: string, name: string] =>
  typeof input === 'string' ? [at, input] : [`${at}/pem`, input.pem]

/** A JWK in a JSON text; undefined where there is none. */
export const parseJwk = (content: string): Jwk | undefined => {
  const value = parseJson(content)
  return conforms(Jwk, value) ? value : undefined
}

type Complain = (message: string, hint?: string) => void

/** A key that Node.js could read, before anything is known of its fitness. */
type Draft = { readonly key: KeyObject; readonly kid: string; readonly alg?: string }

const draftsOfPem = (
  pem: string,
  { kid, alg }: Exclude<KeysInput, string>,
  tell: Complain,
): readonly Draft[] => {
  const key = readKey(() => createPrivateKey(pem))
  if (key !== undefined) return [{ key, kid, alg }]
  const isPublic = /-----BEGIN (?:(?:RSA )?PUBLIC KEY|CERTIFICATE)-----/.test(pem)
  tell(
    isPublic
      ? 'holds a public key, and signing takes the private one'
      : 'holds no PEM private key without a passphrase',
  )
  return []
}

const draftsOfJson = (content: string, tell: Complain): readonly Draft[] => {
  const value = parseJson(content)
  if (conforms(JwkSet, value)) return value.keys.flatMap((jwk, index) => draftOfJwk(jwk, index, tell) ?? [])
  if (conforms(Jwk, value)) return [draftOfJwk(value, 0, tell)].flatMap((draft) => draft ?? [])
  if (content.includes('-----BEGIN '))
    tell(
      'is PEM, which says neither key id nor algorithm',
      'write it as { pem: FILE, kid: NAME, alg: RS256 }',
    )
  else tell(value === undefined ? 'is not JSON' : 'holds neither a JWK Set nor a JWK (RFC 7517)')
  return []
}

const draftOfJwk = (jwk: Jwk, index: number, tell: Complain): Draft | undefined => {
  const { kid, alg } = jwk
  const flaw = flawOfJwk(jwk)
  const key = flaw === undefined ? readKey(() => createPrivateKey({ key: jwk, format: 'jwk' })) : undefined
  if (kid !== undefined && key !== undefined) return { key, kid, ...(alg !== undefined && { alg }) }
  const name = kid === undefined ? `key ${index + 1}` : `key ${JSON.stringify(kid)}`
  tell(`${name} ${flaw ?? 'is no valid private key'}`)
  return undefined
}

const flawOfJwk = ({ kty, kid, use, d }: Jwk): string | undefined => {
  if (kty === 'oct') return 'is a shared secret, and signing takes a private RSA, EC or OKP key'
  if (d === undefined) return 'is a public key, and signing takes the private one'
  if (use !== undefined && use !== 'sig') return `is not for signing: its \`use\` is ${JSON.stringify(use)}`
  return kid === undefined ? 'has no `kid`, the id by which the gateway knows it' : undefined
}

const finish = (
  draft: Draft,
  allowed: readonly string[] | undefined,
  tell: Complain,
): SigningKey | undefined => {
  const { key, kid } = draft
  const able = algorithmsOf(key)
  const alg = draft.alg ?? (allowed ?? able).find((algorithm) => able.includes(algorithm))
  const flaw = flawOfKey(draft, able) ?? flawOfAlgorithm(alg, able, allowed)
  const publicKey = createPublicKey(key)
  if (alg !== undefined && flaw === undefined && isPair(key, publicKey, alg))
    return { kid, alg, privateKey: key, publicKey }
  tell(`key ${JSON.stringify(kid)} ${flaw ?? 'is no valid private key: its halves do not belong together'}`)
  return undefined
}

/** Node.js takes a JWK whose parts contradict each other; only a signature shows it. */
const isPair = (privateKey: KeyObject, publicKey: KeyObject, alg: string): boolean => {
  const digest = alg === 'EdDSA' ? null : `sha${alg.slice(2)}`
  const probe = Buffer.from('gateproof')
  try {
    return verify(digest, probe, publicKey, sign(digest, probe, privateKey))
  } catch (error) {
    if (error instanceof Error) return false
    throw error
  }
}

const flawOfKey = ({ key, alg }: Draft, able: readonly string[]): string | undefined => {
  const bits = key.asymmetricKeyDetails?.modulusLength
  if (bits !== undefined && bits < 2048)
    return `has ${bits} bits, and RSA takes 2048 at least (RFC 7518 section 3.3)`
  if (able.length === 0) return 'is of a kind that no JWS algorithm signs with'
  if (alg === undefined || able.includes(alg)) return undefined
  return `names the algorithm ${JSON.stringify(alg)}, and what fits it is ${able.join(', ')}`
}

const flawOfAlgorithm = (
  alg: string | undefined,
  able: readonly string[],
  allowed: readonly string[] | undefined,
): string | undefined =>
  allowed === undefined || (alg !== undefined && allowed.includes(alg))
    ? undefined
    : `signs with ${alg ?? able.join(', ')}, and \`policy.algorithms\` has ${allowed.join(', ')}`

/** The key, or undefined where it is faulty: what Node.js says of it then is about its own insides. */
export const readKey = (read: () => KeyObject): KeyObject | undefined => {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error) return undefined
    throw error
  }
}

/** The parser's message would quote the text, which may be a key. */
const parseJson = (content: string): unknown => {
  try {
    return JSON.parse(content)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
