import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPublicKey, verify, type JsonWebKey } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SigningKey } from '../config/config.ts'
import type { OAuth2Client } from '../config/token-source.ts'
import { algorithmOf, freshKey } from '../forge/algorithm.ts'
import { createBindingKeys } from '../forge/binding.ts'
import { fetchKeySet, issueToken } from './issue.ts'

type Asked = {
  readonly path: string
  readonly authorization: string | undefined
  readonly proof: string | undefined
  readonly form: URLSearchParams
}

let asked: Asked[] = []
let answer = { status: 200, text: '{"access_token":"a.b.c"}' }
/** Demanded of every DPoP proof, where it is set (RFC 9449 section 8). */
let nonce: string | undefined
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (piece: Buffer) => {
    body += piece.toString()
  })
  request.on('end', () => {
    asked.push({
      path: request.url ?? '',
      authorization: request.headers.authorization,
      proof: request.headersDistinct.dpop?.join(),
      form: new URLSearchParams(body),
    })
    const discovery = request.url === '/.well-known/openid-configuration'
    if (nonce !== undefined && proofOf(asked.at(-1)!)?.nonce !== nonce) {
      response.writeHead(400, { 'DPoP-Nonce': nonce }).end('{"error":"use_dpop_nonce"}')
      return
    }
    response.writeHead(discovery ? 200 : answer.status)
    response.end(discovery ? JSON.stringify({ token_endpoint: `${origin}/discovered` }) : answer.text)
  })
})
let origin: string
let key: SigningKey
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  key = { kid: 'ours', alg: 'ES256', ...(await freshKey(algorithmOf('ES256')!)) }
})
beforeEach(() => {
  asked = []
  nonce = undefined
  answer = { status: 200, text: '{"access_token":"a.b.c"}' }
})
afterAll(() => server.close())

const context = { now: () => 1_000_000, newId: () => 'an id', timeoutMs: 3000 }
const clientWith = (changes: Partial<OAuth2Client>): OAuth2Client => ({
  endpoint: { kind: 'tokenEndpoint', url: `${origin}/token` },
  clientId: 'the client',
  auth: { method: 'client_secret_basic', clientSecret: 'a:secret' },
  grant: { type: 'client_credentials' },
  parameters: {},
  tls: { insecure: false },
  proxy: { kind: 'none' },
  ...changes,
})
const ask = async (changes: Partial<OAuth2Client> = {}): Promise<Asked> => {
  expect(await issueToken({ kind: 'oauth2', client: clientWith(changes) }, context)).toEqual({
    token: 'a.b.c',
  })
  return asked.at(-1)!
}

