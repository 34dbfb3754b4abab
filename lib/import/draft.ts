import type { CredentialPlace } from '../config/config.ts'
import type { PublicJwk } from '../config/public-key.ts'
import { writeYaml, type Entry, type Plain } from '../config/yaml-write.ts'
import { blank, literal, withoutLogin } from './blank.ts'
import { draftPolicy } from './draft-policy.ts'
import { draftRoutes } from './draft-routes.ts'
import type { Found } from './found.ts'
import type { TrustKind } from './kinds.ts'

export type DraftOptions = {
  /** The first lines of the file. */
  readonly head: readonly string[]
  /** Where the gateway is reached, where the user says it. */
  readonly url?: string
  /** What the configuration will be called: files beside it are named after it. */
  readonly name: string
  /** The name that `gateproof keys export` knows the gateway by. */
  readonly exportKind?: TrustKind
}

export type Draft = {
  readonly text: string
  /** Files beside it: the gateway's public keys. */
  readonly keyFiles: readonly { readonly name: string; readonly keys: readonly PublicJwk[] }[]
}

/** A `gateproof.yaml` of what was found. What could not be told stands in it as a blank or a question (`# ?`). */
export const draft = (found: Found, options: DraftOptions): Draft => {
  const { origin, base } = baseOf(found, options.url)
  const routes = draftRoutes(found, base)
  const { policy, keyFiles } = draftPolicy(found, options.name)
  const url: Entry =
    origin === undefined
      ? {
          key: 'url',
          value: `${blank('gateway url')}${base}`,
          above: ['? where is the gateway reached, as https://HOST?'],
        }
      : { key: 'url', value: literal(origin + base) }
  const text = writeYaml(
    [
      ...options.head,
      ...[...found.notes, ...found.questions.map((question) => `? ${question}`)].map(withoutLogin),
    ],
    {
      entries: [
        {
          key: 'target',
          section: { entries: [url, { key: 'routes', section: routes }, ...credentials(found)] },
        },
        { key: 'policy', section: policy },
        { key: 'tokens', section: { entries: tokenEntries(found, options.exportKind) } },
      ],
      after: [
        '',
        '? can the gateway forward to an address of yours? Then gateproof sees what got through:',
        'serve: { upstream: 127.0.0.1:9402 }',
      ],
    },
  )
  return { text, keyFiles }
}

/** Scheme and authority, and the path that the routes stand below: what the user says goes before what was found. */
const baseOf = (found: Found, url: string | undefined): { origin: string | undefined; base: string } => {
  const given = url ?? found.url
  const parsed = given === undefined ? undefined : new URL(given)
  const base = parsed?.pathname.replace(/\/+$/, '') ?? ''
  return { origin: parsed?.origin, base: base === '' ? (found.basePath ?? '').replace(/\/+$/, '') : base }
}

const credentials = ({ credentials: places }: Found): readonly Entry[] => {
  const [first, second] = places
  if (first === undefined) return []
  return [{ key: 'credential', value: second === undefined ? place(first) : places.map(place) }]
}

const place = (one: CredentialPlace): Plain =>
  one.in === 'header'
    ? { in: one.in, name: literal(one.name), scheme: one.scheme }
    : { in: one.in, name: literal(one.name) }

const tokenEntries = (found: Found, exportKind: TrustKind | undefined): readonly Entry[] => {
  const source = tokenSource(found, exportKind)
  const claims = Object.entries(found.tokenClaims ?? {})
  if (claims.length === 0 || source.key !== 'keys') return [source]
  return [
    source,
    { key: 'claims', value: Object.fromEntries(claims.map(([name, text]) => [name, literal(text)])) },
  ]
}

/** Nobody but the user knows who signs: a key of ours is assumed, which unlocks the most cases. */
const tokenSource = ({ providers }: Found, exportKind: TrustKind | undefined): Entry => {
  const algorithms = providers.flatMap(({ algorithms }) => algorithms)
  if (algorithms.length > 0 && algorithms.every((name) => name.startsWith('HS')))
    return {
      key: 'token',
      value: '${ACCESS_TOKEN}',
      above: [
        'The gateway verifies with a shared secret, and gateproof signs with key pairs alone: one issued token,',
        'from the environment.',
      ],
    }
  const form = exportKind === undefined ? '--for KIND' : `--for ${exportKind}`
  const [first = 'RS256'] = algorithms
  const make = first === 'RS256' ? 'gateproof keys make' : `gateproof keys make --alg ${first}`
  return {
    key: 'keys',
    value: 'private.jwks.json',
    above: [
      '? who signs good tokens? A key of yours that the gateway is made to trust unlocks the most cases:',
      `${make}; gateproof keys export private.jwks.json ${form}`,
      'Or, in place of keys: oauth2 (an identity provider), command, or token.',
    ],
  }
}
