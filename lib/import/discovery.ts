/** The issuer whose discovery document a URL is (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3). */
export const issuerOfDiscovery = (url: string): string =>
  url
    .replace(/\/\.well-known\/openid-configuration\/?$/, '')
    .replace(/\/\.well-known\/oauth-authorization-server(?=\/|$)/, '')