/** The claims of an assertion, if its signature is right. */
const claimsOf = (jwt: string | null): unknown => {
  const [header = '', payload = '', signature = ''] = (jwt ?? '').split('.')
  const good = verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    { key: key.publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  return good ? JSON.parse(Buffer.from(payload, 'base64url').toString()) : undefined
}

/** The claims of a DPoP proof, if the key in its header has signed it. */
const proofOf = ({ proof = '' }: Asked): Record<string, unknown> | undefined => {
  const [header = '', payload = '', signature = ''] = proof.split('.')
  if (signature === '') return undefined
  const { jwk } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { jwk: JsonWebKey }
  const good = verify(
    'sha256',
    Buffer.from(`${header}.${payload}`),
    { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  return good ? JSON.parse(Buffer.from(payload, 'base64url').toString()) : undefined
}

describe('a token endpoint that binds tokens by DPoP', () => {
  const bound = '{"access_token":"a.b.c","token_type":"DPoP","expires_in":60}'
  const withDpop = async () => ({
    ...context,
    dpop: { keys: await createBindingKeys('ES256'), nonces: new Map<string, string>() },
  })
  const client = () => clientWith({ endpoint: { kind: 'tokenEndpoint', url: `${origin}/token?tenant=1` } })

  test('gets a proof of the request, without a token', async () => {
    answer = { status: 200, text: bound }
    const issued = await issueToken({ kind: 'oauth2', client: client() }, await withDpop())
    expect(issued).toEqual({ token: 'a.b.c', expiresIn: 60 })
    const claims = { jti: 'an id', htm: 'POST', htu: `${origin}/token`, iat: 999_999 }
    expect(asked.map(proofOf)).toEqual([claims])
  })

  test('gets its nonce where it asks for one, and from then on at once', async () => {
    answer = { status: 200, text: bound }
    nonce = 'n-1'
    const dpop = await withDpop()
    await issueToken({ kind: 'oauth2', client: client() }, dpop)
    await issueToken({ kind: 'oauth2', client: client() }, dpop)
    expect(asked.map((one) => proofOf(one)?.nonce)).toEqual([undefined, 'n-1', 'n-1'])
  })

  test('and then does not is told', async () => {
    answer = { status: 200, text: '{"access_token":"a.b.c","token_type":"Bearer"}' }
    const failed = issueToken({ kind: 'oauth2', client: client() }, await withDpop())
    await expect(failed).rejects.toThrow(/gave a token of type Bearer .*tokens\.binding\.dpop/)
  })
})

describe('a token endpoint', () => {
  test('gets id and secret form-encoded in Basic, and scope, resource and parameters in the form', async () => {
    const { authorization, form } = await ask({
      scope: 'a b',
      resource: 'urn:r',
      parameters: { audience: 'x' },
    })
    expect(Buffer.from(authorization?.slice(6) ?? '', 'base64').toString()).toBe('the+client:a%3Asecret')
    expect(Object.fromEntries(form)).toEqual({
      grant_type: 'client_credentials',
      scope: 'a b',
      resource: 'urn:r',
      audience: 'x',
    })
  })

  test('gets id and secret in the form where that is the method', async () => {
    const { authorization, form } = await ask({ auth: { method: 'client_secret_post', clientSecret: 's' } })
    expect(authorization).toBeUndefined()
    expect(Object.fromEntries(form)).toMatchObject({ client_id: 'the client', client_secret: 's' })
  })

  test('gets an assertion that the client signed, and that ends soon', async () => {
    const { form } = await ask({ auth: { method: 'private_key_jwt', clientKey: key } })
    expect(claimsOf(form.get('client_assertion'))).toEqual({
      iss: 'the client',
      sub: 'the client',
      aud: `${origin}/token`,
      iat: 999_995,
      exp: 1_000_120,
      jti: 'an id',
    })
  })

  test('gets a JWT as the grant itself', async () => {
    const { form } = await ask({
      grant: { type: 'jwt_assertion', assertionKey: key, claims: { sub: 'somebody' } },
    })
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    expect(claimsOf(form.get('assertion'))).toMatchObject({ iss: 'the client', sub: 'somebody' })
  })

  test('is found by discovery', async () => {
    expect((await ask({ endpoint: { kind: 'issuer', url: `${origin}/` } })).path).toBe('/discovered')
  })

  test.each([
    [
      401,
      '{"error":"invalid_client","error_description":"no \\u001b[31m such"}',
      /401 invalid_client: no \?\[31m such .*clientSecret/,
    ],
    [400, '{"error":"invalid_scope"}', /invalid_scope .*tokens\.oauth2\.scope/],
    [404, '<html>', /404 without an error code .*tokenEndpoint/],
    [200, '{"token":"x"}', /without an access_token/],
    [200, 'x'.repeat(1_100_000), /more than 1048576 bytes/],
  ])('that answers %i is told in its own words, made safe', async (status, text, words) => {
    answer = { status, text }
    const failed = issueToken({ kind: 'oauth2', client: clientWith({}) }, context)
    await expect(failed).rejects.toThrow(words)
    await expect(failed).rejects.not.toThrow(/a:secret/)
  })

  test('is found by discovery, or the issuer is what to look at', async () => {
    const client = clientWith({ endpoint: { kind: 'issuer', url: `${origin}/realms/nowhere` } })
    answer = { status: 404, text: '{"error":"Realm does not exist"}' }
    await expect(issueToken({ kind: 'oauth2', client }, context)).rejects.toThrow(
      /answered 404 without a token_endpoint; look at tokens\.oauth2\.issuer/,
    )
  })

  test('that nobody listens at is told by its address', async () => {
    const client = clientWith({ endpoint: { kind: 'tokenEndpoint', url: 'http://127.0.0.1:9/token' } })
    await expect(issueToken({ kind: 'oauth2', client }, context)).rejects.toThrow(
      /127\.0\.0\.1:9 did not answer/,
    )
  })
})

describe('a command', () => {
  const run = (script: string) =>
    issueToken({ kind: 'command', command: [process.execPath, '-e', script, 'a-secret-argument'] }, context)

  test.each([
    `console.log(' a.b.c ')`,
    `console.log('{"access_token":"a.b.c"}')`,
    `console.log('{"accessToken":"a.b.c"}')`,
  ])('prints a token, or JSON that holds one: %s', async (script) => {
    expect(await run(script)).toEqual({ token: 'a.b.c' })
  })

  test('may say for how long it is good', async () => {
    const script = `console.log('{"access_token":"a.b.c","expires_in":"90"}')`
    expect(await run(script)).toEqual({ token: 'a.b.c', expiresIn: 90 })
  })

  test.each([
    [`console.log('')`, /printed no token/],
    [`console.log('please log in')`, /printed no token/],
    [`process.exit(3)`, /failed \(3\)/],
  ])('that gives none is told without its arguments: %s', async (script, words) => {
    await expect(run(script)).rejects.toThrow(words)
    await expect(run(script)).rejects.not.toThrow(/a-secret-argument/)
  })
})

test('a key set is fetched, and anything but 200 is none', async () => {
  const route = { tls: { insecure: false }, proxy: { kind: 'none' } as const, timeoutMs: 3000 }
  answer = { status: 200, text: '{"keys":[]}' }
  expect(await fetchKeySet(`${origin}/jwks`, route)).toEqual({ keys: [] })
  answer = { status: 302, text: '' }
  await expect(fetchKeySet(`${origin}/jwks`, route)).rejects.toThrow(/answered 302/)
})
