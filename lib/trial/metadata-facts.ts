import type { Config, CredentialPlace } from '../config/config.ts'
import { metadataResource } from '../config/resource.ts'
import type { GoodToken, OpaqueToken } from '../forge/good.ts'
import type { MetadataFacts } from '../judge/metadata-checks.ts'

/** What the metadata of the protected resource have to agree with, where the gateway is declared to publish them. */
export const metadataFactsOf = (
  { policy, target }: Config,
  good: GoodToken | OpaqueToken,
): MetadataFacts | undefined => {
  const resource = metadataResource(policy)
  if (resource === undefined) return undefined
  const issuer = policy.issuers[0] ?? (good.kind === 'jwt' ? good.claims.iss : undefined)
  return {
    resource,
    issuers: typeof issuer === 'string' ? [issuer] : [],
    methods: [...new Set(target.credentials.flatMap(methodOf))],
  }
}

/** RFC 9728 section 2 has words for the three methods of RFC 6750 section 2, and for no other. */
const methodOf = (place: CredentialPlace): readonly string[] => {
  switch (place.in) {
    case 'query':
      return ['query']
    case 'form':
      return ['body']
    case 'cookie':
      return []
    case 'header':
      return place.name.toLowerCase() === 'authorization' && place.scheme?.toLowerCase() === 'bearer'
        ? ['header']
        : []
  }
}
