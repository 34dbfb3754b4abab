import type { Fault, Rule } from '../../config/document.ts'
import { exponentFault, keySizeFault, modulusFault, rsaKeyOfPem } from './verification-key.ts'

/** The documented rules of a deployment specification that a JSON Schema cannot say. */
export const specificationRules: readonly Rule[] = [
  text('rsaModulus', modulusFault),
  text('rsaExponent', exponentFault),
  text('rsaPem', (pem) => {
    const key = rsaKeyOfPem(pem)
    return key === undefined ? 'must be a public RSA key in PEM' : keySizeFault(key)
  }),
  text('maxBytes', (body, limit) =>
    Buffer.byteLength(body) <= Number(limit) ? undefined : `must have at most ${String(limit)} bytes`,
  ),
  text('httpUrl', (url) =>
    isHttpUrl(url) ? undefined : 'must be an http or https URL without user information and fragment',
  ),
  text('notTemplated', (value) => (value.includes('${') ? 'has `${…}`, which is not modelled' : undefined)),
  {
    keyword: 'holdsVerify',
    on: 'array',
    faults: (operations) =>
      list(operations).includes('verify') ? [] : [{ path: '', rule: 'must hold "verify" where it is there' }],
  },
  { keyword: 'uniqueKids', on: 'array', faults: repeatedKids },
  { keyword: 'oneTokenPlace', on: 'object', faults: tokenPlaceFaults },
  { keyword: 'distinctHeaders', on: 'object', faults: repeatedHeaders },
  { keyword: 'authorizationFits', on: 'object', faults: authorizationFaults },
  { keyword: 'distinctRoutes', on: 'object', faults: repeatedRoutes },
]

function text(keyword: string, faultOf: (value: string, limit: unknown) => string | undefined): Rule {
  const faults: Rule['faults'] = (value, limit) => {
    const rule = faultOf(String(value), limit)
    return rule === undefined ? [] : [{ path: '', rule }]
  }
  return { keyword, on: 'string', faults }
}

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, hash } = new URL(text)
  return ['http:', 'https:'].includes(protocol) && username + password + hash === ''
}

function repeatedKids(keys: unknown): readonly Fault[] {
  const kids = list(keys).map((key) => member(key, 'kid'))
  return kids.flatMap((kid, index) =>
    kids.indexOf(kid) < index ? [{ path: `/${index}/kid`, rule: 'must differ from the other keys’' }] : [],
  )
}

function tokenPlaceFaults(authentication: unknown): readonly Fault[] {
  const given = (name: string) => member(authentication, name) !== undefined
  const faults: Fault[] = []
  if (given('tokenHeader') === given('tokenQueryParam'))
    faults.push({ path: '', rule: 'must have exactly one of tokenHeader and tokenQueryParam' })
  if (given('tokenHeader') && !given('tokenAuthScheme'))
    faults.push({ path: '', rule: 'must have tokenAuthScheme where it has tokenHeader' })
  if (given('tokenAuthScheme') && !given('tokenHeader'))
    faults.push({ path: '/tokenAuthScheme', rule: 'must not be there without tokenHeader' })
  return faults
}

/** A header is named by at most one transformation, except that a filter may allow what others make. */
function repeatedHeaders(transformations: unknown): readonly Fault[] {
  const items = (kind: string, name: string) =>
    list(member(transformations, kind, 'items')).map((item, index) => ({
      path: `/${kind}/items/${index}/${name}`,
      name: String(member(item, name)).toLowerCase(),
    }))
  const blocked =
    member(transformations, 'filterHeaders', 'type') === 'BLOCK' ? items('filterHeaders', 'name') : []
  const named = [...items('setHeaders', 'name'), ...items('renameHeaders', 'from'), ...blocked]
  return named
    .filter((item, index) => named.findIndex(({ name }) => name === item.name) < index)
    .map(({ path }) => ({ path, rule: 'names a header that another transformation names already' }))
}

function authorizationFaults(specification: unknown): readonly Fault[] {
  const authentication = member(specification, 'requestPolicies', 'authentication')
  return list(member(specification, 'routes')).flatMap((route, index) => {
    const type = member(route, 'requestPolicies', 'authorization', 'type')
    const path = `/routes/${index}/requestPolicies/authorization`
    if (type === undefined) return []
    if (authentication === undefined)
      return [{ path, rule: 'needs an authentication policy of the deployment' }]
    return type === 'ANONYMOUS' && member(authentication, 'isAnonymousAccessAllowed') !== true
      ? [{ path, rule: 'may be ANONYMOUS only where isAnonymousAccessAllowed is true' }]
      : []
  })
}

function repeatedRoutes(specification: unknown): readonly Fault[] {
  const routes = list(member(specification, 'routes'))
  const methodsOf = (route: unknown) => list(member(route, 'methods') ?? ['ANY'])
  const overlap = (one: unknown, other: unknown) =>
    member(one, 'path') === member(other, 'path') &&
    (methodsOf(one).includes('ANY') ||
      methodsOf(other).includes('ANY') ||
      methodsOf(one).some((method) => methodsOf(other).includes(method)))
  return routes.flatMap((route, index) =>
    routes.slice(0, index).some((earlier) => overlap(earlier, route))
      ? [{ path: `/routes/${index}`, rule: 'has a path and method that an earlier route has' }]
      : [],
  )
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** What stands there, whatever the value is: other rules tell where its shape is wrong. */
function member(value: unknown, ...steps: readonly string[]): unknown {
  return steps.reduce<unknown>(
    (inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined),
    value,
  )
}
