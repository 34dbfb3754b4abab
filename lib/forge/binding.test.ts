import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { confirmationOf, createBindingKeys } from './binding.ts'
import { certificateText } from './certificate-text.ts'
import { certificatePem } from './certificate.ts'
import { thumbprint } from './keyring.ts'
import { selfSigned } from './self-signed.ts'

test('good tokens name the thumbprints of the DPoP key and of the certificate', async () => {
  const keys = await createBindingKeys('ES256')
  const der = selfSigned(keys.own, 'client', 1_900_000_000)
  if (der === undefined) throw new Error('no certificate')
  const certificate = { cert: certificatePem(der), key: '' }
  expect(confirmationOf({ dpop: true }, keys)).toEqual({ jkt: thumbprint(keys.own.publicKey) })
  expect(confirmationOf({ dpop: false, certificate }, undefined)).toEqual({
    'x5t#S256': certificateText(der, 'thumbprint'),
  })
  expect(confirmationOf(undefined, undefined)).toBeUndefined()
})

test('a certificate of a key is the same one throughout a request', async () => {
  const { own } = await createBindingKeys('ES256')
  expect(selfSigned(own, 'client', 1)).toBe(selfSigned(own, 'client', 1))
  expect(selfSigned(own, 'client', 2)).not.toBe(selfSigned(own, 'client', 1))
})

test('a certificate is written as proxies write it', async () => {
  const { own } = await createBindingKeys('ES256')
  const der = selfSigned(own, 'client', 1_900_000_000)
  if (der === undefined) throw new Error('no certificate')
  const known = new X509Certificate(der)
  expect(certificateText(der, 'sha256')).toBe(known.fingerprint256.replaceAll(':', '').toLowerCase())
  expect(Buffer.from(certificateText(der, 'der') ?? '', 'base64')).toEqual(der)
  expect(new X509Certificate(decodeURIComponent(certificateText(der, 'escaped-pem') ?? '')).raw).toEqual(der)
  expect(certificateText(der, 'jks')).toBeUndefined()
})
