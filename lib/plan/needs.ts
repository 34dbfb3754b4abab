import type { Target } from '../config/config.ts'
import { routeNamed } from '../config/route-name.ts'
import type { Deviation, Sign } from '../config/deviation.ts'
import type { Encrypt } from '../config/encrypt.ts'
import { otherFeature } from './features.ts'

/** The features that a deviation cannot do without, read off the deviation itself so that no author can forget one. */
export const needsOf = (deviation: Deviation, target: Target): readonly string[] => {
  const text = JSON.stringify(deviation)
  return [
    ...(deviation.token === undefined ? tokenNeeds(deviation) : []),
    ...(typeof deviation.token === 'string' ? [otherFeature(deviation.token)] : []),
    ...routeNeeds(deviation),
    ...(text.includes('"$policy":"scope"') ? ['scoped-route'] : []),
    ...(text.includes('"$policy":"audience"') ? ['audience'] : []),
    ...(text.includes('"$policy":"issuer"') ? ['issuer'] : []),
    ...(text.includes('"$policy":"jwks"') ? ['key-set-url'] : []),
    ...(text.includes('"$listener"') ? ['listener'] : []),
    ...(text.includes('"token":"second"') ? ['second-token'] : []),
    ...(text.includes('"$policy":"claim-header"') ? ['forwards-claims'] : []),
    ...(text.includes('"$policy":"subject-header"') ? ['forwards-subject'] : []),
    ...(deviation.request?.over === 'plaintext' ? ['plaintext-url'] : []),
    ...(deviation.request?.version === '2' ? ['http2'] : []),
    ...(deviation.request?.servername === 'other' ? ['other-servername'] : []),
    ...(text.includes('"$path":"metadata"') ? ['protected-resource-metadata'] : []),
    ...neighbourNeeds(deviation, target),
    ...(text.includes('"$scopes"') ? ['all-scopes-route'] : []),
    ...(text.includes('"$audience"') ? ['audience-route'] : []),
    ...(text.includes('other-provider') || text.includes('"$provider"') ? ['other-provider'] : []),
    ...(text.includes('same-kid-provider') ? ['same-kid-provider'] : []),
    ...(text.includes('"$forwarded"') ? ['forwards-free-claim'] : []),
    ...(text.includes('"$required"') ? ['required-claim'] : []),
    ...(text.includes('"$demanded"') ? ['required-claim-values'] : []),
    ...(text.includes('"$boolean"') ? ['required-claim-boolean'] : []),
    ...(text.includes('"$misread":"dots"') ? ['required-claim-dotted'] : []),
    ...(text.includes('"$misread":"last-segment"') ? ['required-claim-url'] : []),
    ...(text.includes('"skew"') ? ['declared-skew'] : []),
    ...(text.includes('public-path') || (text.includes('"public"') && text.includes('$path'))
      ? ['public-route']
      : []),
    ...(text.includes('"$scheme"') ? ['header-credential'] : []),
    ...(/"(of|key)":"second"/.test(text) ? ['second-key'] : []),
    ...(deviation.proof !== undefined || text.includes('"of":"binding"') ? ['dpop'] : []),
    ...(text.includes('"$upstream"') ? ['upstream'] : []),
    ...(text.includes('"of":"own"') ? ['certificate-binding'] : []),
    ...(deviation.request?.certificate === 'other' ? ['other-certificate'] : []),
    ...(isCarriedWhereMeant(deviation, target) ? ['distinct-deviation'] : []),
    ...(hasSideEffects(deviation, target) ? ['unsafe-methods'] : []),
  ]
}

/** What the request that goes first on the connection cannot do without. */
const neighbourNeeds = ({ after }: Deviation, target: Target): readonly string[] => {
  if (typeof after !== 'object') return []
  const { connection, ...first } = after
  return needsOf(first, target)
}

