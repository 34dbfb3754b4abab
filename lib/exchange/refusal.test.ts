import { expect, test } from 'vitest'
import type { OAuth2Client } from '../config/token-source.ts'
import { freshKey, algorithmOf } from '../forge/algorithm.ts'
import { refusalText } from './refusal.ts'

const endpoint = 'https://idp.example.test/token'
const client: Pick<OAuth2Client, 'auth' | 'grant'> = {
  auth: { method: 'client_secret_basic', clientSecret: 'a secret' },
  grant: { type: 'client_credentials' },
}
const told = (status: number, body: unknown, given = client, at = 'tokens.oauth2') =>
  refusalText({ endpoint, status, body }, given, at)

test.each([
  // What Keycloak 26.7 answers to an unknown client, a wrong secret and a scope that it does not have.
  [401, 'invalid_client', 'Invalid client or Invalid client credentials', 'clientId, clientSecret and auth'],
  [401, 'unauthorized_client', 'Invalid client or Invalid client credentials', 'clientSecret and auth'],
  [400, 'invalid_scope', 'Invalid scopes: gateway orders.raed', 'scope'],
  [400, 'unauthorized_client', 'No such grant', 'grant'],
  [400, 'unsupported_grant_type', 'No such grant', 'grant'],
  [400, 'invalid_target', 'No such resource', 'resource'],
  [400, 'invalid_request', 'Missing parameter', 'scope, resource or parameters.audience'],
])(
  '%i %s is told in the words of the provider, with the likely setting',
  (status, error, description, setting) => {
    const body = { error, error_description: description }
    expect(told(status, body)).toContain(`was refused: ${status} ${error}: ${description} (`)
    expect(told(status, body)).toContain(`tokens.oauth2.${setting}`)
    expect(told(status, body, client, 'tokens.others.second.oauth2')).toContain(
      `tokens.others.second.oauth2.${setting}`,
    )
    expect(told(status, body)).not.toContain('a secret')
  },
)

test('a client with a key is pointed at its key, and one with a certificate at that', async () => {
  const algorithm = algorithmOf('ES256')
  if (algorithm === undefined) throw new Error('ES256 is not known')
  const clientKey = { kid: 'ours', alg: 'ES256', ...(await freshKey(algorithm)) }
  const body = { error: 'invalid_client' }
  expect(told(401, body, { ...client, auth: { method: 'private_key_jwt', clientKey } })).toContain(
    'clientKey',
  )
  expect(told(401, body, { ...client, auth: { method: 'tls_client_auth' } })).toContain('tls.cert')
})

test.each([undefined, null, 'a text', [], { error: 1 }, {}])(
  'without an error code, %j says nothing',
  (body) => {
    expect(told(404, body)).toBe(
      `the token request of tokens.oauth2 to ${endpoint} was refused: 404 without an error code (look at tokens.oauth2.tokenEndpoint)`,
    )
  },
)

test('a code that nobody knows is told without a hint, bounded and printable', () => {
  expect(told(400, { error: `x\u001b[31m${'y'.repeat(400)}` })).toMatch(/refused: 400 x\?\[31my{294}$/)
})
