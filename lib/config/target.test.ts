import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { configOf, faultsOf, smallConfig } from '../../test/fixtures/config-folder.ts'

const withTarget = (lines: string): string =>
  smallConfig.replace('  routes: { protected: /hello }\n', `  routes: { protected: /hello }\n${lines}\n`)
const withUrl = (url: string): string => smallConfig.replace('http://127.0.0.1:9/v1', url)
const withRoutes = (routes: string): string => smallConfig.replace('{ protected: /hello }', routes)

const targetOf = (text: string) => configOf(text).target

test.each([
  ['https://gw.example.test', 'https://gw.example.test', ''],
  ['https://gw.example.test/', 'https://gw.example.test', ''],
  ['https://gw.example.test:8443/v1//', 'https://gw.example.test:8443', '/v1'],
  ['http://[::1]:80/a/b', 'http://[::1]', '/a/b'],
])('%s has the origin %s and the base path %j', (url, origin, basePath) => {
  expect(targetOf(withUrl(url))).toMatchObject({ origin, basePath })
})

test.each([
  ['gw.example.test/v1', 'begins with http:// or https://'],
  ['ftp://gw.example.test', 'begins with http:// or https://'],
  ['https://gw.example.test/?a=b', 'no query'],
  ['https://gw.example.test/#', 'no fragment'],
  ['https://user@gw.example.test/', 'no user name'],
  ['https://gw.example.test:99999/', 'no valid URL'],
])('the URL %s is refused', (url, message) => {
  expect(faultsOf(withUrl(`"${url}"`))).toEqual([expect.stringMatching(`^c\\.yaml:2:8: .*${message}`)])
})

test('one slash joins a path to the base path, however it is written', () => {
  const { routes } = targetOf(
    withRoutes('{ protected: hello, public: //ping, scoped: { path: /o?q=1, scope: s } }'),
  )
  expect([routes.protected.path, routes.public?.path, routes.scoped?.path]).toEqual([
    '/hello',
    '/ping',
    '/o?q=1',
  ])
})

test('a route in its long form is kept whole', () => {
  const { routes } = targetOf(`target:
  url: http://x
  routes:
    protected: /hello
    others:
      - path: /graphql
        method: POST
        headers: { content-type: application/json }
        body: '{}'
        audience: other
        scope: { any: [a, b] }
        accepted: { status: 200, contains: '"data"', header: x-ok }
        refused: { status: [200, 401], header: { name: x-no, contains: y }, grpcStatus: 16 }
tokens: { token: T }
`)
  expect(routes.others).toEqual([
    {
      path: '/graphql',
      method: 'POST',
      methodDeclared: true,
      headers: [['content-type', 'application/json']],
      body: '{}',
      audience: 'other',
      scope: { rule: 'any', scopes: ['a', 'b'] },
      accepted: { status: [200], contains: '"data"', header: { name: 'x-ok' } },
      refused: { status: [200, 401], header: { name: 'x-no', contains: 'y' }, grpcStatus: [16] },
    },
  ])
})

test('one scope is a rule of one', () => {
  const { routes } = targetOf(withRoutes('{ protected: /a, scoped: { path: /b, scope: orders.read } }'))
  expect(routes.scoped?.scope).toEqual({ rule: 'all', scopes: ['orders.read'] })
})

test.each([
  ['{ protected: /a, scoped: /b }', 'the scoped route names no scope'],
  ['{ protected: /a, scoped: { path: /b, scope: "a b" } }', 'expected one scope'],
  [
    '{ protected: /a, scoped: { path: /b, scope: { all: [a], any: [b] } } }',
    'exactly one of the keys all, any',
  ],
  ['{ protected: /a, scoped: { path: /b, scope: { any: [] } } }', 'must not be empty'],
  ['{ protected: http://x/a }', 'expected a path below target.url'],
  ['{ protected: "/a b" }', 'expected a path below target.url'],
  ['{ protected: "/a#b" }', 'expected a path below target.url'],
  ['{ protected: { path: /a, method: post } }', 'expected a method in capitals'],
  [
    '{ protected: { path: /a, accepted: {} } }',
    'at least one of the keys status, header, contains, grpcStatus',
  ],
  [
    '{ protected: /a, others: [{ path: /a, method: GET }] }',
    '`others 0` sends the same request as `protected`',
  ],
])('the routes %s are refused: %s', (routes, message) => {
  expect(faultsOf(withRoutes(routes)).filter((line) => line.startsWith('c.yaml:3'))).toEqual([
    expect.stringContaining(message),
  ])
})

