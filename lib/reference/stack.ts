import { readFileSync } from 'node:fs'
import { readApplications } from '../config/applications.ts'
import type { SigningKey } from '../config/config.ts'
import type { FaultName } from './gateway/faults.ts'
import { startGateway, type Gateway } from './gateway/gateway.ts'
import { startIdentityDomain, type IdentityDomain } from './identity/domain.ts'
import type { PublishedKey } from './identity/signing-key.ts'

export type StackOptions = {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Left out: a port that is free. */
  readonly gatewayPort?: number
  readonly identityPort?: number
  /** What the gateway does wrong. */
  readonly faults?: readonly FaultName[]
  /** Keys beside the domain's that the gateway trusts for the domain's issuer: who holds them can forge. */
  readonly signingKeys: readonly Pick<SigningKey, 'kid' | 'alg' | 'publicKey'>[]
  /** An HTTP backend that gets a protected route of its own, `/backend`, for any method. */
  readonly upstreamUrl?: string
}

export type Stack = {
  /** With the path prefix of the deployment. */
  readonly gatewayUrl: string
  readonly identityUrl: string
  readonly issuer: string
  readonly audience: string
  readonly clientId: string
  readonly clientSecret: string
  close(): Promise<void>
}

/** Header at the backend to claim: what the service does by a header transformation with `request.auth`. */
export const backendClaims = {
  'X-JWT-Sub': 'sub',
  'X-JWT-Client': 'client_id',
  'X-JWT-Team': 'team',
} as const

const pathPrefix = '/v1'

/** Starts the embedded identity domain, and the embedded gateway that trusts it. Both listen on loopback alone. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const applications = readApplications(JSON.parse(readEmbedded('applications.json')))
  const [resourceServer] = applications.resourceServers
  const identity = await startIdentityDomain({
    applications,
    listen: loopback(options.identityPort),
    now: options.now,
  })
  const [client] = identity.clients
  if (resourceServer === undefined || client === undefined)
    throw new Error('the embedded domain has no application')

  const gateway = await startGatewayFor(identity, options)
  return {
    gatewayUrl: gateway.url,
    identityUrl: identity.url,
    issuer: identity.issuer,
    audience: resourceServer.primaryAudience,
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    close: async () => {
      await Promise.all([gateway.close(), identity.close()])
    },
  }
}

/** A port that is taken is found only here, and must not leave the domain running. */
async function startGatewayFor(identity: IdentityDomain, options: StackOptions): Promise<Gateway> {
  const keys = [...identity.jwks.keys.map(pastedKey), ...options.signingKeys.map(staticKey)]
  const { now, faults = [] } = options
  try {
    return await startGateway({
      specification: deployment(keys, options.upstreamUrl),
      pathPrefix,
      beyond: { forwards: { claims: backendClaims } },
      listen: loopback(options.gatewayPort),
      now,
      faults,
    })
  } catch (error) {
    await identity.close()
    throw error
  }
}

const loopback = (port = 0) => ({ host: '127.0.0.1', port })

function readEmbedded(name: string): string {
  return readFileSync(new URL(`../../config/embedded/${name}`, import.meta.url), 'utf8')
}

/** What the guide has its reader paste out of the published key by hand. */
const pastedKey = ({ kid, kty, alg, n, e }: PublishedKey): object => ({
  format: 'JSON_WEB_KEY',
  kid,
  kty,
  use: 'sig',
  alg,
  n,
  e,
})

const staticKey = ({ kid, alg, publicKey }: StackOptions['signingKeys'][number]): object => ({
  ...publicKey.export({ format: 'jwk' }),
  format: 'JSON_WEB_KEY',
  kid,
  use: 'sig',
  alg,
})

/** The deployment specification with what is known only now: its keys, and the backend if there is one. */
function deployment(keys: readonly object[], upstreamUrl: string | undefined): unknown {
  const backend = { path: '/backend', methods: ['ANY'], backend: { type: 'HTTP_BACKEND', url: upstreamUrl } }
  return JSON.parse(readEmbedded('deployment.json'), (name, value: unknown) => {
    if (name === 'keys') return keys
    if (name !== 'routes' || !Array.isArray(value) || upstreamUrl === undefined) return value
    const routes: readonly unknown[] = value
    return [...routes, backend]
  })
}
