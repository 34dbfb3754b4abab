import type { Config } from '../../lib/config/config.ts'
import type { GatewayOptions } from '../../lib/reference/gateway/gateway.ts'
import { baseConfig, baseDeployment } from './base.ts'
import type { Standing } from './standing.ts'

/** A way in which the reference gateway is set up, and what is declared of it. */
export type WorldPlan = {
  /** All that it is there for; empty: everything. */
  readonly topics: readonly string[]
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
    gateway: (standing) => ({ specification: baseDeployment('header', standing), pathPrefix: '/v1' }),
    config: (origin, standing) => baseConfig('header', origin, standing),
  },
  query: {
    topics: [],
    gateway: (standing) => ({ specification: baseDeployment('query', standing), pathPrefix: '/v1' }),
    config: (origin, standing) => baseConfig('query', origin, standing),
  },
  fetched: {
    topics: [],
    gateway: (standing) => ({ specification: baseDeployment('fetched', standing), pathPrefix: '/v1' }),
    config: (origin, standing) => baseConfig('fetched', origin, standing),
  },
} as const satisfies Readonly<Record<string, WorldPlan>>

export type World = keyof typeof plans
export const worlds = Object.keys(plans) as World[]
