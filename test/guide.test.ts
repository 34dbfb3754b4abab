import { generateKeyPairSync } from 'node:crypto'
import { decodeJwt } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import {
  askForToken,
  assertionOfTheClient,
  bearer,
  client,
  clientCredentials,
  closeAll,
  deploy,
  faultsOf,
  gatewayHost,
  get,
  hello,
  issuer,
  jwtPolicy,
  openDomain,
  openService,
  pass,
  protectedBy,
  remoteKeys,
  resourceServer,
  staticKeys,
  tokenFrom,
  tokenOfAStranger,
} from './guide-world.ts'

/**
 * The guide that gateproof grew from, step by step: an API gateway in front of an API, first open to everybody, then to
 * those alone who bring an access token of an identity domain.
 */

afterEach(closeAll)

describe('The gateway', () => {
  test('1. A deployment under /v1 answers on its route /hello with a stock response', async () => {
    const url = await deploy({ routes: [hello] })
    expect(url).toMatch(/\/v1$/)
    expect(await get(`${url}/hello`)).toEqual({ status: 200, body: 'Hello, world!' })
    expect((await get(`${url}/other`)).status).toBe(404)
  })
})

describe('The identity domain', () => {
  test('2. It publishes its signing certificate once that is switched on, and not before', async () => {
    const domain = await openDomain({ accessSigningCertificate: false })
    const certificate = `${domain.url}/admin/v1/SigningCert/jwk`
    expect((await get(certificate)).status).toBe(401)

    domain.setSigningCertificatePublic(true)
    const { status, body } = await get(certificate)
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({
      keys: [{ kid: 'SIGNING_KEY', kty: 'RSA', alg: 'RS256', e: 'AQAB' }],
    })
  })
})

describe('The authentication policy', () => {
  test('3. The published key cannot be pasted as it stands, and the gateway says why', async () => {
    const domain = await openDomain()
    const faults = await faultsOf({
      requestPolicies: {
        authentication: jwtPolicy(staticKeys({ format: 'JSON_WEB_KEY', ...domain.jwks.keys[0] })),
      },
      routes: [hello],
    })
    const key = 'requestPolicies.authentication.publicKeys.keys[0]'
    expect(faults).toContainEqual({ path: `${key}.key_ops`, rule: 'must hold "verify" where it is there' })
    expect(faults).toContainEqual({ path: key, rule: 'has an unknown key "x5c"' })
  })

  test('4. With kid, kty, use, alg, n and e pasted by hand, who brings no good token is refused', async () => {
    const url = await deploy(protectedBy(await openDomain()))

    const without = await fetch(`${url}/hello`)
    expect(without.status).toBe(401)
    expect(without.headers.get('www-authenticate')).toMatch(/^Bearer/)
    expect((await get(`${url}/hello`, 'no.such.token')).status).toBe(401)
    expect((await get(`${url}/hello`, await tokenOfAStranger())).status).toBe(401)
  })
})

describe('The applications', () => {
  test('5. A client gets no token until it is activated', async () => {
    const signingKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const before = await openDomain({ clients: [{ ...client, active: false }] }, signingKey)
    expect(await askForToken(before, clientCredentials(`${gatewayHost}/read`))).toMatchObject({
      status: 401,
      error: 'invalid_client',
    })

    const after = await openDomain({ clients: [client] }, signingKey)
    expect((await askForToken(after, clientCredentials(`${gatewayHost}/read`))).status).toBe(200)
  })

  test('6. The client asks for <primary audience><scope>, and the token has the two apart', async () => {
    const token = await tokenFrom(await openDomain(), `${gatewayHost}/read`)
    expect(decodeJwt(token)).toMatchObject({
      iss: issuer,
      aud: gatewayHost,
      scope: '/read',
      sub: client.clientId,
    })
  })

  test.each([
    ['the slash begins the scope', gatewayHost, '/read', `${gatewayHost}/read`],
    ['the slash ends the audience', `${gatewayHost}/`, 'read', `${gatewayHost}/read`],
    [
      'there is none',
      'https://host:443',
      'urn:opc:resource:consumer::all',
      'https://host:443urn:opc:resource:consumer::all',
    ],
  ])(
    '7. Nothing comes between audience and scope, where %s',
    async (_where, primaryAudience, scope, asked) => {
      const domain = await openDomain({
        resourceServers: [{ ...resourceServer, primaryAudience, scopes: [scope] }],
        clients: [{ ...client, allowedScopes: [asked] }],
      })
      const url = await deploy(protectedBy(domain, { audiences: [primaryAudience], allowedScope: [scope] }))
      expect((await get(`${url}/hello`, await tokenFrom(domain, asked))).status).toBe(200)
    },
  )

  test('8. Who gets the slash wrong, or asks for no scope, is told what to ask for', async () => {
    const domain = await openDomain()
    for (const scope of [`${gatewayHost}read`, `${gatewayHost}//read`, '/read', undefined]) {
      const answer = await askForToken(domain, clientCredentials(scope))
      expect(answer).toMatchObject({ status: 400, error: 'invalid_scope' })
      expect(answer.error_description).toContain(`${gatewayHost}/read ${gatewayHost}/write`)
    }
  })
})

