import { mintGood } from '../../lib/forge/good.ts'
import type { Config } from '../../lib/config/config.ts'
import { baseConfig, baseDeployment } from './base.ts'
import type { Standing } from './standing.ts'
import type { WorldPlan } from './worlds.ts'

/** Long enough that a busy machine sends a few requests before the keys are over. */
const maxAgeMs = 1600
const cooldownMs = 400

/** The gateway fetches our key set over TLS, finds it by discovery, and can be restarted; it takes no token twice. */
export const keysPlan: WorldPlan = {
  topics: [
    'jwks',
    'replay',
    'signature.published-keys',
    'alg.published-keys',
    'confusion.published-keys',
    'time.passing',
  ],
  waits: true,
  gateway: (standing) => ({
    specification: specification(standing),
    pathPrefix: '/v1',
    odd: { keySetMaxAgeMs: maxAgeMs },
    beyond: {
      keySetCooldownMs: cooldownMs,
      discoveryUrl: `${standing.safeKeySet.url}/.well-known/openid-configuration`,
      keySetAuthority: standing.authority,
      uses: { revoked: new Set(['revoked']) },
    },
  }),
  config: keysConfig,
}

/** As before, and no token is taken twice. */
export const oncePlan: WorldPlan = {
  topics: ['replay'],
  gateway: (standing) => ({
    specification: baseDeployment('header', standing),
    pathPrefix: '/v1',
    beyond: { uses: { used: new Set() } },
  }),
  config: (origin, standing) => {
    const base = baseConfig('header', origin, standing)
    return {
      ...base,
      policy: { ...base.policy, enforces: new Map([...base.policy.enforces, ['jti-once', true]]) },
    }
  },
}

const specification = (standing: Standing) => {
  const base = baseDeployment('header', standing)
  const { authentication } = base.requestPolicies
  const publicKeys = { type: 'REMOTE_JWKS', uri: standing.safeKeySet.jwksUrl }
  return { ...base, requestPolicies: { authentication: { ...authentication, publicKeys } } }
}

function keysConfig(origin: string, standing: Standing): Config {
  const base = baseConfig('header', origin, standing)
  const enforces = new Map([...base.policy.enforces, ['introspection', true] as const])
  const policy = { ...base.policy, enforces, keySet: { maxAgeMs, cooldownMs } }
  if (base.tokens.kind !== 'keys') throw new Error('a world without a key')
  const now = Math.floor(Date.now() / 1000)
  const source = { ...base.tokens, lifetimeSeconds: 3600 }
  const { text: revoked } = mintGood(source, policy, ['orders.read'], { now, jti: 'revoked' })
  return {
    ...base,
    target: { ...base.target, hooks: { restart: ['restart'], revoke: ['revoke'] } },
    policy,
    tokens: { ...base.tokens, lifetimeSeconds: 4, others: { revoked: { kind: 'token', token: revoked } } },
    serve: {
      ...base.serve,
      jwks: { host: '127.0.0.1', port: 0, tls: standing.certificate },
    },
    cases: { ...base.cases, maxWaitMs: 60_000 },
  }
}
