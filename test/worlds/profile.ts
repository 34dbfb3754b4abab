import { baseConfig, baseDeployment } from './base.ts'
import type { WorldPlan } from './worlds.ts'

/** A gateway that holds tokens to RFC 9068 and to an age, and to nothing that would refuse the same tokens for another reason. */
export const profilePlan: WorldPlan = {
  topics: ['claims.profile', 'time.lifetime'],
  gateway: (standing) => ({
    specification: baseDeployment('header', standing),
    pathPrefix: '/v1',
    beyond: { demands: { profile: true, maxAgeSeconds: 3600 } },
  }),
  config: (origin, standing) => {
    const { policy, ...base } = baseConfig('header', origin, standing)
    const enforces = [...policy.enforces, ['rfc9068', true], ['max-age', '1h']] as const
    return { ...base, policy: { ...policy, enforces: new Map<string, string | number | true>(enforces) } }
  },
}
