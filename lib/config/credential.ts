import Type from 'typebox'
import type { CredentialPlace } from './config.ts'
import type { Tell } from './fault-list.ts'
import { closed, fieldName, isFilled } from './fields.ts'
import { child } from './pointer.ts'

const defaults = {
  in: 'header',
  /** RFC 6750 sections 2.1 to 2.3; no standard names a cookie. */
  names: { header: 'Authorization', query: 'access_token', form: 'access_token', cookie: undefined },
  scheme: 'Bearer',
} as const

const Scheme = Type.String({
  pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
  patternErrorMessage: 'expected the name of a scheme, such as Bearer, or null',
})

const Place = Type.Object(
  {
    in: Type.Optional(
      Type.Enum(['header', 'query', 'cookie', 'form'], {
        description: 'Part of the request',
        default: defaults.in,
      }),
    ),
    name: Type.Optional(
      fieldName(
        'Of the header, query parameter, cookie or form field (default: Authorization or access_token)',
      ),
    ),
    scheme: Type.Optional(
      Type.Union([Scheme, Type.Null()], {
        description: 'Scheme before the token in a header; null is the bare token',
        default: defaults.scheme,
      }),
    ),
  },
  closed,
)

export const CredentialSection = Type.Union([Place, Type.Array(Place, { minItems: 1 })], {
  description:
    'Where the gateway is meant to look for the token: one place or all of them; good tokens use the first',
  default: { in: defaults.in, name: defaults.names.header, scheme: defaults.scheme },
})

/** The places, the one of good tokens first. */
export const resolveCredentials = (
  at: string,
  input: Type.Static<typeof CredentialSection> | undefined,
  tell: Tell,
): readonly [CredentialPlace, ...CredentialPlace[]] => {
  const places = Array.isArray(input)
    ? input.map((place, index) => resolvePlace(child(at, index), place, tell))
    : [resolvePlace(at, input ?? {}, tell)]
  return isFilled(places) ? places : [resolvePlace(at, {}, tell)]
}

const resolvePlace = (at: string, input: Type.Static<typeof Place>, tell: Tell): CredentialPlace => {
  const place = input.in ?? defaults.in
  const name = input.name ?? defaults.names[place]
  if (name === undefined) tell(child(at, 'name'), 'a cookie needs its `name`')
  const known = name ?? ''
  if (place === 'header')
    return { in: place, name: known, scheme: input.scheme === undefined ? defaults.scheme : input.scheme }
  if (input.scheme !== undefined && input.scheme !== null)
    tell(child(at, 'scheme'), `only a header has a scheme, and this is a ${place}`)
  return { in: place, name: known }
}

/** Where a token that is bound by DPoP travels: in a header, under the scheme of that name (RFC 9449 section 7.1). */
export const underDpop = (
  places: readonly [CredentialPlace, ...CredentialPlace[]],
  isGiven: boolean,
  tell: (message: string) => void,
): readonly [CredentialPlace, ...CredentialPlace[]] => {
  const [home] = places
  if (!isGiven) return [{ in: 'header', name: defaults.names.header, scheme: 'DPoP' }]
  if (home.in !== 'header' || home.scheme?.toLowerCase() !== 'dpop')
    tell('a token that is bound by DPoP (`tokens.binding.dpop`) travels in a header, with `scheme: DPoP`')
  return places
}
