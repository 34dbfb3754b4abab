import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { request as requestHttp } from 'node:http'
import { connect } from 'node:net'

/** What the tests of the gateway have in common: keys, tokens, a specification, and a client that changes nothing. */

export const nowSeconds = 1_800_000_000
export const now = (): number => nowSeconds * 1000

export const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** The members of a JWK that a static key has. */
export const jwkOf = (
  key: KeyObject,
  kid = 'SIGNING_KEY',
): { kty: 'RSA'; kid: string; use: 'sig'; alg: 'RS256'; n: string; e: string } => {
  const { n = '', e = '' } = key.export({ format: 'jwk' })
  return { kty: 'RSA', kid, use: 'sig', alg: 'RS256', n, e }
}

export const issuer = 'https://identity.oraclecloud.com/'
export const audience = 'gw.example.test'

export const goodHeader = { alg: 'RS256', kid: 'SIGNING_KEY' }
export const goodClaims = {
  iss: issuer,
  sub: 'client',
  aud: audience,
  scope: 'orders.read orders.list',
  iat: nowSeconds - 10,
  exp: nowSeconds + 300,
  jti: 'one',
}

export const base64url = (text: string | Buffer): string => Buffer.from(text).toString('base64url')

/** A compact token over these texts, signed with the issuer's key unless another is given. */
export const signed = (
  header: string,
  claims: string | Buffer,
  key = privateKey,
  hash = 'sha256',
): string => {
  const input = `${base64url(header)}.${base64url(claims)}`
  return `${input}.${base64url(sign(hash, Buffer.from(input), key))}`
}

/** The good token with these differences; undefined removes a member. */
export const mint = (header: object = {}, claims: object = {}, key = privateKey): string =>
  signed(JSON.stringify({ ...goodHeader, ...header }), JSON.stringify({ ...goodClaims, ...claims }), key)

const stock = (body: string) => ({
  type: 'STOCK_RESPONSE_BACKEND',
  status: 200,
  body,
  headers: [{ name: 'Content-Type', value: 'text/plain' }],
})

export const authentication = {
  type: 'JWT_AUTHENTICATION',
  tokenHeader: 'Authorization',
  tokenAuthScheme: 'Bearer',
  isAnonymousAccessAllowed: true,
  issuers: [issuer],
  audiences: [audience],
  publicKeys: { type: 'STATIC_KEYS', keys: [{ format: 'JSON_WEB_KEY', ...jwkOf(publicKey) }] },
}

export const routes = [
  { path: '/hello', methods: ['GET', 'POST'], backend: stock('hello') },
  {
    path: '/orders',
    methods: ['GET'],
    backend: stock('orders'),
    requestPolicies: { authorization: { type: 'ANY_OF', allowedScope: ['orders.read', 'orders.all'] } },
  },
  {
    path: '/orders',
    methods: ['POST'],
    backend: stock('ordered'),
    requestPolicies: { authorization: { type: 'ANY_OF', allowedScope: ['orders.write'] } },
  },
  {
    path: '/ping',
    methods: ['GET'],
    backend: stock('pong'),
    requestPolicies: { authorization: { type: 'ANONYMOUS' } },
  },
]

/** The specification with these members of the authentication policy and these routes. */
export const specificationWith = (policy: object = {}, more: readonly object[] = []): unknown => ({
  requestPolicies: { authentication: { ...authentication, ...policy } },
  routes: [...routes, ...more],
})

export type Probe = {
  readonly path?: string
  readonly method?: string
  readonly token?: string
  /** Names and values by turns, beside Host and what `token` makes. */
  readonly headers?: readonly string[]
  readonly body?: string
}

export type Seen = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly challenge: string | undefined
  readonly body: string
}

/** Sends a request to the deployment under `url`, and resolves to the answer. */
export const probe = (
  { port, url }: { readonly port: number; readonly url: string },
  { path = '/hello', method = 'GET', token, headers = [], body }: Probe = {},
): Promise<Seen> =>
  new Promise((resolve, reject) => {
    const authorization = token === undefined ? [] : ['Authorization', `Bearer ${token}`]
    const length = body === undefined ? [] : ['Content-Length', String(Buffer.byteLength(body))]
    const request = requestHttp({
      host: '127.0.0.1',
      port,
      path: new URL(url).pathname.replace(/\/$/, '') + path,
      method,
      agent: false,
      headers: ['Host', `127.0.0.1:${port}`, ...authorization, ...headers, ...length],
    })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          challenge: response.headers['www-authenticate'],
          body: Buffer.concat(chunks).toString(),
        }),
      )
      response.on('error', reject)
    })
    request.end(body)
  })

/** Sends bytes over a socket and resolves to all that came back by the time that the other side closed it. */
export const exchangeBytes = (port: number, bytes: string | Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')))
  })
