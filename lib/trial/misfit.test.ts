import { describe, expect, test } from 'vitest'
import type { Policy, Route, Target } from '../config/config.ts'
import type { Members } from '../forge/scene.ts'
import { differenceOf } from './difference.ts'
import { misfitsOf, type Surroundings } from './misfit.ts'

const now = 1_800_000_000
const issuer = 'https://idp.example.test/'
const claims: Members = {
  iss: issuer,
  aud: ['https://gw.example.test/v1', 'other'],
  exp: now + 300,
  iat: now - 5,
  scope: 'orders.read',
}
const header: Members = { alg: 'RS256', kid: 'one' }

const policy: Policy = {
  issuers: [issuer],
  audiences: ['https://gw.example.test/v1'],
  algorithms: ['RS256'],
  providers: [],
  scopeClaims: [{ path: ['scope'], format: 'string' }],
  requiredClaims: [],
  enforces: new Map(),
}
const route = (path: string, changes: Partial<Route> = {}): Route => ({
  path,
  method: 'GET',
  methodDeclared: false,
  headers: [],
  ...changes,
})
const routes: Target['routes'] = {
  protected: route('/hello'),
  scoped: route('/orders', { scope: { rule: 'any', scopes: ['orders.read'] } }),
  others: [],
}
const calm: Surroundings = { here: now, there: now, marginSeconds: 5 }

type Changes = {
  readonly claims?: Members
  readonly header?: Members
  readonly policy?: Partial<Policy>
  readonly routes?: Partial<Target['routes']>
  readonly around?: Partial<Surroundings>
}

/** Each misfit in a line: name, the token's value, the other, whose that is, and what is said of it. */
const told = (changes: Changes): readonly string[] =>
  misfitsOf(
    { header: { ...header, ...changes.header }, claims: { ...claims, ...changes.claims } },
    {
      policy: { ...policy, ...changes.policy },
      target: targetWith({ ...routes, ...changes.routes }),
    },
    { ...calm, ...changes.around },
  ).map(({ name, token, wanted, by, remark = '' }) =>
    [name, JSON.stringify(token), JSON.stringify(wanted), by, remark].join(' | '),
  )

const targetWith = (all: Target['routes']): Target => ({
  name: 'gw',
  origin: 'http://127.0.0.1:1',
  basePath: '',
  routes: all,
  credentials: [{ in: 'header', name: 'Authorization', scheme: 'Bearer' }],
  proxy: { kind: 'none' },
  http: '1.1',
  tls: { insecure: false },
  headers: [],
  timeoutMs: 1000,
  pace: { concurrency: 1 },
  unsafeMethods: false,
  hooks: {},
})

const key = (kid: string, more: { alg?: string; thumbprint?: string } = {}) => ({
  kid,
  alg: undefined,
  thumbprint: undefined,
  ...more,
})

test('a token that is as everybody wants it has no misfit', () => {
  expect(told({})).toEqual([])
  expect(told({ policy: { issuers: [], audiences: [], algorithms: [] } })).toEqual([])
  expect(
    told({ around: { provider: { issuer, keys: [key('one', { alg: 'RS256' }), key('two')] } } }),
  ).toEqual([])
})

