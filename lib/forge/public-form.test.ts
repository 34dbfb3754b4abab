import { createHash, createPublicKey, ECDH, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { publicForms, type PublicForm } from '../config/deviation.ts'
import { makeCertificate } from './certificate.ts'
import { keyFor } from './fixture.ts'
import { publish, selectPublished, thumbprint, type PublishedKey } from './keyring.ts'
import { publicForm } from './public-form.ts'

const rsa = publish(await keyFor('RS256'))
const ec = publish(await keyFor('ES256'))
const ed = publish(await keyFor('EdDSA'))

const form = (key: PublishedKey, name: PublicForm): Buffer => {
  const bytes = publicForm(key, name)
  if (bytes === undefined) throw new Error(`no ${name}`)
  return bytes
}
const text = (key: PublishedKey, name: PublicForm) => form(key, name).toString()

/** The key that was read back from a form has the same thumbprint. */
const same = (key: PublishedKey, input: Parameters<typeof createPublicKey>[0]) =>
  expect(thumbprint(createPublicKey(input))).toBe(thumbprint(key.key))

test.each(['spki-pem-lf', 'spki-pem-nolf', 'spki-pem-crlf', 'pkcs1-pem'] as const)(
  '%s is a PEM text that OpenSSL reads',
  (name) => {
    same(rsa, text(rsa, name))
  },
)

test('the PEM texts differ in white space alone', () => {
  const pem = text(rsa, 'spki-pem-lf')
  expect(pem).toMatch(/^-----BEGIN PUBLIC KEY-----\n[^]*-----END PUBLIC KEY-----\n$/)
  expect(text(rsa, 'spki-pem-nolf')).toBe(pem.slice(0, -1))
  expect(text(rsa, 'spki-pem-crlf')).toBe(pem.split('\n').join('\r\n'))
  expect(text(rsa, 'spki-pem-space')).toBe(` ${pem}`)
  expect(text(rsa, 'spki-pem-tab')).toBe(`\t${pem}`)
  expect(text(rsa, 'spki-pem-leading-lf')).toBe(`\n${pem}`)
  expect(text(rsa, 'spki-pem-oneline')).toBe(pem.split('\n').join(''))
  expect(text(rsa, 'spki-base64')).toBe(pem.split('\n').slice(1, -2).join(''))
})

test('the DER forms are read back', () => {
  same(rsa, { key: form(rsa, 'spki-der'), format: 'der', type: 'spki' })
  same(rsa, { key: form(rsa, 'pkcs1-der'), format: 'der', type: 'pkcs1' })
  same(ed, { key: form(ed, 'spki-der'), format: 'der', type: 'spki' })
})

test('a JWK is as it is served, or in the canonical form of its thumbprint', () => {
  expect(JSON.parse(text(rsa, 'jwk-served'))).toEqual(rsa.jwk)
  expect(createHash('sha256').update(form(rsa, 'jwk-canonical')).digest('base64url')).toBe(
    thumbprint(rsa.key),
  )
  expect(Object.keys(JSON.parse(text(ec, 'jwk-canonical')) as object)).toEqual(['crv', 'kty', 'x', 'y'])
})

test('the modulus is that of the JWK', () => {
  expect(text(rsa, 'modulus-base64url')).toBe(rsa.jwk.n)
  expect(form(rsa, 'modulus').toString('base64url')).toBe(rsa.jwk.n)
  expect(form(rsa, 'modulus')).toHaveLength(256)
})

test('the points of a curve are those that ECDH makes of each other', () => {
  const point = form(ec, 'ec-point')
  const compressed = form(ec, 'ec-point-compressed')
  expect(point).toHaveLength(65)
  expect(compressed).toHaveLength(33)
  expect(ECDH.convertKey(compressed, 'prime256v1', undefined, undefined, 'uncompressed')).toEqual(point)
  expect(form(ec, 'ec-xy')).toEqual(point.subarray(1))
  expect(text(ec, 'x-base64url')).toBe(ec.jwk.x)
})

test('an Ed25519 key is its 32 bytes', () => {
  expect(form(ed, 'okp-raw').toString('base64url')).toBe(ed.jwk.x)
  expect(text(ed, 'x-base64url')).toBe(ed.jwk.x)
})

describe('the line of OpenSSH', () => {
  /** The fields of a line, each after its length (RFC 4251 section 5). */
  const fields = (line: string): readonly Buffer[] => {
    const bytes = Buffer.from(line.split(' ')[1] ?? '', 'base64')
    const found: Buffer[] = []
    for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at))
      found.push(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)))
    return found
  }
  const unsigned = (value: string) => Buffer.from(value, 'base64url')

  test('of RSA holds the name, the exponent and the modulus', () => {
    const line = text(rsa, 'openssh')
    expect(line).toMatch(/^ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB[\w+/=]+\n$/)
    const [name, e, n] = fields(line.trim())
    expect(name?.toString()).toBe('ssh-rsa')
    expect(e).toEqual(unsigned(rsa.jwk.e ?? ''))
    expect(n).toEqual(Buffer.concat([Buffer.of(0), unsigned(rsa.jwk.n ?? '')]))
  })

  test('of a curve holds the name, the curve and the point', () => {
    const [name, curve, point] = fields(text(ec, 'openssh').trim())
    expect(name?.toString()).toBe('ecdsa-sha2-nistp256')
    expect(curve?.toString()).toBe('nistp256')
    expect(point).toEqual(form(ec, 'ec-point'))
  })

  test('of Ed25519 is the known line of a known key', () => {
    // The key of RFC 8709 section 4 with the public key of RFC 8032 section 7.1, test 1.
    const x = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex')
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') }
    const known = selectPublished({ keys: [jwk] }, {})
    if (known === undefined) throw new Error('the key cannot be read')
    expect(text(known, 'openssh')).toBe(
      `ssh-ed25519 ${Buffer.concat([
        Buffer.from('0000000b7373682d6564323535313900000020', 'hex'),
        x,
      ]).toString('base64')}\n`,
    )
  })
})

