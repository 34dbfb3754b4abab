import { randomUUID, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { readApplications, type Client } from '../../config/applications.ts'
import { describeDomain, paths } from './discovery.ts'
import { registerGrants } from './grants.ts'
import { loadLibrary } from './library.ts'
import { createProvider, type RegisteredClient } from './provider.ts'
import { makeDomainKey, type DomainKey } from './signing-key.ts'

export type IdentityDomainOptions = {
  /** Parsed JSON, not yet checked. */
  readonly applications: unknown
  /** Left out: loopback, and a port that is free. */
  readonly listen?: { readonly host: string; readonly port: number }
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** An RSA private key; left out, one is made. */
  readonly signingKey?: KeyObject
  /** The issuer that tokens name, wherever the domain listens. */
  readonly issuer?: string
}

export type IdentityDomain = {
  /** Where the domain listens, without a slash at the end. */
  readonly url: string
  readonly issuer: string
  /** With their secrets, made at start where the applications leave them out. */
  readonly clients: readonly RegisteredClient[]
  /** The signing key as the domain publishes it, whether or not it does so now. */
  readonly jwks: DomainKey['jwks']
  /** The switch "Access Signing Certificate": while it is off, the key set answers 401. */
  setSigningCertificatePublic(on: boolean): void
  close(): Promise<void>
}

/**
 * Starts an identity domain as IDCS is one: client credentials and JWT assertion at the token endpoint, its signing
 * certificate, and discovery. Throws a DocumentError where the applications are not valid.
 */
export async function startIdentityDomain(options: IdentityDomainOptions): Promise<IdentityDomain> {
  const { now, issuer = 'https://identity.oraclecloud.com/' } = options
  const { tenant, resourceServers, ...applications } = readApplications(options.applications)
  const clients = applications.clients.map(withSecret)
  const [library, key] = await Promise.all([loadLibrary(), makeDomainKey(now(), options.signingKey)])

  const server = createServer()
  const url = await listen(server, options.listen ?? { host: '127.0.0.1', port: 0 })
  const provider = createProvider(library, { issuer, tenant, clients, key, now })
  const assertionAudiences = [issuer, url + paths.token]
  registerGrants(provider, library, { clients, resourceServers, assertionAudiences, now })

  let certificatePublic = applications.accessSigningCertificate
  const description = describeDomain(url, issuer)
  const pages: Pages = new Map([
    [paths.signingCertificate, () => (certificatePublic ? { status: 200, body: key.jwks } : unauthorized)],
    [paths.discovery, () => ({ status: 200, body: description })],
    [paths.domainDiscovery, () => ({ status: 200, body: { 'openid-configuration': description } })],
  ])
  const issueToken = provider.callback()
  server.on(
    'request',
    route((request, response) => void issueToken(request, response), pages),
  )
  return {
    url,
    issuer,
    clients,
    jwks: key.jwks,
    setSigningCertificatePublic: (on) => {
      certificatePublic = on
    },
    close: () => close(server),
  }
}

/** Secrets that domains make are UUIDs. */
const withSecret = (client: Client): RegisteredClient => ({
  ...client,
  clientSecret: client.clientSecret ?? randomUUID(),
})

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<string> {
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the domain listens on no port')
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

type Page = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: object
}
type Pages = ReadonlyMap<string, () => Page>

/** Administrators get the certificate with a token, hence the challenge; but this domain has no administrators. */
const unauthorized: Page = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer' },
  body: { error: 'unauthorized' },
}
const notFound: Page = { status: 404, body: { error: 'not_found' } }

/** The provider has paths of its own for what the domain does not offer, so it gets to see nothing but token requests. */
function route(issueToken: RequestListener, pages: Pages): RequestListener {
  return (request, response) => {
    const path = request.url?.replace(/\?.*/s, '')
    if (request.method === 'POST' && path === paths.token) {
      issueToken(request, response)
      return
    }
    const page = request.method === 'GET' && path !== undefined ? pages.get(path) : undefined
    const { status, headers, body } = page?.() ?? notFound
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }
}