test.each<[string, Changes, string]>([
  [
    'an issuer without its slash',
    { claims: { iss: 'https://idp.example.test' } },
    'iss | "https://idp.example.test" | "https://idp.example.test/" | in policy.issuer | they differ by a slash at the end',
  ],
  [
    'an issuer in other letters, of two that are allowed',
    { claims: { iss: 'https://IDP.example.test/' }, policy: { issuers: ['https://a.test/', issuer] } },
    'iss | "https://IDP.example.test/" | ["https://a.test/","https://idp.example.test/"] | in policy.issuer | they differ by letter case',
  ],
  [
    'no issuer at all',
    { claims: { iss: undefined } },
    'iss |  | "https://idp.example.test/" | in policy.issuer | ',
  ],
  [
    'an issuer that the provider does not call itself',
    { around: { provider: { issuer: 'https://idp.example.test/realms/a' } } },
    'iss | "https://idp.example.test/" | "https://idp.example.test/realms/a" | in the provider’s discovery document | ',
  ],
  [
    'an audience of none of ours',
    { claims: { aud: ['account'] } },
    'aud | ["account"] | "https://gw.example.test/v1" | in policy.audience | ',
  ],
  [
    'an audience that is not that of the route',
    { routes: { protected: route('/hello', { audience: 'https://hello.example.test' }) } },
    'aud | ["https://gw.example.test/v1","other"] | "https://hello.example.test" | in policy.audience | ',
  ],
  ['another algorithm', { header: { alg: 'PS256' } }, 'alg | "PS256" | "RS256" | in policy.algorithms | '],
  [
    'a key id that the set has not',
    { around: { provider: { keys: [key('ONE'), key('two')] } } },
    'kid | "one" | ["ONE","two"] | in the key set policy.jwks | they differ by letter case',
  ],
  [
    'no key id where the set has several',
    { header: { kid: undefined }, around: { provider: { keys: [key('one'), key('two')] } } },
    'kid |  | ["one","two"] | in the key set policy.jwks | it names no key',
  ],
  [
    'an algorithm that its key is not for',
    { around: { provider: { keys: [key('one', { alg: 'RS512' })] } } },
    'alg | "RS256" | "RS512" | at the key of that id in policy.jwks | ',
  ],
  [
    'another key under the same id',
    { around: { provider: { keys: [key('one', { thumbprint: 'theirs' })], ownThumbprint: 'ours' } } },
    'key | "ours" | "theirs" | in the key set policy.jwks | thumbprints of two keys of one id',
  ],
  [
    'an end that is past',
    { claims: { exp: now - 90 } },
    'exp | "2027-01-15T07:58:30Z" | "2027-01-15T08:00:00Z" | by the target’s clock | 90 s over',
  ],
  [
    'a beginning that is to come',
    { claims: { nbf: now + 30 } },
    'nbf | "2027-01-15T08:00:30Z" | "2027-01-15T08:00:00Z" | by the target’s clock | 30 s to come',
  ],
  [
    'a clock that is off',
    { around: { here: now - 90 } },
    'clock | "2027-01-15T07:58:30Z" | "2027-01-15T08:00:00Z" | by the target’s clock | 90 s apart',
  ],
  [
    'a scope that a route demands and the token lacks',
    { claims: { scope: 'orders.write profile' } },
    'scope | "orders.write profile" | "orders.read" | for the route GET /orders | ',
  ],
  [
    'scopes where the policy does not look',
    { claims: { scope: undefined, scp: ['orders.read'] } },
    'scope | "" | "orders.read" | for the route GET /orders | it stands in scp: policy.scopeClaim',
  ],
  [
    'one of several scopes',
    {
      routes: { scoped: route('/orders', { scope: { rule: 'all', scopes: ['orders.read', 'orders.all'] } }) },
    },
    'scope | "orders.read" | "orders.read orders.all" | for the route GET /orders | ',
  ],
  [
    'a claim that is demanded',
    { policy: { requiredClaims: [{ path: ['tenant'], values: ['acme'], required: true }] } },
    'tenant |  | "acme" | in policy.requiredClaims | ',
  ],
])('%s is told with both values', (_, changes, wanted) => {
  expect(told(changes)).toEqual([wanted])
})

test('a clock within its margin is not told', () => {
  expect(told({ around: { here: now - 4 } })).toEqual([])
})

describe('what tells two texts apart', () => {
  test.each([
    ['https://a.test', 'https://a.test/', 'a slash at the end'],
    ['https://A.test/', 'https://a.test', 'a slash at the end and letter case'],
    ['http://a.test', 'https://a.test', 'http and https'],
    [' a', 'a', 'white space around it'],
    ['https://a.test:443/x', 'https://a.test/x', 'the port'],
    ['https://a.test', 'https://a.test', undefined],
    ['https://a.test/one', 'https://a.test/two', undefined],
    ['', 'a', undefined],
  ])('%j and %j', (one, other, wanted) => {
    expect(differenceOf(one, other)).toBe(wanted)
    expect(differenceOf(other, one)).toBe(wanted)
  })
})
