import { expect, test } from 'vitest'
import { configOf, faultsOf } from '../../test/fixtures/config-folder.ts'
import { blanksIn } from './blank.ts'
import { draft } from './draft.ts'
import type { Found, FoundRoute } from './found.ts'

const nothing: Found = { routes: [], credentials: [], providers: [], notes: [], questions: [] }

const provider = {
  issuers: ['https://issuer.example.test/'],
  audiences: ['https://api.example.test'],
  algorithms: ['RS256'],
}
const everything: Found = { ...nothing, url: 'https://gw.example.test', basePath: '', providers: [provider] }

const text = (found: Partial<Found>, url?: string): string =>
  draft({ ...everything, ...found }, { head: [], name: 'gateproof.yaml', ...(url !== undefined && { url }) })
    .text

const route = (path: string, more: Partial<FoundRoute> = {}): FoundRoute => ({
  path,
  matches: 'itself',
  access: 'protected',
  ...more,
})

test('of nothing it asks everything, and the loader names each blank with its line', () => {
  const { text } = draft(nothing, { head: ['Written by a test.'], name: 'gateproof.yaml' })
  expect(blanksIn(text)).toEqual([
    'FILL_IN_GATEWAY_URL',
    'FILL_IN_PROTECTED_PATH',
    'FILL_IN_ISSUER',
    'FILL_IN_AUDIENCE',
    'FILL_IN_ALGORITHM',
  ])
  const faults = faultsOf(text).filter((line) => !line.startsWith('    '))
  expect(faults).toHaveLength(5)
  for (const fault of faults)
    expect(fault).toMatch(/^c\.yaml:\d+:\d+: `\$\{FILL_IN_\w+\}` is still to be filled in$/)
})

test('what the gateway names literally stays literal, and a remark stays a remark', () => {
  const odd = 'a${b}\nevil: true # {'
  const written = text({
    routes: [route('/hello', { note: odd })],
    providers: [{ ...provider, issuers: [odd], audiences: ['${HOME}'] }],
    requiredClaims: [{ path: ['${x}'], values: ['$${y}'], required: true }],
    notes: [odd],
    questions: [odd],
  })
  const { policy } = configOf(written)
  expect(policy).toMatchObject({
    issuers: [odd],
    audiences: ['${HOME}'],
    requiredClaims: [{ path: ['${x}'], values: ['$${y}'] }],
  })
})

test('the first route that any good token gets into is the protected one; exact paths go first', () => {
  const { target } = configOf(
    text({
      routes: [
        route('/api/', { matches: 'below' }),
        route('/scoped', { scope: { rule: 'any', scopes: ['a', 'b'] } }),
        route('/first'),
        route('/first'),
        route('/second', { method: 'HEAD' }),
        route('/open', { access: 'public' }),
        route('/open-too', { access: 'public' }),
      ],
    }),
  )
  expect(target.routes).toMatchObject({
    protected: { path: '/first' },
    scoped: { path: '/scoped' },
    public: { path: '/open' },
    others: [{ path: '/second', method: 'HEAD' }],
  })
})

test('a method with side effects is asked for, never written', () => {
  const found = { routes: [route('/graphql', { method: 'POST' })] }
  const written = text(found)
  expect(blanksIn(written)).toEqual(['FILL_IN_PROTECTED_PATH'])
  expect(written).toMatch(/# \? may these be sent\?[^\n]*\n *# +POST \/graphql: protected/)
})

test('a pattern is a path with blanks, and the others are told in comments', () => {
  const written = text({
    routes: [
      route('/users/{id}/:part/*', { matches: 'pattern' }),
      route('^/v[0-9]+$', { matches: 'pattern' }),
    ],
  })
  expect(written).toContain('protected: /users/${FILL_IN_ID}/${FILL_IN_PART}/${FILL_IN_REST} # ? what does')
  expect(written).toContain('GET /^/v[0-9]+$: protected')
})

test.each([
  [undefined, undefined, '/v1/hello', 'https://gw.example.test', '', '/v1/hello'],
  [undefined, '/v1', '/hello', 'https://gw.example.test', '/v1', '/hello'],
  ['https://other.example.test', '/v1', '/hello', 'https://other.example.test', '/v1', '/hello'],
  ['https://other.example.test/v1/', '', '/v1/hello', 'https://other.example.test', '/v1', '/hello'],
  ['https://other.example.test/v1', undefined, '/hello', 'https://other.example.test', '/v1', '/hello'],
  ['https://other.example.test/v1', '/v1', '/hello', 'https://other.example.test', '/v1', '/hello'],
  ['https://other.example.test/v1', '', '/v1', 'https://other.example.test', '/v1', '/'],
])('--url %j and base path %j put %j below %j', (url, basePath, path, origin, base, expected) => {
  const { basePath: _, ...rest } = everything
  const found = { ...rest, ...(basePath !== undefined && { basePath }), routes: [route(path)] }
  const written = draft(found, { head: [], name: 'gateproof.yaml', ...(url !== undefined && { url }) }).text
  expect(configOf(written).target).toMatchObject({
    origin,
    basePath: base,
    routes: { protected: { path: expected } },
  })
})

test('the command that makes a key is for the gateway’s algorithm', () => {
  const routes = [route('/hello')]
  expect(text({ routes })).toContain('gateproof keys make;')
  expect(text({ routes, providers: [{ ...provider, algorithms: ['ES256'] }] })).toContain(
    'keys make --alg ES256;',
  )
})

test('an algorithm that no policy of ours has is said', () => {
  const written = text({
    routes: [route('/hello')],
    providers: [{ ...provider, algorithms: ['RS256', 'ES256K'] }],
  })
  expect(written).toContain('ES256K is allowed too')
  expect(configOf(written).policy.algorithms).toEqual(['RS256'])
})

test('no password of a URL is written', () => {
  const url = 'https://user:hush@issuer.example.test/keys'
  const written = text({
    routes: [route('/hello')],
    providers: [{ ...provider, keys: { kind: 'url', url }, note: `see ${url}` }],
    notes: [`see ${url}`],
  })
  expect(written).not.toContain('hush')
  expect(configOf(written).policy.jwks).toBe('https://issuer.example.test/keys')
})
