import { baseBeyond, baseConfig, baseDeployment } from './base.ts'
import { issuer } from './standing.ts'
import type { WorldPlan } from './worlds.ts'

const resource = 'https://gw.embedded.test/v1'

/** TLS, HTTP/2 and a second name, and metadata of what is protected. */
export const securePlan: WorldPlan = {
  topics: ['metadata', 'path.connection', 'credential.http2', 'responses.connection'],
  gateway: (standing) => ({
    specification: baseDeployment('header', standing),
    pathPrefix: '/v1',
    beyond: {
      ...baseBeyond('header'),
      secure: standing.certificate,
      metadata: {
        resource,
        members: { authorization_servers: [issuer], bearer_methods_supported: ['header'] },
      },
    },
  }),
  config: (origin, standing) => {
    const { target, policy, ...base } = baseConfig('header', origin, standing)
    const enforces = [...policy.enforces, ['protected-resource-metadata', resource]] as const
    return {
      ...base,
      target: {
        ...target,
        http: 'auto',
        tls: { ca: standing.authority, otherServername: 'localhost', insecure: false },
      },
      policy: { ...policy, enforces: new Map<string, string | number | true>(enforces) },
    }
  },
}
