/** The configurations that `gateproof init --from` reads. */
export const importKinds = [
  'oci',
  'envoy',
  'istio',
  'gateway-api',
  'kong',
  'apisix',
  'krakend',
  'traefik',
  'aws',
  'openapi',
] as const
export type ImportKind = (typeof importKinds)[number]

/** The gateways and forms that `gateproof keys export --for` writes a key for. */
export const trustKinds = ['oci', 'envoy', 'kong', 'pem', 'jwks', 'haproxy'] as const
export type TrustKind = (typeof trustKinds)[number]