test('one path may be two routes where the requests differ', () => {
  const routes =
    '{ protected: { path: /q, method: POST, body: a }, public: { path: /q, method: POST, body: b } }'
  expect(faultsOf(withRoutes(routes))).toEqual([])
})

test.each([
  ['{}', [{ in: 'header', name: 'Authorization', scheme: 'Bearer' }]],
  ['{ scheme: null }', [{ in: 'header', name: 'Authorization', scheme: null }]],
  ['{ name: X-Token, scheme: JWT }', [{ in: 'header', name: 'X-Token', scheme: 'JWT' }]],
  [
    '[{ in: query }, { in: form, name: t }]',
    [
      { in: 'query', name: 'access_token' },
      { in: 'form', name: 't' },
    ],
  ],
  ['{ in: cookie, name: session }', [{ in: 'cookie', name: 'session' }]],
])('the credential %s is understood', (credential, places) => {
  expect(targetOf(withTarget(`  credential: ${credential}`)).credentials).toEqual(places)
})

test.each([
  ['credential: []', 'must not be empty'],
  ['credential: { in: cookie }', 'a cookie needs its `name`'],
  ['credential: { in: query, scheme: Bearer }', 'only a header has a scheme'],
  ['credential: { scheme: "Bearer " }', 'expected the name of a scheme'],
  ['connect: 10.0.0.7', 'expected HOST:PORT'],
  ['connect: 10.0.0.7:0', 'between 1 and 65535'],
  ['connect: 10.0.0.7:65536', 'between 1 and 65535'],
  ['proxy: gopher://x', 'expected `none` or the URL of a proxy'],
  ['http: 3', 'must be one of auto, 1.1, 2'],
  ['plaintextUrl: https://x', 'begins with http://'],
  ['timeout: 0s', 'no answer comes within no time'],
  ['pace: { concurrency: 0 }', 'must be at least 1'],
  ['pace: { concurrency: 1000 }', 'must be at most 256'],
  ['pace: { perSecond: 0 }', 'must be more than 0'],
  ['hooks: { restart: [] }', 'must not be empty'],
  ['headers: { authorization: x }', 'is where the token goes'],
  ['headers: { "x y": x }', 'is no name of a header'],
  ['headers: { x: "a\\nb" }', 'without control characters'],
  ['headers: { Host: x }', 'is written by the client itself'],
  ['headers: { x: 1 }', 'must be text, not a number'],
  ['tls: { cert: c.pem }', '`cert` and `key` go together'],
])('%s is refused: %s', (line, message) => {
  expect(faultsOf(withTarget(`  ${line}`)).filter((told) => told.startsWith('c.yaml:4'))).toEqual([
    expect.stringContaining(message),
  ])
})

test.each([
  ['http: 1.1', { http: '1.1' }],
  ['http: 2', { http: '2' }],
  ['http: "2"', { http: '2' }],
  ['connect: "[::1]:8443"', { connect: { host: '::1', port: 8443 } }],
  ['proxy: none', { proxy: { kind: 'none' } }],
  ['proxy: http://p.test:3128', { proxy: { kind: 'url', url: 'http://p.test:3128/' } }],
  ['plaintextUrl: http://gw.test/', { plaintextUrl: 'http://gw.test' }],
  ['pace: { perSecond: 0.5 }', { pace: { concurrency: 8, perSecond: 0.5 } }],
  [
    'headers: { X-Env: a, x-two: b }',
    {
      headers: [
        ['X-Env', 'a'],
        ['x-two', 'b'],
      ],
    },
  ],
  ['hooks: { revoke: [./revoke.sh] }', { hooks: { revoke: ['./revoke.sh'] } }],
])('%s is understood', (line, expected) => {
  expect(targetOf(withTarget(`  ${line}`))).toMatchObject(expected)
})

test('files that are no PEM are told by their names', () => {
  const files = { 'a.txt': 'nonsense', 'b.txt': 'nonsense' }
  expect(faultsOf(withTarget('  tls: { ca: a.txt, cert: a.txt, key: b.txt }'), { files })).toEqual([
    'c.yaml:4:14: `a.txt` holds no PEM certificate',
    'c.yaml:4:27: `a.txt` holds no PEM certificate',
    'c.yaml:4:39: `b.txt` holds no PEM private key without a passphrase',
  ])
})

test('a private key that needs a passphrase is told, not asked for', () => {
  const key = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' },
  }).privateKey
  const told = faultsOf(withTarget('  tls: { cert: a.txt, key: key.pem }'), {
    files: { 'a.txt': '', 'key.pem': key },
  })
  expect(told).toContainEqual(
    expect.stringContaining('`key.pem` holds no PEM private key without a passphrase'),
  )
})
