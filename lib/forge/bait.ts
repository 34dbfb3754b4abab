import { algorithmOf, type Algorithm } from './algorithm.ts'
import { certificatePem, makeCertificate } from './certificate.ts'
import type { Keyring } from './keyring.ts'

/** A name of one request's own at the listener, so that a contact tells which request it came of. */
export const newMark = (random: (bytes: number) => Buffer): string => `gateproof-${random(6).toString('hex')}`

/** The marks in what somebody said at the listener. */
export const marksIn = (text: string): readonly string[] => text.match(/gateproof-[0-9a-f]{12}/g) ?? []

/** Whether a deviation puts a URL at the listener into its request. */
export const namesListener = (deviation: unknown): boolean =>
  JSON.stringify(deviation).includes('"$listener"')

const parts = {
  url: (url: URL) => url.href,
  origin: (url: URL) => url.origin,
  host: (url: URL) => url.host,
  hostname: (url: URL) => url.hostname,
  path: (url: URL) => url.pathname,
  /** Where others than HTTP clients have no default, with the port in any case. */
  address: ({ hostname, port, protocol }: URL) =>
    `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`,
} as const satisfies Record<string, (url: URL) => string>

const isPart = (name: unknown): name is keyof typeof parts =>
  typeof name === 'string' && Object.hasOwn(parts, name)

/** A URL below the listener's, or the part of it that is asked for; undefined where nobody knows such a part. */
export const listenerUrl = (listener: string, path: string, part: unknown = 'url'): string | undefined =>
  isPart(part) ? parts[part](new URL(`${listener}/${path}`)) : undefined

/** What is found at a URL of the listener. */
export type Bait = { readonly type: string; readonly body: string }

/** What the listener's documents are made of. */
export type Baiting = {
  /** The listener as the gateway sees it, without a slash at the end. */
  readonly url: string
  readonly keyring: Keyring
  /** That of the good token. */
  readonly algorithm: Algorithm
  /** The id of the key that signed the good token, if it has one. */
  readonly kid: unknown
  /** Seconds since the epoch. */
  readonly now: number
}

/**
 * What a gateway that follows a URL of the attacker's finds there: the attacker's public key as a set, as a certificate
 * where the path says so, or by way of discovery. Undefined where the path leads to nothing of this run's.
 */
export const baitAt = (path: string, baiting: Baiting): Bait | undefined => {
  const [mark] = marksIn(path)
  if (mark === undefined) return undefined
  if (wellKnown.test(path)) return json(metadata(path, mark, baiting))
  if (path.includes('certificate'))
    return { type: 'application/pem-certificate-chain', body: certificate(baiting) }
  return json({ keys: publicKeys(baiting) })
}

const wellKnown = /\/\.well-known\/(openid-configuration|oauth-authorization-server)\b/

const json = (value: unknown): Bait => ({ type: 'application/json', body: JSON.stringify(value) })

/** With the well-known part behind the issuer's path, or before it (RFC 8414 section 3.1). */
const metadata = (path: string, mark: string, { url, algorithm }: Baiting) => ({
  issuer: url + path.replace(wellKnown, ''),
  jwks_uri: `${url}/${mark}/jwks`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: [algorithm.name],
})

/** Under the id that rogue tokens name, and under that of the trusted key. A shared secret has no public half. */
const publicKeys = ({ keyring, algorithm, kid }: Baiting): readonly unknown[] => {
  if (algorithm.family === 'hmac') return []
  const pair = keyring.attacker(algorithm)
  const ids = typeof kid === 'string' ? [pair.kid, kid] : [pair.kid]
  const jwk = pair.publicKey.export({ format: 'jwk' })
  return ids.map((id) => ({ ...jwk, kid: id, alg: algorithm.name, use: 'sig' }))
}

const certificate = ({ url, keyring, algorithm, now }: Baiting): string => {
  if (algorithm.family === 'hmac') return ''
  // A key that signs no certificates here has one by another key of the attacker's.
  const isSigner = algorithm.family === 'rsa' || algorithm.family === 'ec'
  const signer = keyring.attacker((isSigner ? undefined : algorithmOf('ES256')) ?? algorithm)
  const day = (offset: number) => new Date((now + offset * 86_400) * 1000)
  const subject = new URL(url).hostname
  return certificatePem(
    makeCertificate({
      subject,
      publicKey: keyring.attacker(algorithm).publicKey,
      signWith: signer.privateKey,
      validity: { notBefore: day(-1), notAfter: day(1) },
      ca: isSigner,
    }),
  )
}
