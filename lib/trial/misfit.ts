import type { Config, Policy, Route } from '../config/config.ts'
import { valueAt } from '../forge/good.ts'
import type { Members } from '../forge/scene.ts'
import { differenceOf } from './difference.ts'
import type { ProviderFacts } from './provider-facts.ts'

/** In what a good token differs from what it is to be let in by. Decoded, so that nothing of it can be used again. */
export type Misfit = {
  /** The claim or the header parameter, or what else it is about. */
  readonly name: string
  readonly token: unknown
  readonly wanted: unknown
  /** Where that stands: `in policy.issuer`, `by the target’s clock`. */
  readonly by: string
  readonly remark?: string
}

/** What the run knows besides the token and the configuration. Clocks are seconds since the epoch. */
export type Surroundings = {
  /** Our clock. */
  readonly here: number
  /** The target's, as far as it is known. */
  readonly there: number
  /** How far apart they may be without anybody's noticing. */
  readonly marginSeconds: number
  readonly provider?: ProviderFacts | undefined
}

export type DecodedToken = { readonly header: Members; readonly claims: Members }

/** Every known difference between a good token and the configuration, its provider, and the target's clock. */
export const misfitsOf = (
  { header, claims }: DecodedToken,
  { policy, target }: Pick<Config, 'policy' | 'target'>,
  { here, there, marginSeconds, provider = {} }: Surroundings,
): readonly Misfit[] => {
  const issuers = [...policy.issuers, ...policy.providers.map(({ issuer }) => issuer)]
  const { audience } = target.routes.protected
  const audiences =
    audience === undefined
      ? [...policy.audiences, ...policy.providers.flatMap((one) => one.audiences)]
      : [audience]
  const algorithms = [...policy.algorithms, ...policy.providers.flatMap((one) => one.algorithms)]
  return [
    ...unlessAmong('iss', claims.iss, issuers, 'in policy.issuer'),
    ...(provider.issuer === undefined
      ? []
      : unlessAmong('iss', claims.iss, [provider.issuer], 'in the provider’s discovery document')),
    ...unlessAmong('aud', claims.aud, audiences, 'in policy.audience'),
    ...unlessAmong('alg', header.alg, algorithms, 'in policy.algorithms'),
    ...keyMisfits(header, provider),
    ...timeMisfits(claims, there),
    ...(Math.abs(there - here) > marginSeconds ? [clockMisfit(here, there)] : []),
    ...scopeMisfits(claims, policy, target.routes),
    ...policy.requiredClaims
      .filter(({ required }) => required)
      .flatMap(({ path, values }) => requiredMisfits(claims, path, values)),
  ]
}

/** Those that only one route demands. */
export const routeMisfits = (
  { claims }: Pick<DecodedToken, 'claims'>,
  policy: Policy,
  route: Route,
): readonly Misfit[] => [
  ...(route.audience === undefined
    ? []
    : unlessAmong('aud', claims.aud, [route.audience], `for the route ${route.method} ${route.path}`)),
  ...scopeMisfit(claims, policy, route),
]

/** A text, or a list of which one is enough. */
const unlessAmong = (
  name: string,
  token: unknown,
  wanted: readonly string[],
  by: string,
): readonly Misfit[] => {
  const said: readonly unknown[] = Array.isArray(token) ? token : [token]
  if (wanted.length === 0 || wanted.some((one) => said.includes(one))) return []
  const remark = said.flatMap((one) => wanted.flatMap((other) => near(one, other)))[0]
  return [{ name, token, wanted: only(wanted), by, ...(remark === undefined ? {} : { remark }) }]
}

const near = (one: unknown, other: unknown): readonly string[] => {
  const difference = differenceOf(one, other)
  return difference === undefined ? [] : [`they differ by ${difference}`]
}

const only = <T>(list: readonly T[]): T | readonly T[] | undefined => (list.length === 1 ? list[0] : list)

