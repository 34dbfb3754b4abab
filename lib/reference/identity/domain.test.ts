import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  X509Certificate,
  type KeyObject,
} from 'node:crypto'
import { request } from 'node:http'
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startIdentityDomain, type IdentityDomain } from './domain.ts'

const now = () => Date.parse('2031-05-06T07:08:09.500Z')
const nowSeconds = Math.floor(now() / 1000)
const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const assertionPair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const publicJwk = (key: KeyObject, kid: string) => ({
  ...createPublicKey(key).export({ format: 'jwk' }),
  kid,
})

const applications = {
  tenant: 'acme',
  accessSigningCertificate: true,
  resourceServers: [
    {
      name: 'hello',
      primaryAudience: 'gw.example.test',
      scopes: ['/read', '/write'],
      tokenLifetimeSeconds: 3600,
    },
    { name: 'short', primaryAudience: 'https://short.test/', scopes: ['read'], tokenLifetimeSeconds: 60 },
    {
      name: 'integration',
      primaryAudience: 'https://host:443',
      scopes: ['urn:opc:resource:consumer::all'],
      tokenLifetimeSeconds: 3600,
    },
  ],
  clients: [
    {
      name: 'Caller of hello',
      clientId: 'caller',
      clientSecret: 'p:ss word%+',
      active: true,
      grants: ['client_credentials', jwtBearer],
      allowedScopes: [
        'gw.example.test/read',
        'gw.example.test/write',
        'https://short.test/read',
        'https://host:443urn:opc:resource:consumer::all',
      ],
      assertionKeys: { keys: [publicJwk(assertionPair.privateKey, 'assertion')] },
    },
    {
      name: 'Reader',
      clientId: 'reader',
      active: true,
      grants: ['client_credentials'],
      allowedScopes: ['gw.example.test/read'],
    },
    {
      name: 'Sleeper',
      clientId: 'sleeper',
      clientSecret: 'sleeping',
      active: false,
      grants: ['client_credentials'],
      allowedScopes: ['gw.example.test/read'],
    },
    {
      name: 'Keyless',
      clientId: 'keyless',
      clientSecret: 'keyless',
      active: true,
      grants: [jwtBearer],
      allowedScopes: [],
    },
  ],
}

let domain: IdentityDomain
const printed: unknown[] = []
beforeAll(async () => {
  for (const method of ['log', 'info', 'warn', 'error'] as const) {
    vi.spyOn(console, method).mockImplementation((...words: unknown[]) => void printed.push(words))
  }
  domain = await startIdentityDomain({ applications, now })
})
afterAll(() => domain.close())

