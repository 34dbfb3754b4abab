import type { KeyObject } from 'node:crypto'
import type { PublicForm } from '../config/deviation.ts'
import { certificatePem } from './certificate.ts'
import { canonicalJwk, type PublishedKey } from './keyring.ts'

/**
 * The bytes that a verifier would use as an HMAC secret if it took a public key for one: each form is how some
 * software stores or prints the key.
 * @returns undefined where a key of that kind has no such form.
 */
export const publicForm = (published: PublishedKey, form: PublicForm): Buffer | undefined => {
  const { key } = published
  const text = spki(key)
  switch (form) {
    case 'spki-pem-lf':
      return Buffer.from(text)
    case 'spki-pem-nolf':
      return Buffer.from(text.trimEnd())
    case 'spki-pem-crlf':
      return Buffer.from(text.replaceAll('\n', '\r\n'))
    case 'spki-pem-space':
      return Buffer.from(` ${text}`)
    case 'spki-pem-tab':
      return Buffer.from(`\t${text}`)
    case 'spki-pem-leading-lf':
      return Buffer.from(`\n${text}`)
    case 'spki-pem-oneline':
      return Buffer.from(text.replaceAll('\n', ''))
    case 'spki-base64':
      return Buffer.from(key.export({ type: 'spki', format: 'der' }).toString('base64'))
    case 'spki-der':
      return key.export({ type: 'spki', format: 'der' })
    case 'pkcs1-pem':
      return key.asymmetricKeyType === 'rsa'
        ? Buffer.from(key.export({ type: 'pkcs1', format: 'pem' }))
        : undefined
    case 'pkcs1-der':
      return key.asymmetricKeyType === 'rsa' ? key.export({ type: 'pkcs1', format: 'der' }) : undefined
    case 'certificate-der':
      return certificate(published)
    case 'certificate-pem': {
      const der = certificate(published)
      return der === undefined ? undefined : Buffer.from(certificatePem(der))
    }
    case 'jwk-served':
      return Buffer.from(published.served)
    case 'jwk-canonical':
      return Buffer.from(canonicalJwk(key))
    case 'modulus':
      return published.jwk.n === undefined ? undefined : Buffer.from(published.jwk.n, 'base64url')
    case 'modulus-base64url':
      return published.jwk.n === undefined ? undefined : Buffer.from(published.jwk.n)
    case 'openssh':
      return Buffer.from(`${openssh(key)}\n`)
    default:
      return curveForm(published, form)
  }
}

const spki = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString()

const certificate = (published: PublishedKey): Buffer | undefined => {
  const chain = 'x5c' in published.jwk ? published.jwk.x5c : undefined
  const leaf: unknown = Array.isArray(chain) ? chain[0] : undefined
  return typeof leaf === 'string' ? Buffer.from(leaf, 'base64') : undefined
}

const curveForm = (published: PublishedKey, form: PublicForm): Buffer | undefined => {
  const x = published.jwk.x === undefined ? undefined : Buffer.from(published.jwk.x, 'base64url')
  const y = published.jwk.y === undefined ? undefined : Buffer.from(published.jwk.y, 'base64url')
  if (x === undefined) return undefined
  if (form === 'x-base64url') return Buffer.from(x.toString('base64url'))
  if (form === 'okp-raw') return y === undefined ? x : undefined
  if (y === undefined) return undefined
  if (form === 'ec-xy') return Buffer.concat([x, y])
  if (form === 'ec-point') return Buffer.concat([Buffer.of(4), x, y])
  return Buffer.concat([Buffer.of(2 + ((y.at(-1) ?? 0) % 2)), x])
}

/** One line of an authorized_keys file, without comment (RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709 section 4). */
const openssh = (key: KeyObject): string => {
  const jwk = key.export({ format: 'jwk' })
  const field = (bytes: Uint8Array | string) => {
    const body = Buffer.from(bytes)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(body.length)
    return Buffer.concat([length, body])
  }
  const integer = (text: string) => {
    const bytes = Buffer.from(text, 'base64url')
    return field((bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes)
  }
  const line = (name: string, ...fields: Buffer[]) =>
    `${name} ${Buffer.concat([field(name), ...fields]).toString('base64')}`
  if (jwk.kty === 'RSA') return line('ssh-rsa', integer(jwk.e ?? ''), integer(jwk.n ?? ''))
  if (jwk.kty === 'OKP') return line('ssh-ed25519', field(Buffer.from(jwk.x ?? '', 'base64url')))
  const curve = `nistp${(jwk.crv ?? '').slice(2)}`
  const point = Buffer.concat([
    Buffer.of(4),
    Buffer.from(jwk.x ?? '', 'base64url'),
    Buffer.from(jwk.y ?? '', 'base64url'),
  ])
  return line(`ecdsa-sha2-${curve}`, field(curve), field(point))
}