const keyMisfits = ({ kid, alg }: Members, { keys, ownThumbprint }: ProviderFacts): readonly Misfit[] => {
  if (keys === undefined) return []
  const by = 'in the key set policy.jwks'
  const ids = keys.map((key) => key.kid)
  if (kid === undefined)
    return keys.length > 1
      ? [{ name: 'kid', token: undefined, wanted: ids, by, remark: 'it names no key' }]
      : []
  const named = keys.filter((key) => key.kid === kid)
  const [key] = named
  if (key === undefined) {
    const remark = ids.flatMap((id) => near(kid, id))[0]
    return [{ name: 'kid', token: kid, wanted: only(ids), by, ...(remark === undefined ? {} : { remark }) }]
  }
  return [
    ...(named.every((one) => one.alg !== undefined && one.alg !== alg)
      ? [{ name: 'alg', token: alg, wanted: key.alg, by: 'at the key of that id in policy.jwks' }]
      : []),
    ...(ownThumbprint !== undefined && !named.some((one) => one.thumbprint === ownThumbprint)
      ? [
          {
            name: 'key',
            token: ownThumbprint,
            wanted: key.thumbprint,
            by,
            remark: 'thumbprints of two keys of one id',
          },
        ]
      : []),
  ]
}

const timeMisfits = ({ exp, nbf, iat }: Members, now: number): readonly Misfit[] => {
  const apart = (name: string, at: unknown, isWrong: (seconds: number) => boolean, remark: string) =>
    typeof at === 'number' && isWrong(at - now)
      ? [
          {
            name,
            token: dateOf(at),
            wanted: dateOf(now),
            by: 'by the target’s clock',
            remark: `${Math.abs(Math.round(at - now))} s ${remark}`,
          },
        ]
      : []
  return [
    ...apart('exp', exp, (ahead) => ahead <= 0, 'over'),
    ...apart('nbf', nbf, (ahead) => ahead > 0, 'to come'),
    ...apart('iat', iat, (ahead) => ahead > 0, 'to come'),
  ]
}

const clockMisfit = (here: number, there: number): Misfit => ({
  name: 'clock',
  token: dateOf(here),
  wanted: dateOf(there),
  by: 'by the target’s clock',
  remark: `${Math.abs(Math.round(there - here))} s apart`,
})

const dateOf = (seconds: number): string => {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace(/\.\d+/, '')
}

/** Where providers put scopes that are no `scope`: a hint at what to declare. */
const usualPlaces = ['scope', 'scp', 'scopes', 'roles', 'permissions', 'authorities', 'groups']

/** The scopes that a token carries where the policy looks for them. */
const scopesOf = (claims: Members, { scopeClaims }: Policy): readonly string[] =>
  scopeClaims.flatMap(({ path }) => listOf(valueAt(claims, path)))

const listOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((one) => (typeof one === 'string' ? one.split(' ') : []))

const scopeMisfits = (
  claims: Members,
  policy: Policy,
  { scoped, optional, others, ...routes }: Config['target']['routes'],
): readonly Misfit[] =>
  [routes.protected, scoped, optional, ...others].flatMap((route) =>
    route === undefined ? [] : scopeMisfit(claims, policy, route),
  )

const scopeMisfit = (claims: Members, policy: Policy, route: Route): readonly Misfit[] => {
  if (route.scope === undefined) return []
  const carried = scopesOf(claims, policy)
  const lacking = route.scope.scopes.filter((scope) => !carried.includes(scope))
  const isEnough =
    route.scope.rule === 'any' ? lacking.length < route.scope.scopes.length : lacking.length === 0
  if (isEnough) return []
  const elsewhere = usualPlaces.find((place) =>
    lacking.every((scope) => listOf(claims[place]).includes(scope)),
  )
  const close = lacking.flatMap((scope) => carried.flatMap((one) => near(one, scope)))[0]
  const remark = elsewhere === undefined ? close : `it stands in ${elsewhere}: policy.scopeClaim`
  return [
    {
      name: 'scope',
      token: carried.join(' '),
      wanted: route.scope.scopes.join(' '),
      by: `for the route ${route.method} ${route.path}`,
      ...(remark === undefined ? {} : { remark }),
    },
  ]
}

const requiredMisfits = (
  claims: Members,
  path: readonly string[],
  values: readonly string[],
): readonly Misfit[] => {
  const said = valueAt(claims, path)
  const isThere = values.length === 0 ? said !== undefined : listed(said).some((one) => values.includes(one))
  return isThere
    ? []
    : [
        {
          name: path.join('.'),
          token: said,
          wanted: values.length === 0 ? 'any value' : only(values),
          by: 'in policy.requiredClaims',
        },
      ]
}

const listed = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).map((one) => String(one))