const basic = (id: string, secret: string) =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`
const caller = basic('caller', 'p:ss word%+')

async function ask(form: Record<string, string>, authorization?: string) {
  const response = await fetch(`${domain.url}/oauth2/v1/token`, {
    method: 'POST',
    headers: authorization === undefined ? {} : { authorization },
    body: new URLSearchParams(form),
  })
  const body = (await response.json()) as TokenAnswer
  return { status: response.status, headers: response.headers, body }
}
type TokenAnswer = {
  access_token: string
  token_type: string
  expires_in: number
  error: string
  error_description: string
}
const clientCredentials = (scope?: string) => ({
  grant_type: 'client_credentials',
  ...(scope === undefined ? {} : { scope }),
})

/** RFC 6749 section 5.2 says which characters an error_description may have. */
const descriptionCharacters = /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/

describe('client credentials', () => {
  test('a client gets a bearer token for the lifetime of the resource server', async () => {
    const answer = await ask(clientCredentials('gw.example.test/read'), caller)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
    })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect((await ask(clientCredentials('https://short.test/read'), caller)).body.expires_in).toBe(60)
  })

  test('the secret may also be sent in the form', async () => {
    const { status } = await ask({
      ...clientCredentials('gw.example.test/read'),
      client_id: 'caller',
      client_secret: 'p:ss word%+',
    })
    expect(status).toBe(200)
  })

  test('a token has the header and the claims of the domain, and no others', async () => {
    const { body } = await ask(clientCredentials('gw.example.test/read'), caller)
    const leaf = Buffer.from(domain.jwks.keys[0].x5c[0], 'base64')
    expect(decodeProtectedHeader(body.access_token)).toEqual({
      alg: 'RS256',
      kid: 'SIGNING_KEY',
      x5t: createHash('sha1').update(leaf).digest('base64url'),
      'x5t#S256': createHash('sha256').update(leaf).digest('base64url'),
    })
    expect(decodeJwt(body.access_token)).toEqual({
      iss: 'https://identity.oraclecloud.com/',
      sub: 'caller',
      aud: 'gw.example.test',
      scope: '/read',
      client_id: 'caller',
      client_name: 'Caller of hello',
      tok_type: 'AT',
      sub_type: 'client',
      tenant: 'acme',
      jti: expect.stringMatching(/.{20}/),
      iat: nowSeconds,
      exp: nowSeconds + 3600,
    })
  })

  test('a token verifies with the published key, and no two have the same jti', async () => {
    const issue = async () => (await ask(clientCredentials('gw.example.test/read'), caller)).body.access_token
    const first = await issue()
    const second = await issue()
    const [{ kty, kid, n, e }] = domain.jwks.keys
    const keys = createLocalJWKSet({ keys: [{ kty, kid, n, e }] })
    await expect(jwtVerify(first, keys, { currentDate: new Date(now()) })).resolves.toBeDefined()
    expect(decodeJwt(first).jti).not.toBe(decodeJwt(second).jti)
  })

  test.each([
    ['gw.example.test/read', 'gw.example.test', '/read'],
    ['https://short.test/read', 'https://short.test/', 'read'],
    ['https://host:443urn:opc:resource:consumer::all', 'https://host:443', 'urn:opc:resource:consumer::all'],
    ['gw.example.test/write gw.example.test/read gw.example.test/write', 'gw.example.test', '/write /read'],
  ])('%s comes apart into the audience %s and the scope %s', async (asked, aud, scope) => {
    const { body } = await ask(clientCredentials(asked), caller)
    expect(decodeJwt(body.access_token)).toMatchObject({ aud, scope })
  })

  test.each([
    ['no scope', undefined],
    ["another client's scope", 'gw.example.test/write'],
  ])('%s is an invalid scope, and the answer lists what may be asked for', async (_what, scope) => {
    const { clientSecret } = domain.clients.find(({ clientId }) => clientId === 'reader')!
    const { status, body } = await ask(clientCredentials(scope), basic('reader', clientSecret))
    expect(status).toBe(400)
    expect(body).toEqual({
      error: 'invalid_scope',
      error_description: expect.stringMatching(/it may ask for: gw\.example\.test\/read$/),
    })
    expect(body.error_description).toMatch(descriptionCharacters)
  })

  test.each(['"quoted"', 'back\\slash', 'two  spaces', 'líne', 'a\nb'])(
    'the scope %j, which no scope can be, is refused without an echo',
    async (scope) => {
      const { status, body } = await ask(clientCredentials(scope), caller)
      expect([status, body.error]).toEqual([400, 'invalid_scope'])
      expect(body.error_description).toMatch(descriptionCharacters)
    },
  )

  test.each([
    ['a wrong secret', basic('caller', 'wrong')],
    ['a client that nobody knows', basic('nobody', 'p:ss word%+')],
    ['an inactive client', basic('sleeper', 'sleeping')],
  ])('%s is refused with a challenge', async (_what, authorization) => {
    const { status, headers, body } = await ask(clientCredentials('gw.example.test/read'), authorization)
    expect([status, body.error]).toEqual([401, 'invalid_client'])
    expect(headers.get('www-authenticate')).toMatch(/^Basic /)
  })

  test('a client without the grant is refused', async () => {
    const { status, body } = await ask(clientCredentials('x'), basic('keyless', 'keyless'))
    expect(status).toBe(400)
    expect(body.error_description).toBe('requested grant type is not allowed for this client')
  })

  test('a grant that the domain does not have is refused', async () => {
    const { status, body } = await ask({ grant_type: 'password' }, caller)
    expect([status, body.error]).toEqual([400, 'unsupported_grant_type'])
  })

  test('an error is JSON for a browser too', async () => {
    const response = await fetch(`${domain.url}/oauth2/v1/token`, {
      method: 'POST',
      headers: { accept: 'text/html', authorization: caller },
      body: new URLSearchParams(clientCredentials()),
    })
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(await response.json()).toMatchObject({ error: 'invalid_scope' })
  })
})

describe('JWT assertion', () => {
  const claims = {
    iss: 'caller',
    sub: 'caller',
    aud: 'https://identity.oraclecloud.com/',
    exp: nowSeconds + 60,
  }
  const signed = (changes: object = {}) =>
    new SignJWT({ ...claims, ...changes })
      .setProtectedHeader({ alg: 'RS256', kid: 'assertion' })
      .sign(assertionPair.privateKey)
  const askWith = async (assertion: string, authorization = caller) =>
    ask({ grant_type: jwtBearer, assertion, scope: 'gw.example.test/read' }, authorization)

  test('a client that speaks for itself gets the token that client credentials give', async () => {
    const { status, body } = await askWith(await signed())
    expect(status).toBe(200)
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 3600 })
    expect(decodeJwt(body.access_token)).toMatchObject({
      sub: 'caller',
      aud: 'gw.example.test',
      scope: '/read',
      sub_type: 'client',
    })
  })

  test('the assertion may be made for the token endpoint', async () => {
    const { status } = await askWith(await signed({ aud: ['x', `${domain.url}/oauth2/v1/token`] }))
    expect(status).toBe(200)
  })

  test('an assertion that speaks for somebody else is refused', async () => {
    const { status, body } = await askWith(await signed({ sub: 'alice' }))
    expect([status, body.error]).toEqual([400, 'invalid_grant'])
    expect(body.error_description).toBe('the claim sub of the assertion is missing or wrong')
  })

  test('an assertion without its client, or a client without an assertion, gets nothing', async () => {
    const alone = await ask({
      grant_type: jwtBearer,
      assertion: await signed(),
      scope: 'gw.example.test/read',
    })
    expect(alone.body.error).toBe('invalid_request')
    const without = await ask({ grant_type: jwtBearer, scope: 'gw.example.test/read' }, caller)
    expect([without.status, without.body.error]).toEqual([400, 'invalid_request'])
  })

  test('a client with the grant but without a key is told so', async () => {
    const { body } = await askWith(await signed(), basic('keyless', 'keyless'))
    expect(body).toMatchObject({
      error: 'invalid_grant',
      error_description: expect.stringContaining('no key'),
    })
  })
})

describe('the signing certificate', () => {
  const certificate = () => fetch(`${domain.url}/admin/v1/SigningCert/jwk`)

  test('is published in the shape of IDCS, with a chain that holds', async () => {
    const set = (await (await certificate()).json()) as IdentityDomain['jwks']
    expect(set).toEqual(domain.jwks)
    expect(Object.keys(set.keys[0]).sort()).toEqual(
      ['alg', 'e', 'key_ops', 'kid', 'kty', 'n', 'x5c', 'x5t', 'x5t#S256'].sort(),
    )
    expect(set.keys[0]).toMatchObject({
      kty: 'RSA',
      kid: 'SIGNING_KEY',
      alg: 'RS256',
      key_ops: ['encrypt', 'sign'],
    })
    const [leaf, ca] = set.keys[0].x5c.map((text: string) => new X509Certificate(Buffer.from(text, 'base64')))
    expect(leaf!.publicKey.export({ format: 'jwk' })).toEqual({
      kty: 'RSA',
      n: set.keys[0].n,
      e: set.keys[0].e,
    })
    expect(leaf!.checkIssued(ca!) && leaf!.verify(ca!.publicKey) && ca!.verify(ca!.publicKey)).toBe(true)
    expect(Date.parse(leaf!.validFrom)).toBeLessThan(now())
    expect(Date.parse(leaf!.validTo)).toBeGreaterThan(now())
  })

  test('answers 401 while the switch is off, and the key again afterwards', async () => {
    domain.setSigningCertificatePublic(false)
    const refused = await certificate()
    expect(refused.status).toBe(401)
    expect(await refused.text()).not.toContain('SIGNING_KEY')
    domain.setSigningCertificatePublic(true)
    expect((await certificate()).status).toBe(200)
  })
})

test('discovery names the issuer of the tokens and the endpoints where the domain listens', async () => {
  const openid = await (await fetch(`${domain.url}/.well-known/openid-configuration`)).json()
  const idcs = await (await fetch(`${domain.url}/.well-known/idcs-configuration`)).json()
  expect(openid).toMatchObject({
    issuer: 'https://identity.oraclecloud.com/',
    token_endpoint: `${domain.url}/oauth2/v1/token`,
    jwks_uri: `${domain.url}/admin/v1/SigningCert/jwk`,
  })
  expect(idcs).toEqual({ 'openid-configuration': openid })
})

test.each([
  ['GET', '/'],
  ['GET', '/oauth2/v1/token'],
  ['POST', '/admin/v1/SigningCert/jwk'],
  ['GET', '/auth?client_id=caller'],
  ['GET', '/jwks'],
  ['GET', '/me'],
  ['POST', '/token'],
  ['GET', '/.well-known/oauth-authorization-server'],
  ['GET', '/session/end'],
])('%s %s is not there', async (method, path) => {
  expect((await fetch(domain.url + path, { method })).status).toBe(404)
})

test('a key and an issuer may be given, and a key of another type is refused', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 3072 })
  const other = await startIdentityDomain({
    applications,
    now,
    signingKey: privateKey,
    issuer: 'https://x.test',
  })
  try {
    expect(other.jwks.keys[0].n).toBe(publicJwk(privateKey, '').n)
    const response = await fetch(`${other.url}/oauth2/v1/token`, {
      method: 'POST',
      headers: { authorization: caller },
      body: new URLSearchParams(clientCredentials('gw.example.test/read')),
    })
    const { access_token } = (await response.json()) as TokenAnswer
    expect(decodeJwt(access_token).iss).toBe('https://x.test')
    await expect(
      jwtVerify(access_token, createPublicKey(privateKey), { currentDate: new Date(now()) }),
    ).resolves.toBeDefined()
  } finally {
    await other.close()
  }
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  await expect(startIdentityDomain({ applications, now, signingKey: elliptic })).rejects.toThrow('RSA key')
})

test('a secret that the file leaves out is another at each start', async () => {
  const again = await startIdentityDomain({ applications, now })
  await again.close()
  const secrets = [domain, again].map(({ clients }) => clients[1]?.clientSecret)
  expect(secrets[0]).toMatch(/^[0-9a-f-]{36}$/)
  expect(secrets[1]).not.toBe(secrets[0])
})

test('applications that contradict themselves do not start', async () => {
  const broken = { ...applications, clients: [{ ...applications.clients[0], allowedScopes: ['nowhere'] }] }
  await expect(startIdentityDomain({ applications: broken, now })).rejects.toThrow(
    'clients[0].allowedScopes[0]: nowhere is no scope of a resource server',
  )
})

test('a client that hangs up in the middle of its request leaves the domain in order', async () => {
  await new Promise<void>((resolve) => {
    const half = request(`${domain.url}/oauth2/v1/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': 100 },
    })
    half.on('error', () => resolve())
    half.write('grant_type=', () => half.destroy(new Error('hung up')))
  })
  expect((await ask(clientCredentials('gw.example.test/read'), caller)).status).toBe(200)
})

test('nothing of all this was printed', () => {
  expect(printed).toEqual([])
})
