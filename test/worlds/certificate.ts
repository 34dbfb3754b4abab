import { localCertificate } from './standing.ts'
import { baseBeyond, baseConfig, baseDeployment } from './base.ts'
import type { WorldPlan } from './worlds.ts'

const certificate = localCertificate().certificate
const otherCertificate = localCertificate().certificate

/** The gateway speaks TLS, and tokens are bound to the client's certificate. */
export const certificateWorld: WorldPlan = {
  topics: ['pop'],
  gateway: (standing) => ({
    specification: baseDeployment('header', standing),
    pathPrefix: '/v1',
    beyond: { ...baseBeyond('header'), clientCertificates: standing.certificate },
  }),
  config: (origin, standing) => {
    const base = baseConfig('header', origin, standing)
    return {
      ...base,
      target: { ...base.target, tls: { ca: standing.authority, insecure: false } },
      binding: { dpop: false, certificate, otherCertificate },
    }
  },
}
