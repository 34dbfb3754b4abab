import { createPublicKey, randomBytes, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { algorithmOf, type Algorithm } from './algorithm.ts'
import { baitAt, listenerUrl, marksIn, namesListener, newMark, type Baiting } from './bait.ts'
import { createKeyring } from './keyring.ts'

const keyring = await createKeyring([])
const named = (name: string): Algorithm => {
  const algorithm = algorithmOf(name)
  if (algorithm === undefined) throw new Error(name)
  return algorithm
}
const baiting = (algorithm: string): Baiting => ({
  url: 'http://listener.example.test:9403',
  keyring,
  algorithm: named(algorithm),
  kid: 'trusted',
  now: 1_800_000_000,
})
const mark = newMark(randomBytes)
const documentAt = (path: string, algorithm = 'RS256'): unknown =>
  JSON.parse(baitAt(path, baiting(algorithm))?.body ?? 'null')

test('each mark is another, and is found in whatever is said', () => {
  const other = newMark(randomBytes)
  expect(other).not.toBe(mark)
  expect(marksIn(`GET /${mark}/jwks?x=${other}`)).toEqual([mark, other])
  expect(marksIn('GET /jwks')).toEqual([])
})

test('a deviation with a URL at the listener is known, however deep it stands', () => {
  expect(namesListener({ header: { jku: { $join: ['x', { $listener: 'jwks' }] } } })).toBe(true)
  expect(namesListener({ header: { jku: { $policy: 'jwks' } } })).toBe(false)
})

test.each([
  ['url', 'http://keys.example.test:9403/m/jwks'],
  ['origin', 'http://keys.example.test:9403'],
  ['host', 'keys.example.test:9403'],
  ['hostname', 'keys.example.test'],
  ['path', '/m/jwks'],
  ['address', 'keys.example.test:9403'],
])('of a URL at the listener, the %s can be had', (part, text) => {
  expect(listenerUrl('http://keys.example.test:9403', 'm/jwks', part)).toBe(text)
})

test('an address has a port where the URL has none, and an unknown part is none', () => {
  expect(listenerUrl('https://keys.example.test', 'm', 'address')).toBe('keys.example.test:443')
  expect(listenerUrl('https://keys.example.test', 'm', 'fragment')).toBeUndefined()
})

describe('at the listener', () => {
  test.each(['RS256', 'PS384', 'ES256', 'EdDSA'])(
    'stands the public key of the attacker for %s, under its id and the trusted one',
    (name) => {
      const { publicKey } = keyring.attacker(named(name))
      const own = publicKey.export({ format: 'jwk' })
      expect(documentAt(`/${mark}/jwks`, name)).toEqual({
        keys: ['attacker', 'trusted'].map((kid) => ({ ...own, kid, alg: name, use: 'sig' })),
      })
    },
  )

  test.each(['RS256', 'ES256', 'EdDSA'])('stands a certificate of that key for %s', (name) => {
    const { type, body } = baitAt(`/${mark}/certificate`, baiting(name)) ?? { type: '', body: '' }
    expect(type).toBe('application/pem-certificate-chain')
    const spki = { type: 'spki', format: 'der' } as const
    const certified = createPublicKey(new X509Certificate(body).publicKey.export({ ...spki, format: 'pem' }))
    expect(certified.export(spki)).toEqual(keyring.attacker(named(name)).publicKey.export(spki))
  })

  test('a shared secret has no public half', () => {
    expect(documentAt(`/${mark}/jwks`, 'HS256')).toEqual({ keys: [] })
  })

  test.each([
    [`/${mark}/issuer/.well-known/openid-configuration`],
    [`/.well-known/oauth-authorization-server/${mark}/issuer`],
  ])('discovery leads from %s to that key set', (path) => {
    expect(documentAt(path)).toMatchObject({
      issuer: `http://listener.example.test:9403/${mark}/issuer`,
      jwks_uri: `http://listener.example.test:9403/${mark}/jwks`,
    })
  })

  test('nothing stands where nobody was sent', () => {
    expect(baitAt('/', baiting('RS256'))).toBeUndefined()
    expect(baitAt('/.well-known/openid-configuration', baiting('RS256'))).toBeUndefined()
  })
})
