import type { CredentialPlace } from '../config/config.ts'
import type { Carry, Credential } from '../config/deviation.ts'
import { resolveText } from './value.ts'
import { ValueError, type Scene } from './scene.ts'

/** The tokens that a credential may hold. */
export type Tokens = {
  /** That of the case. */
  readonly this: string
  readonly good: () => string
  /** The good token's claims under the signature of a key that was never published. */
  readonly forged: () => string
}

/** A credential in its place, with every text in it that authenticates. */
export type Placed = {
  readonly in: NonNullable<Credential['in']>
  readonly name: string
  readonly value: string
  readonly secrets: readonly string[]
}

/** Where the target looks for a token; good tokens use the first. */
export type Places = readonly [CredentialPlace, ...CredentialPlace[]]

/** Where the credentials of a request stand; the target's places and its scheme fill in what the deviation leaves out. */
export const placeCredentials = (
  carry: Carry | undefined,
  places: Places,
  tokens: Tokens,
  scene: Scene,
): readonly Placed[] => {
  if (carry === 'none') return []
  const credentials = carry === undefined ? [{}] : isList(carry) ? carry : [carry]
  return credentials.map((credential) => placeOne(credential, places, tokens, scene))
}

const isList = (carry: Credential | readonly Credential[]): carry is readonly Credential[] =>
  Array.isArray(carry)

const placeOne = (credential: Credential, places: Places, tokens: Tokens, scene: Scene): Placed => {
  const [home] = places
  const place = credential.in ?? home.in
  const name =
    credential.name === undefined ? defaultName(place, places) : resolveText(credential.name, scene)
  const pieces = valuePieces(credential.value, place, home)
  const secrets: string[] = []
  const value = pieces.map((piece) => pieceText(piece, { home, tokens, scene, secrets })).join('')
  return { in: place, name, value, secrets }
}

const defaultName = (place: Placed['in'], places: Places): string =>
  places.find((declared) => declared.in === place)?.name ??
  (place === 'header' ? 'Authorization' : 'access_token')

const valuePieces = (
  value: Credential['value'],
  place: Placed['in'],
  home: CredentialPlace,
): readonly unknown[] => {
  if (Array.isArray(value)) return value
  if (value !== undefined) return [value]
  const scheme = place === 'header' ? (home.in === 'header' ? home.scheme : 'Bearer') : null
  return scheme === null ? [{ $token: 'this' }] : [{ $scheme: 'as-is' }, ' ', { $token: 'this' }]
}

type Place = { home: CredentialPlace; tokens: Tokens; scene: Scene; secrets: string[] }

const pieceText = (piece: unknown, { home, tokens, scene, secrets }: Place): string => {
  if (typeof piece !== 'object' || piece === null) return resolveText(piece, scene)
  if ('$scheme' in piece) return schemeText(piece.$scheme, home)
  if (!('$token' in piece)) return resolveText(piece, scene)
  const text = spell(pick(piece.$token, tokens), 'encode' in piece ? piece.encode : undefined)
  secrets.push(text)
  return text
}

const pick = (which: unknown, tokens: Tokens): string => {
  if (which === 'this') return tokens.this
  if (which === 'good') return tokens.good()
  if (which === 'forged') return tokens.forged()
  throw new ValueError(`$token knows this, good and forged, not ${String(which)}`)
}

const spell = (token: string, encode: unknown): string => {
  switch (encode) {
    case undefined:
      return token
    case 'percent-dots':
      return token.replaceAll('.', '%2E')
    case 'basic':
      return Buffer.from(`x-token:${token}`).toString('base64')
    case 'break':
      return `${token.slice(0, token.length >> 1)}\0${token.slice(token.length >> 1)}`
    case 'cr':
      return `${token.slice(0, token.length >> 1)}\r${token.slice(token.length >> 1)}`
    case 'lf':
      return `${token.slice(0, token.length >> 1)}\n${token.slice(token.length >> 1)}`
    default:
      throw new ValueError(
        `a token can be encoded as percent-dots, basic, break, cr or lf, not ${String(encode)}`,
      )
  }
}

const schemeText = (spelling: unknown, home: CredentialPlace): string => {
  const scheme = home.in === 'header' ? (home.scheme ?? 'Bearer') : 'Bearer'
  switch (spelling) {
    case 'as-is':
      return scheme
    case 'lower':
      return scheme.toLowerCase()
    case 'upper':
      return scheme.toUpperCase()
    case 'mixed':
      return scheme
        .toLowerCase()
        .replace(/(.)(.)/g, (_, even: string, odd: string) => even + odd.toUpperCase())
    default:
      throw new ValueError(`$scheme knows as-is, lower, upper and mixed, not ${String(spelling)}`)
  }
}
