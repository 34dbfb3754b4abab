import type { Config } from '../../lib/config/config.ts'
import type { DpopOptions } from '../../lib/reference/gateway/proof-desk.ts'
import { baseBeyond, baseConfig, baseDeployment } from './base.ts'
import type { Standing } from './standing.ts'
import type { WorldPlan } from './worlds.ts'

/** A name, so that a URI has letters to spell otherwise and a port to leave out. */
const publicOrigin = 'http://gw.embedded.test'

/** The gateway takes DPoP beside Bearer, with a nonce or without. */
export const dpopWorld = (nonce: DpopOptions['nonce']): WorldPlan => ({
  topics: ['pop'],
  gateway: (standing) => ({
    specification: baseDeployment('header', standing),
    pathPrefix: '/v1',
    beyond: { ...baseBeyond('header'), dpop: { algorithms: ['ES256'], origin: publicOrigin, nonce } },
  }),
  config: (origin, standing) => dpopConfig(origin, standing, nonce),
})

const dpopConfig = (origin: string, standing: Standing, nonce: DpopOptions['nonce']): Config => {
  const base = baseConfig('header', origin, standing)
  const { hostname: host, port } = new URL(origin)
  return {
    ...base,
    target: {
      ...base.target,
      origin: publicOrigin,
      connect: { host, port: Number(port) },
      credentials: [{ in: 'header', name: 'Authorization', scheme: 'DPoP' }],
    },
    policy: { ...base.policy, dpop: { algorithms: ['ES256'], nonce } },
    binding: { dpop: true },
  }
}
