import { jwtAssertion } from '../../config/applications.ts'

/** Where a domain answers, each path relative to its URL. */
export const paths = {
  token: '/oauth2/v1/token',
  signingCertificate: '/admin/v1/SigningCert/jwk',
  discovery: '/.well-known/openid-configuration',
  domainDiscovery: '/.well-known/idcs-configuration',
} as const

/** What a domain at `url` says of itself; the issuer of its tokens is another name than where it is reached. */
export function describeDomain(url: string, issuer: string) {
  return {
    issuer,
    token_endpoint: url + paths.token,
    jwks_uri: url + paths.signingCertificate,
    grant_types_supported: ['client_credentials', jwtAssertion],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    response_types_supported: [],
  }
}
