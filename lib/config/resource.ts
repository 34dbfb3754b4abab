import type { Policy } from './config.ts'

/** The resource identifier that the gateway publishes metadata of (RFC 9728 section 1.2), where that is declared. */
export const metadataResource = ({ enforces }: Pick<Policy, 'enforces'>): string | undefined => {
  const resource = enforces.get('protected-resource-metadata')
  return typeof resource === 'string' ? resource : undefined
}