test('the certificate is the first of the chain that is served', () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const der = makeCertificate({
    subject: 'issuer',
    publicKey: pair.publicKey,
    signWith: pair.privateKey,
    validity: { notBefore: new Date('2020-01-01'), notAfter: new Date('2060-01-01') },
    ca: true,
  })
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), x5c: [der.toString('base64')] }
  const certified: PublishedKey = { key: pair.publicKey, jwk, served: JSON.stringify(jwk) }
  expect(form(certified, 'certificate-der')).toEqual(der)
  expect(new X509Certificate(text(certified, 'certificate-pem')).raw).toEqual(der)
  expect(publicForm(rsa, 'certificate-pem')).toBeUndefined()
})

test('a key has no form of another kind', () => {
  expect(publicForm(ec, 'modulus')).toBeUndefined()
  expect(publicForm(ec, 'pkcs1-pem')).toBeUndefined()
  expect(publicForm(rsa, 'ec-point')).toBeUndefined()
  expect(publicForm(ed, 'ec-xy')).toBeUndefined()
  expect(publicForm(ec, 'okp-raw')).toBeUndefined()
})

test('every form is had by some key, but those of a certificate that was never served', () => {
  const missing = publicForms.filter((name) =>
    [rsa, ec, ed].every((key) => publicForm(key, name) === undefined),
  )
  expect(missing).toEqual(['certificate-pem', 'certificate-der'])
})

describe('the key that a token points at', () => {
  const set = { keys: [ec.jwk, { ...rsa.jwk, kid: 'other' }, rsa.jwk, 'nonsense', null] }

  test('is the one of its name and kind', () => {
    expect(selectPublished(set, { kid: 'other', alg: 'RS256' })?.jwk).toEqual({ ...rsa.jwk, kid: 'other' })
    expect(selectPublished(set, { kid: 'key-1', alg: 'RS256' })?.jwk).toEqual(rsa.jwk)
    expect(selectPublished(set, { alg: 'ES256' })?.jwk).toEqual(ec.jwk)
    expect(selectPublished(set, { kid: 'nobody', alg: 'RS256' })).toBeUndefined()
  })

  test.each([
    undefined,
    null,
    'x',
    {},
    { keys: {} },
    { keys: [{ kty: 'RSA', n: 'x' }] },
    { keys: [{ kty: 'oct', k: 'AA' }] },
  ])('is none where the set is %j', (nonsense) => {
    expect(selectPublished(nonsense, {})).toBeUndefined()
  })
})
