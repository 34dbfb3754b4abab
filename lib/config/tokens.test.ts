import { expect, test } from 'vitest'
import { configOf, faultsOf, privateJwk, smallConfig } from '../../test/fixtures/config-folder.ts'

const files = { 'k.json': JSON.stringify(privateJwk()) }

const withTokens = (tokens: string): string =>
  smallConfig.replace(/policy.*\ntokens.*\n/, `tokens: ${tokens}\n`)
const tokensOf = (tokens: string) => configOf(withTokens(tokens), { files }).tokens
const toldOf = (tokens: string) =>
  faultsOf(withTokens(tokens), { files }).filter((line) => line.startsWith('c.yaml'))

const client = 'tokenEndpoint: https://i/token, clientId: c, clientSecret: s'

test('an issued token and a command are sources too, and need no policy', () => {
  expect(tokensOf('{ token: T }')).toEqual({ kind: 'token', token: 'T', others: {} })
  expect(tokensOf('{ command: [az, token] }')).toEqual({
    kind: 'command',
    command: ['az', 'token'],
    others: {},
  })
})

test('a client of an identity provider has its defaults', () => {
  expect(tokensOf(`{ oauth2: { ${client} } }`)).toEqual({
    kind: 'oauth2',
    client: {
      endpoint: { kind: 'tokenEndpoint', url: 'https://i/token' },
      clientId: 'c',
      auth: { method: 'client_secret_basic', clientSecret: 's' },
      grant: { type: 'client_credentials' },
      parameters: {},
      tls: { insecure: false },
      proxy: { kind: 'environment' },
    },
    others: {},
  })
})

test('a client may have keys of its own to authenticate and to assert with', () => {
  const oauth2 =
    'issuer: https://i, clientId: c, auth: private_key_jwt, clientKey: k.json, grant: jwt_assertion, assertionKey: k.json, assertionClaims: { a: 1 }, scope: s, resource: r, parameters: { audience: x }, proxy: none'
  expect(tokensOf(`{ oauth2: { ${oauth2} } }`)).toMatchObject({
    client: {
      endpoint: { kind: 'issuer', url: 'https://i' },
      auth: { method: 'private_key_jwt', clientKey: { kid: 'k', alg: 'RS256' } },
      grant: { type: 'jwt_assertion', assertionKey: { kid: 'k' }, claims: { a: 1 } },
      scope: 's',
      resource: 'r',
      parameters: { audience: 'x' },
      proxy: { kind: 'none' },
    },
  })
})

test('other tokens are what differs from the client of the good ones', () => {
  const others =
    '{ otherAudience: { oauth2: { scope: other } }, otherIssuer: { oauth2: { issuer: https://j } }, second: { token: T2 }, expired: { command: [cat] } }'
  const { others: resolved } = tokensOf(`{ oauth2: { ${client}, scope: s }, others: ${others} }`)
  expect(resolved).toMatchObject({
    otherAudience: { client: { scope: 'other', clientId: 'c', endpoint: { url: 'https://i/token' } } },
    otherIssuer: { client: { scope: 's', endpoint: { kind: 'issuer', url: 'https://j' } } },
    second: { kind: 'token', token: 'T2' },
    expired: { kind: 'command', command: ['cat'] },
  })
})

test.each([
  ['{}', 'no source of good tokens'],
  [
    `{ token: T, oauth2: { ${client} } }`,
    'one source of good tokens is enough, and here are oauth2 and token',
  ],
  ['{ token: "" }', 'must not be empty'],
  ['{ command: [] }', 'must not be empty'],
  ['{ token: T, lifetime: 1h }', '`lifetime` shapes the tokens that we sign'],
  ['{ token: T, claims: { sub: x } }', '`claims` shapes the tokens that we sign'],
  ['{ oauth2: { clientId: c, clientSecret: s } }', 'either `tokenEndpoint` or `issuer`, and it has neither'],
  [`{ oauth2: { ${client}, issuer: https://i } }`, 'either `tokenEndpoint` or `issuer`, and it has both'],
  ['{ oauth2: { issuer: https://i, clientSecret: s } }', 'needs its `clientId`'],
  ['{ oauth2: { issuer: https://i, clientId: c } }', '`auth: client_secret_basic` needs the `clientSecret`'],
  ['{ oauth2: { issuer: https://i, clientId: c, auth: private_key_jwt } }', 'needs the `clientKey`'],
  ['{ oauth2: { issuer: https://i, clientId: c, auth: tls_client_auth } }', 'needs `tls.cert` and `tls.key`'],
  [`{ oauth2: { ${client}, grant: jwt_assertion } }`, 'needs the `assertionKey`'],
  [`{ oauth2: { ${client}, auth: basic } }`, 'must be one of client_secret_basic'],
  ['{ token: T, others: { second: {} } }', 'exactly one of the keys oauth2, token, command'],
  [
    '{ token: T, others: { secnd: { token: U } } }',
    'unknown key `secnd` in `tokens.others`; did you mean `second`?',
  ],
  ['{ token: T, others: { second: { tokn: U } } }', 'did you mean `token`?'],
])('%s is told once: %s', (tokens, message) => {
  expect(toldOf(tokens)).toEqual([expect.stringContaining(message)])
})

test('with no tokens at all the fault says what to give', () => {
  expect(faultsOf(smallConfig.replace(/tokens.*\n/, ''))).toEqual([
    'c.yaml:1:1: no source of good tokens',
    '    give one of `tokens.keys`, `oauth2`, `command` and `token`',
  ])
})

test('with keys of ours the policy must say what goes into a token', () => {
  expect(
    faultsOf(smallConfig.replace(/policy.*\n/, 'policy: {}\n')).map((line) => line.split(': ')[1]),
  ).toEqual([
    'with `tokens.keys` the policy needs `issuer`',
    'with `tokens.keys` the policy needs `audience`',
    'with `tokens.keys` the policy needs `algorithms`',
  ])
})

test('what binds and encrypts tokens is read', () => {
  const tokens =
    'private.jwks.json, binding: { dpop: true }, encryption: { jwk: k.json, alg: RSA-OAEP-256, enc: A256GCM }'
  const { binding, encryption } = configOf(smallConfig.replace('private.jwks.json', tokens), { files })
  expect(binding).toEqual({ dpop: true })
  expect(encryption).toMatchObject({ kid: 'k', alg: 'RSA-OAEP-256', enc: 'A256GCM' })
  expect(encryption?.publicKey.type).toBe('public')
})

test('a key that does not fit the encryption is told', () => {
  expect(toldOf('{ token: T, encryption: { jwk: k.json, alg: ECDH-ES, enc: A256GCM } }')).toEqual([
    expect.stringContaining('`k.json` holds no JWK with a public key for ECDH-ES'),
  ])
})
