import { asymmetricAlgorithms } from '../config/algorithm.ts'
import type { ClaimPath, RequiredClaim } from '../config/config.ts'
import type { Entry, Plain, Section } from '../config/yaml-write.ts'
import { blank, literal, withoutLogin } from './blank.ts'
import type { Draft } from './draft.ts'
import type { Found, FoundProvider, Seconds } from './found.ts'

/** What the gateway demands, and the files with the keys that stand in its configuration. */
export const draftPolicy = (
  found: Found,
  name: string,
): { readonly policy: Section; readonly keyFiles: Draft['keyFiles'] } => {
  const { providers } = found
  const keyFiles = providers.flatMap(({ keys }, index) =>
    keys?.kind === 'inline' && keys.keys.length > 0
      ? [{ name: keyFileName(name, index), keys: keys.keys }]
      : [],
  )
  const [first = nobody, second] = providers
  const issuers = second === undefined ? single(first, name) : several(providers, name)
  return { policy: { entries: [...issuers, ...demands(found)] }, keyFiles }
}

const nobody: FoundProvider = { issuers: [], audiences: [], algorithms: [] }

const keyFileName = (name: string, index: number): string =>
  `${name.replace(/\.ya?ml$/, '')}${index === 0 ? '' : `-${index + 1}`}.jwks.json`

const single = (provider: FoundProvider, name: string): readonly Entry[] => {
  const jwks = jwksOf(provider, name, 0)
  return [
    {
      key: 'issuer',
      value: listed(provider.issuers, 'issuer'),
      ...(provider.issuers.length === 0 && {
        above: ['? which issuer do good tokens name (`iss`), character by character?'],
      }),
    },
    {
      key: 'audience',
      value: listed(provider.audiences, 'audience'),
      ...(provider.audiences.length === 0 && { above: ['? which audience do good tokens name (`aud`)?'] }),
    },
    {
      key: 'algorithms',
      value: algorithmsOf(provider),
      above: algorithmRemarks(provider),
    },
    ...(jwks === undefined ? [] : [{ key: 'jwks', value: jwks }]),
  ]
}

/** A provider of the long form has one issuer. */
const several = (providers: readonly FoundProvider[], name: string): readonly Entry[] => [
  {
    key: 'providers',
    items: {
      items: providers.flatMap((provider, index) =>
        (provider.issuers.length === 0 ? [undefined] : provider.issuers).map((issuer) => ({
          item: {
            issuer: listed(issuer === undefined ? [] : [issuer], 'issuer'),
            audience: listed(provider.audiences, 'audience'),
            algorithms: algorithmsOf(provider),
            jwks: jwksOf(provider, name, index),
          },
          above: [
            ...(issuer === undefined || provider.audiences.length === 0
              ? ['? which issuer and audience do its good tokens name?']
              : []),
            ...algorithmRemarks(provider),
          ],
        })),
      ),
    },
  },
]

const listed = (values: readonly string[], name: string): Plain => {
  const [only, second] = values.map(literal)
  if (only === undefined) return blank(name)
  return second === undefined ? only : values.map(literal)
}

const algorithmsOf = ({ algorithms }: FoundProvider): Plain => {
  const known = algorithms.filter(isKnown)
  return known.length === 0 ? [blank('algorithm')] : known
}

const isKnown = (name: string): boolean => [...asymmetricAlgorithms, 'HS256', 'HS384', 'HS512'].includes(name)

const algorithmRemarks = ({ algorithms, note }: FoundProvider): readonly string[] => [
  ...(note === undefined ? [] : [withoutLogin(note)]),
  ...(algorithms.some(isKnown) ? [] : ['? with which algorithms may tokens be signed, such as RS256?']),
  ...algorithms
    .filter((name) => !isKnown(name))
    .map((name) => `${name} is allowed too, and gateproof doesn’t know it.`),
]

const jwksOf = ({ keys }: FoundProvider, name: string, index: number): string | undefined => {
  if (keys === undefined) return undefined
  if (keys.kind === 'url') return literal(withoutLogin(keys.url))
  return keys.keys.length === 0 ? undefined : keyFileName(name, index)
}

const demands = (found: Found): readonly Entry[] => {
  const { clockSkew, scopeClaims = [], requiredClaims = [], forwards, enforces = [] } = found
  return [
    ...(clockSkew === undefined ? [] : [durationEntry('clockSkew', clockSkew)]),
    ...keySet(found),
    ...(isDefault(scopeClaims) ? [] : [{ key: 'scopeClaim', value: scopeClaim(scopeClaims) }]),
    ...(requiredClaims.length === 0 ? [] : [{ key: 'requiredClaims', value: claims(requiredClaims) }]),
    ...(forwards === undefined ? [] : [{ key: 'forwards', value: forwarded(forwards) }]),
    ...(enforces.length === 0 ? [] : [{ key: 'enforces', value: enforces }]),
  ]
}

const durationEntry = (key: string, { seconds, because }: Seconds): Entry => ({
  key,
  value: `${seconds}s`,
  ...(because !== undefined && { beside: because }),
})

const keySet = ({ maxAge, cooldown }: Found): readonly Entry[] => {
  const entries = [
    ...(maxAge === undefined ? [] : [durationEntry('maxAge', maxAge)]),
    ...(cooldown === undefined ? [] : [durationEntry('cooldown', cooldown)]),
  ]
  return entries.length === 0 ? [] : [{ key: 'keySet', section: { entries } }]
}

const isDefault = (claims: readonly ClaimPath[]): boolean =>
  claims.length === 0 || (claims.length === 1 && claims.every((one) => claimText(one) === 'scope'))

const claimText = ({ path: [name, ...more], format }: ClaimPath): Plain =>
  more.length === 0 && format === 'string'
    ? literal(name)
    : { path: [name, ...more].map(literal), ...(format === 'array' && { format }) }

const scopeClaim = (claims: readonly ClaimPath[]): Plain => {
  const [only, second] = claims.map(claimText)
  return only !== undefined && second === undefined ? only : claims.map(claimText)
}

const claims = (required: readonly RequiredClaim[]): Plain => {
  const simple = required.every(({ path, required }) => path.length === 1 && required)
  const names = new Set(required.map(({ path: [name] }) => name))
  if (simple && names.size === required.length)
    return Object.fromEntries(required.map(({ path: [name], values }) => [name, values.map(literal)]))
  return required.map(({ path, values, required }) => ({
    path: path.map(literal),
    ...(values.length > 0 && { values: values.map(literal) }),
    ...(!required && { required }),
  }))
}

const forwarded = ({ credential, claims = {}, format }: NonNullable<Found['forwards']>): Plain => ({
  ...(credential !== undefined && { credential }),
  ...(Object.keys(claims).length > 0 && {
    claims: Object.fromEntries(Object.entries(claims).map(([header, claim]) => [header, literal(claim)])),
  }),
  ...(format !== undefined && { format }),
})