const tokenNeeds = (deviation: Deviation): string[] => {
  const { header, claims, raw, sign, encrypt, wire } = deviation
  const edited = header !== undefined || claims !== undefined || raw !== undefined
  const changed = edited || sign !== undefined || encrypt !== undefined || wire !== undefined
  return [
    ...(changed || JSON.stringify(deviation.carry ?? '').includes('"forged"') ? ['jwt'] : []),
    ...(signedByIssuer(sign, edited) ? ['signing-key'] : []),
    ...(encrypt === undefined ? [] : encryptionNeeds(encrypt)),
    ...(typeof sign === 'object' && typeof sign.secret === 'object' && 'public' in sign.secret
      ? ['public-key']
      : []),
    ...(typeof sign === 'object' && sign.shape?.startsWith('rsa-') === true ? ['public-key'] : []),
  ]
}

/** Whose key the token is encrypted to, and of what kind that key must be. */
const encryptionNeeds = (encrypt: Encrypt): string[] => {
  if (encrypt === 'none') return ['encryption']
  const { to = 'gateway', epk } = encrypt
  if (to === 'attacker') return []
  if (to === 'issuer') return ['public-key', 'encrypting-key']
  return ['encryption', ...(epk === undefined ? [] : ['encryption-curve'])]
}

/** Only what is bent after signing, or stays as it was issued, can do without the issuer's key. */
const signedByIssuer = (sign: Sign | undefined, edited: boolean): boolean => {
  if (sign === undefined) return edited
  if (typeof sign === 'string') return sign === 'issuer'
  if (sign.key === 'attacker' || sign.key === 'hmac') return false
  const isBent = sign.shape !== undefined || sign.numbers !== undefined
  // Not every signature can be stripped of something: it takes the key to look for one.
  return !isBent || sign.alg !== undefined || sign.pss !== undefined || sign.shape === 'ecdsa-stripped'
}

/** What a deviation puts into a place of its own is nothing odd where the target looks in that place as well. */
const isCarriedWhereMeant = ({ carry }: Deviation, { credentials: [, ...further] }: Target): boolean =>
  carry !== undefined &&
  carry !== 'none' &&
  [carry]
    .flat()
    .some(({ in: place = 'header', name }) =>
      further.some(
        (meant) =>
          meant.in === place && typeof name === 'string' && meant.name.toLowerCase() === name.toLowerCase(),
      ),
    )

const routeNeeds = ({ request }: Deviation): string[] => {
  switch (request?.route) {
    case 'scoped':
      return ['scoped-route']
    case 'public':
      return ['public-route']
    case 'optional':
      return ['optional-route']
    case 'scoped-all':
      return ['all-scopes-route']
    case 'scoped-method':
      return ['method-route']
    case 'other-audience':
      return ['audience-route']
    default:
      return []
  }
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT'])

/** The method that would be sent may change something, and the route does not declare it (RFC 9110 section 9.2.1). */
export const hasSideEffects = ({ request, carry }: Deviation, target: Target): boolean => {
  const name = request?.route ?? 'protected'
  const route = name === 'unrouted' ? undefined : routeNamed(target, name)
  const places = JSON.stringify(carry ?? '')
  const implied =
    /"in":"(form|multipart|json|trailer)"/.test(places) || request?.body !== undefined ? 'POST' : undefined
  const method =
    request?.method ?? (route === undefined || route.method === 'GET' ? implied : undefined) ?? route?.method
  const isSafe = method === undefined || safeMethods.has(method)
  const isDeclared = route?.methodDeclared === true && route.method === method
  return overridesMethod(request) || !(isSafe || isDeclared)
}

/** Whether sending the deviation once more with that method can change nothing that sending it once did not. */
export const isHarmless = ({ request }: Deviation, method: string): boolean =>
  safeMethods.has(method) && !overridesMethod(request)

const overridesMethod = (request: Deviation['request']): boolean =>
  /method-?override|x-http-method|_method/i.test(JSON.stringify(request ?? ''))
