import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SignJWT } from 'jose'
import { expect } from 'vitest'
import { DocumentError } from '../lib/config/document.ts'
import { startGateway } from '../lib/reference/gateway/gateway.ts'
import { startIdentityDomain, type IdentityDomain } from '../lib/reference/identity/domain.ts'

/** What the steps of the guide work with: a domain, a gateway, a service, and the time that they all go by. */

let time = Date.parse('2031-05-06T07:08:09Z')
const now = () => time
export const pass = (ms: number): void => {
  time += ms
}

export const issuer = 'https://identity.oraclecloud.com/'
export const gatewayHost = 'gw.example.test'

const opened: { close: () => Promise<void> }[] = []
export const closeAll = () => Promise.all(opened.splice(0).map((server) => server.close()))

export const hello = {
  path: '/hello',
  methods: ['GET'],
  backend: { type: 'STOCK_RESPONSE_BACKEND', status: 200, body: 'Hello, world!' },
}

export const resourceServer = {
  name: 'The API behind the gateway',
  primaryAudience: gatewayHost,
  scopes: ['/read', '/write'],
  tokenLifetimeSeconds: 3600,
}
const otherServer = { ...resourceServer, name: 'Another API', primaryAudience: 'other.example.test' }

const assertionPair = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const client = {
  name: 'A client of the API',
  clientId: 'b1946ac92492d2347c6235b4d2611184',
  active: true,
  grants: ['client_credentials', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
  allowedScopes: [`${gatewayHost}/read`, `${gatewayHost}/write`, 'other.example.test/read'],
  assertionKeys: { keys: [{ ...assertionPair.publicKey.export({ format: 'jwk' }), kid: 'client-key' }] },
}

export async function openDomain(changes: object = {}, signingKey?: KeyObject): Promise<IdentityDomain> {
  const applications = {
    tenant: 'acme',
    accessSigningCertificate: true,
    resourceServers: [resourceServer, otherServer],
    clients: [client],
    ...changes,
  }
  const domain = await startIdentityDomain({ applications, now, ...(signingKey && { signingKey }) })
  opened.push(domain)
  return domain
}

type TokenAnswer = { access_token: string; error?: string; error_description?: string }

export const clientCredentials = (scope?: string) => ({
  grant_type: 'client_credentials',
  ...(scope !== undefined && { scope }),
})

export async function askForToken(domain: IdentityDomain, form: Record<string, string>) {
  const [{ clientId, clientSecret }] = domain.clients as [IdentityDomain['clients'][number]]
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
  const response = await fetch(`${domain.url}/oauth2/v1/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams(form),
  })
  return { status: response.status, ...((await response.json()) as TokenAnswer) }
}

export async function tokenFrom(domain: IdentityDomain, scope: string): Promise<string> {
  const { status, access_token } = await askForToken(domain, clientCredentials(scope))
  expect(status).toBe(200)
  return access_token
}

const seconds = () => Math.floor(time / 1000)

export const assertionOfTheClient = () =>
  new SignJWT({ iss: client.clientId, sub: client.clientId, aud: issuer, exp: seconds() + 60 })
    .setProtectedHeader({ alg: 'RS256', kid: 'client-key' })
    .sign(assertionPair.privateKey)

/** In all it says like the domain's, but signed with a key of somebody else's. */
export const tokenOfAStranger = () =>
  new SignJWT({ iss: issuer, sub: client.clientId, aud: gatewayHost, scope: '/read', exp: seconds() + 60 })
    .setProtectedHeader({ alg: 'RS256', kid: 'SIGNING_KEY' })
    .sign(assertionPair.privateKey)

export const staticKeys = (key: object) => ({ type: 'STATIC_KEYS', keys: [key] })
export const remoteKeys = (domain: IdentityDomain) => ({
  type: 'REMOTE_JWKS',
  uri: `${domain.url}/admin/v1/SigningCert/jwk`,
})
function pasted(domain: IdentityDomain): object {
  const [{ kid, kty, alg, n, e }] = domain.jwks.keys
  return staticKeys({ format: 'JSON_WEB_KEY', kid, kty, use: 'sig', alg, n, e })
}

export const jwtPolicy = (publicKeys: object, audiences = [gatewayHost]) => ({
  type: 'JWT_AUTHENTICATION',
  tokenHeader: 'Authorization',
  tokenAuthScheme: 'Bearer',
  isAnonymousAccessAllowed: false,
  issuers: [issuer],
  audiences,
  publicKeys,
})

type Protection = { audiences?: string[]; allowedScope?: string[]; publicKeys?: object }

export function protectedBy(
  domain: IdentityDomain,
  { audiences, allowedScope, publicKeys }: Protection = {},
) {
  const authorization =
    allowedScope === undefined ? { type: 'AUTHENTICATION_ONLY' } : { type: 'ANY_OF', allowedScope }
  return {
    requestPolicies: { authentication: jwtPolicy(publicKeys ?? pasted(domain), audiences) },
    routes: [{ ...hello, requestPolicies: { authorization } }],
  }
}

export async function deploy(specification: object): Promise<string> {
  const gateway = await startGateway({ specification, pathPrefix: '/v1', now })
  opened.push(gateway)
  return gateway.url
}

export async function faultsOf(specification: object) {
  const refusal: unknown = await deploy(specification).catch((error: unknown) => error)
  if (refusal instanceof DocumentError) return refusal.faults
  throw new Error('the specification was taken', { cause: refusal })
}

export const bearer = (token?: string): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` }

export async function get(url: string, token?: string) {
  const response = await fetch(url, { headers: bearer(token) })
  return { status: response.status, body: await response.text() }
}

/** An integration service that tells what reaches it. */
export async function openService(reached: (line: string) => void): Promise<string> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      reached(`${request.method ?? ''} ${request.url ?? ''} ${body}`)
      response.writeHead(202).end('flow started')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  opened.push({
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
