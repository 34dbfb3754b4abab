import { createHash, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { isIPv4, isIPv6 } from 'node:net'
import {
  bits,
  boolean,
  nothing,
  objectId,
  octets,
  sequence,
  set,
  tagged,
  time,
  unsigned,
  utf8,
} from './der.ts'

/** What a certificate says, and who says it. */
export type CertificateContent = {
  /** The common name, and the whole of the distinguished name. */
  readonly subject: string
  readonly publicKey: KeyObject
  /** The common name of whom `signWith` belongs to; left out, the certificate is self-signed. */
  readonly issuer?: string
  /** An RSA or EC private key; the signature is made with SHA-256. */
  readonly signWith: KeyObject
  readonly validity: { readonly notBefore: Date; readonly notAfter: Date }
  /** DNS names and IP addresses that a TLS client may know the holder by. */
  readonly altNames?: readonly string[]
  /** May the holder sign certificates? */
  readonly ca: boolean
}

const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'))
const rsaWithSha256 = sequence(objectId('1.2.840.113549.1.1.11'), nothing)
const version3 = tagged(0xa0, unsigned(Buffer.from([2])))

/**
 * An X.509 version 3 certificate in DER (RFC 5280 section 4.1). The serial number is a hash of what the certificate
 * says, so the same content has the same number and other content another. Throws where `signWith` is neither RSA
 * nor EC.
 */
export function makeCertificate(content: CertificateContent): Buffer {
  const algorithm = signatureAlgorithm(content.signWith)
  const spki = content.publicKey.export({ type: 'spki', format: 'der' })
  const says = Buffer.concat([
    algorithm,
    commonName(content.issuer ?? content.subject),
    sequence(time(content.validity.notBefore), time(content.validity.notAfter)),
    commonName(content.subject),
    spki,
    tagged(0xa3, sequence(...extensions(content))),
  ])
  const serial = createHash('sha256').update(says).digest().subarray(0, 16)
  const toBeSigned = sequence(version3, unsigned(serial), says)
  return sequence(toBeSigned, algorithm, bits(sign('sha256', toBeSigned, content.signWith)))
}

/** The textual encoding of a DER certificate (RFC 7468 section 5). */
export function certificatePem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

function signatureAlgorithm(key: KeyObject): Buffer {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return rsaWithSha256
    case 'ec':
      return ecdsaWithSha256
    default:
      throw new Error(`certificates are signed with RSA or EC keys, not ${key.asymmetricKeyType ?? key.type}`)
  }
}

const commonName = (name: string): Buffer => sequence(set(sequence(objectId('2.5.4.3'), utf8(name))))

/** Strict validators want the key identifiers too, though a chain of two can be followed without them. */
function extensions({ publicKey, signWith, altNames = [], ca }: CertificateContent): Buffer[] {
  const authority = keyIdentifier(createPublicKey(signWith))
  return [
    critical('2.5.29.19', ca ? sequence(boolean(true)) : sequence()),
    critical('2.5.29.15', ca ? keyUsage.certificateSigning : keyUsage.digitalSignature),
    extension('2.5.29.14', octets(keyIdentifier(publicKey))),
    extension('2.5.29.35', sequence(tagged(0x80, authority))),
    ...(altNames.length === 0 ? [] : [extension('2.5.29.17', sequence(...altNames.map(generalName)))]),
  ]
}

/** The bits are counted from the left: digitalSignature is bit 0, keyCertSign bit 5 (RFC 5280 section 4.2.1.3). */
const keyUsage = {
  digitalSignature: bits(Buffer.from([0b1000_0000]), 7),
  certificateSigning: bits(Buffer.from([0b0000_0100]), 2),
} as const

const extension = (id: string, value: Uint8Array): Buffer => sequence(objectId(id), octets(value))

const critical = (id: string, value: Uint8Array): Buffer =>
  sequence(objectId(id), boolean(true), octets(value))

function keyIdentifier(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
}

function generalName(name: string): Buffer {
  if (isIPv4(name)) return tagged(0x87, Buffer.from(name.split('.').map(Number)))
  if (isIPv6(name)) return tagged(0x87, ipv6Bytes(name))
  return tagged(0x82, Buffer.from(name, 'latin1'))
}

/** The URL parser has written any embedded IPv4 address as two groups, so that only the `::` is left to expand. */
function ipv6Bytes(address: string): Buffer {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const before = groups(head)
  const after = groups(tail ?? '')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  const hex = [...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join('')
  return Buffer.from(hex, 'hex')
}
