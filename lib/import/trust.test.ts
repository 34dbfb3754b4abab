import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { publicJwk, type PublicJwk } from '../config/public-key.ts'
import { readYaml } from '../config/yaml.ts'
import { publicKey } from './fixture.ts'
import { importText } from './import.ts'
import { trustKinds } from './kinds.ts'
import { trustText } from './trust.ts'

const publicHalf = (value: unknown): PublicJwk => {
  const key = publicJwk(value)
  if (key === undefined) throw new Error('no key')
  return key
}
const rsa = publicHalf(publicKey.privateJwk)
const ec = publicHalf({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  kid: 'it’s',
  alg: 'ES256',
})

test.each(trustKinds)('%s has the public half alone', (kind) => {
  const text = trustText(kind, [rsa], { issuer: 'https://issuer.example.test/' })
  expect(text).not.toContain(publicKey.privateJwk.d)
  expect(text).not.toContain('PRIVATE')
  expect(text).toMatch(/\n$/)
})

test('a JWK Set and PEM are the keys that they were made of', () => {
  expect(JSON.parse(trustText('jwks', [rsa, ec], {}))).toEqual({ keys: [rsa, ec] })
  const [first, second] =
    trustText('pem', [rsa, ec], {}).match(/-----BEGIN [^]*?-----END PUBLIC KEY-----/g) ?? []
  expect(createPublicKey(first ?? '').export({ format: 'jwk' }).n).toBe(rsa.n)
  expect(createPublicKey(second ?? '').asymmetricKeyType).toBe('ec')
})

test('what Envoy and Kong get is read back by the import', () => {
  const { local_jwks } = readYaml('f.yaml', trustText('envoy', [ec], {})).value as {
    local_jwks: { inline_string: string }
  }
  expect(JSON.parse(local_jwks.inline_string)).toEqual({ keys: [ec] })
  const kong = `routes: [{ paths: [/a] }]\nplugins: [{ name: jwt }]\n${trustText('kong', [rsa], { issuer: 'https://i.example.test/' })}`
  expect(importText('kong', 'kong.yaml', kong).providers).toMatchObject([
    { issuers: ['https://i.example.test/'], algorithms: ['RS256'], keys: { keys: [{ n: rsa.n }] } },
  ])
})

test('a key set as IDCS shows it becomes the static key that OCI API Gateway takes', () => {
  const { n, e, kty } = rsa
  const idcs = {
    kty,
    kid: 'SIGNING_KEY',
    alg: 'RS256',
    n,
    e,
    x5t: 'a',
    'x5t#S256': 'b',
    x5c: ['leaf', 'ca'],
    key_ops: ['encrypt', 'sign'],
  }
  expect(JSON.parse(trustText('oci', [publicHalf(idcs)], {}))).toEqual([
    { format: 'JSON_WEB_KEY', kid: 'SIGNING_KEY', kty: 'RSA', use: 'sig', alg: 'RS256', n, e },
  ])
})

test('HAProxy pins the algorithm of the key', () => {
  const text = trustText('haproxy', [ec], {})
  expect(text).toContain('jwt_verify("ES256","/etc/haproxy/gateproof.pem") 1')
  expect(text).toContain("jwt_header_query('$.alg') -m str ES256")
})

test.each([
  ['oci', [ec], /RSA keys alone/],
  ['oci', [{ ...rsa, alg: 'PS256' }], /RS256, RS384 and RS512/],
  ['kong', [rsa, ec], /--kid/],
  ['haproxy', [rsa, ec], /--kid/],
] as const)('%s refuses what it can’t take', (kind, [first, ...more], words) => {
  expect(() => trustText(kind, [first, ...more], {})).toThrow(words)
})

test('an encryption key is no key to trust signatures by', () => {
  expect(publicJwk({ ...publicKey.jwk, use: 'enc' })).toBeUndefined()
  expect(publicJwk({ kty: 'oct', k: 'c2VjcmV0' })).toBeUndefined()
})