describe('The call', () => {
  test('9. With a token for client credentials it gets the stock response', async () => {
    const domain = await openDomain()
    const url = await deploy(protectedBy(domain))
    const token = await tokenFrom(domain, `${gatewayHost}/read`)
    expect(await get(`${url}/hello`, token)).toEqual({ status: 200, body: 'Hello, world!' })
  })

  test('10. So it does with a token for a JWT assertion', async () => {
    const domain = await openDomain()
    const url = await deploy(protectedBy(domain))
    const { access_token } = await askForToken(domain, {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: await assertionOfTheClient(),
      scope: `${gatewayHost}/read`,
    })
    expect(await get(`${url}/hello`, access_token)).toEqual({ status: 200, body: 'Hello, world!' })
  })

  test('11. It is refused with a token for another audience, and once its own has expired', async () => {
    const domain = await openDomain()
    const url = await deploy(protectedBy(domain))
    const token = await tokenFrom(domain, `${gatewayHost}/read`)
    expect((await get(`${url}/hello`, await tokenFrom(domain, 'other.example.test/read'))).status).toBe(401)

    pass(3599_000)
    expect((await get(`${url}/hello`, token)).status).toBe(200)
    pass(1000)
    expect((await get(`${url}/hello`, token)).status).toBe(401)
  })
})

describe('The follow-up articles', () => {
  test('12. A route may ask for a scope, which a good token without it does not have', async () => {
    const domain = await openDomain()
    const url = await deploy(protectedBy(domain, { allowedScope: ['/write'] }))
    const status = async (...scopes: string[]) =>
      (
        await get(
          `${url}/hello`,
          await tokenFrom(domain, scopes.map((scope) => gatewayHost + scope).join(' ')),
        )
      ).status

    expect(await status('/read')).toBe(403)
    expect(await status('/write')).toBe(200)
    expect(await status('/read', '/write')).toBe(200)
  })

  test('13. A real service behind the gateway is reached with a token alone', async () => {
    const domain = await openDomain()
    const reached: string[] = []
    const service = await openService((line) => reached.push(line))
    const url = await deploy({
      ...protectedBy(domain),
      routes: [
        {
          path: '/integration',
          methods: ['POST'],
          backend: { type: 'HTTP_BACKEND', url: `${service}/flows/run` },
        },
      ],
    })
    const run = async (token?: string) =>
      fetch(`${url}/integration?dry=1`, { method: 'POST', headers: bearer(token), body: 'order 66' })

    expect((await run()).status).toBe(401)
    expect(reached).toEqual([])
    const answer = await run(await tokenFrom(domain, `${gatewayHost}/read`))
    expect([answer.status, await answer.text()]).toEqual([202, 'flow started'])
    expect(reached).toEqual(['POST /flows/run?dry=1 order 66'])
  })
})

describe('Remote keys', () => {
  test('14. Instead of being pasted the keys may be fetched from the domain', async () => {
    const domain = await openDomain()
    const url = await deploy(protectedBy(domain, { publicKeys: remoteKeys(domain) }))
    expect((await get(`${url}/hello`)).status).toBe(401)
    expect((await get(`${url}/hello`, await tokenOfAStranger())).status).toBe(401)
    expect(await get(`${url}/hello`, await tokenFrom(domain, `${gatewayHost}/read`))).toMatchObject({
      status: 200,
    })
  })

  test('15. While the signing certificate is not public, every request is answered with 500', async () => {
    const domain = await openDomain({ accessSigningCertificate: false })
    const url = await deploy(protectedBy(domain, { publicKeys: remoteKeys(domain) }))
    const token = await tokenFrom(domain, `${gatewayHost}/read`)
    expect((await get(`${url}/hello`, token)).status).toBe(500)
    expect((await get(`${url}/hello`)).status).toBe(500)

    domain.setSigningCertificatePublic(true)
    pass(60_000)
    expect((await get(`${url}/hello`, token)).status).toBe(200)
    expect((await get(`${url}/hello`)).status).toBe(401)
  })
})
