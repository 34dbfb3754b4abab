import type { Config } from '../../lib/config/config.ts'
import type { GatewayOptions } from '../../lib/reference/gateway/gateway.ts'
import { baseBeyond, baseConfig, baseDeployment } from './base.ts'
import { certificateWorld } from './certificate.ts'
import { dpopWorld } from './dpop.ts'
import { keysPlan, oncePlan } from './keys.ts'
import { encryptedPlan } from './encrypted.ts'
import { issuedPlan } from './issued.ts'
import { profilePlan } from './profile.ts'
import { securePlan } from './secure.ts'
import type { Standing } from './standing.ts'
import { strictPlan } from './strict.ts'

/** A way in which the reference gateway is set up, and what is declared of it. */
export type WorldPlan = {
  /** The topics and requirements that it is there for; empty: everything. */
  readonly topics: readonly string[]
  /** Whether cases may take the time that they wait for. */
  readonly waits?: boolean
  readonly gateway: (standing: Standing) => Omit<GatewayOptions, 'faults' | 'now'>
  readonly config: (origin: string, standing: Standing) => Config
}

/**
 * Where the gateway looks for the token: OCI takes a header or a query parameter, never both. In `fetched` it is a
 * header too, and the keys are fetched, with a certificate and without an algorithm.
 */
export const plans = {
  header: {
    topics: [],
    gateway: (standing) => ({
      specification: baseDeployment('header', standing),
      pathPrefix: '/v1',
      beyond: baseBeyond('header'),
    }),
    config: (origin, standing) => baseConfig('header', origin, standing),
  },
  issued: issuedPlan,
  query: {
    topics: [],
    gateway: (standing) => ({
      specification: baseDeployment('query', standing),
      pathPrefix: '/v1',
      beyond: baseBeyond('query'),
    }),
    config: (origin, standing) => baseConfig('query', origin, standing),
  },
  fetched: {
    topics: [],
    gateway: (standing) => ({
      specification: baseDeployment('fetched', standing),
      pathPrefix: '/v1',
      beyond: baseBeyond('fetched'),
    }),
    config: (origin, standing) => baseConfig('fetched', origin, standing),
  },
  strict: strictPlan,
  profile: profilePlan,
  keys: keysPlan,
  once: oncePlan,
  encrypted: encryptedPlan,
  dpop: dpopWorld('optional'),
  'dpop-nonce': dpopWorld('required'),
  certificate: certificateWorld,
  secure: securePlan,
} as const satisfies Readonly<Record<string, WorldPlan>>

export type World = keyof typeof plans
export const worlds = Object.keys(plans) as World[]
