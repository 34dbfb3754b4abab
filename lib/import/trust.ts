import { createPublicKey } from 'node:crypto'
import type { PublicJwk } from '../config/public-key.ts'
import type { TrustKind } from './kinds.ts'

/** A key can't be trusted by that gateway, with the reason. */
export class TrustError extends Error {
  override readonly name = 'TrustError'
}

export type TrustOptions = {
  /** What good tokens name as their issuer, where the gateway finds the key by it. */
  readonly issuer?: string
}

type Keys = readonly [PublicJwk, ...PublicJwk[]]

/** What goes into a gateway's configuration so that it trusts the keys, ready to paste. Throws TrustError. */
export const trustText = (kind: TrustKind, keys: Keys, options: TrustOptions): string =>
  writers[kind](keys, options)

const json = (value: unknown): string => JSON.stringify(value, null, 2)

/** A SubjectPublicKeyInfo in PEM (RFC 7468 section 13), with a line break at its end. */
const pem = (jwk: PublicJwk): string =>
  createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString()

const jwks = (keys: Keys): string => `${json({ keys })}\n`

/** Static keys of a deployment: without certificates, and without `key_ops` that lack `verify`. */
const oci = (keys: Keys): string =>
  `${json(
    keys.map(({ kid, kty, alg, n, e }) => {
      if (kty !== 'RSA') throw new TrustError('OCI API Gateway takes RSA keys alone')
      if (alg !== undefined && !/^RS(256|384|512)$/.test(alg))
        throw new TrustError(`OCI API Gateway knows RS256, RS384 and RS512, and the key is for ${alg}`)
      return { format: 'JSON_WEB_KEY', kid: kid ?? 'gateproof', kty, use: 'sig', alg: alg ?? 'RS256', n, e }
    }),
  )}\n`

/** In a provider of jwt_authn. A JSON text has no single quote but in a `kid`, which YAML doubles. */
const envoy = (keys: Keys): string => {
  const text = JSON.stringify({ keys }).replaceAll("'", "''")
  return `# in place of remote_jwks or local_jwks of a provider of envoy.filters.http.jwt_authn\nlocal_jwks:\n  inline_string: '${text}'\n`
}

/** A consumer whose credential is named by the issuer: so the plugin jwt finds it where key_claim_name is left out. */
const kong = (keys: Keys, { issuer }: TrustOptions): string => {
  const [key, second] = keys
  if (second !== undefined) throw new TrustError('Kong knows one key an issuer: choose one with --kid')
  const name = issuer ?? 'https://issuer.example.test/'
  return [
    'consumers:',
    '  - username: gateproof',
    '    jwt_secrets:',
    `      - key: ${JSON.stringify(name)}   # what good tokens say as \`iss\`: policy.issuer${issuer === undefined ? ' (--issuer)' : ''}`,
    `        algorithm: ${key.alg ?? 'RS256'}`,
    '        rsa_public_key: |',
    ...pem(key)
      .trimEnd()
      .split('\n')
      .map((line) => `          ${line}`),
    '',
  ].join('\n')
}

/** The key's file, which may begin with such lines, and the rules of HAProxy's manual for `jwt_verify`. */
const haproxy = (keys: Keys): string => {
  const [key, second] = keys
  if (second !== undefined)
    throw new TrustError('HAProxy verifies with one key a rule: choose one with --kid')
  const algorithm = key.alg ?? 'RS256'
  return `# gateproof.pem, where HAProxy can read it:
${pem(key)}
# haproxy.cfg, in the frontend or the backend that is protected; jwt_verify looks at the signature alone, so the
# rules for iss, aud and exp stand beside these
    http-request set-var(txn.jwt) http_auth_bearer
    http-request deny deny_status 401 unless { var(txn.jwt),jwt_header_query('$.alg') -m str ${algorithm} }
    http-request deny deny_status 401 unless { var(txn.jwt),jwt_verify("${algorithm}","/etc/haproxy/gateproof.pem") 1 }
`
}

const writers: Readonly<Record<TrustKind, (keys: Keys, options: TrustOptions) => string>> = {
  oci,
  envoy,
  kong,
  haproxy,
  jwks,
  pem: (keys) => keys.map(pem).join(''),
}
