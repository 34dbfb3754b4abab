import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import type { Client } from '../../config/applications.ts'
import { faultOfAssertion } from './assertion.ts'

const now = Date.parse('2031-05-06T07:08:09Z')
const seconds = now / 1000
const own = generateKeyPairSync('rsa', { modulusLength: 2048 })
const another = generateKeyPairSync('rsa', { modulusLength: 2048 })
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })

function jwkOf(key: KeyObject, kid: string) {
  const { n, e } = key.export({ format: 'jwk' })
  return { kty: 'RSA' as const, kid, n: n!, e: e! }
}
const client: Client = {
  name: 'caller',
  clientId: 'caller',
  active: true,
  grants: ['client_credentials'],
  allowedScopes: [],
  assertionKeys: { keys: [jwkOf(own.publicKey, 'own'), jwkOf(another.publicKey, 'another')] },
}
const terms = { client, audiences: ['https://issuer.test/', 'https://issuer.test/token'], now }

const claims = { iss: 'caller', sub: 'caller', aud: 'https://issuer.test/', exp: seconds + 60 }
type Signing = { key?: KeyObject; header?: { alg?: string; kid?: string } }
const signed = (changes: object = {}, { key = own.privateKey, header = { kid: 'own' } }: Signing = {}) =>
  new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: 'RS256', ...header }).sign(key)
const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`

test.each([
  ['for the issuer', () => signed()],
  ['for the token endpoint among others', () => signed({ aud: ['x', 'https://issuer.test/token'] })],
  ['with the other key', () => signed({}, { key: another.privateKey, header: { kid: 'another' } })],
])('an assertion of the client about itself, %s, is in order', async (_what, make) => {
  expect(await faultOfAssertion(await make(), terms)).toBeUndefined()
})

describe('an assertion is refused', () => {
  const claimFault = (claim: string) => `the claim ${claim} of the assertion is missing or wrong`
  const keyFault = 'the assertion is not signed with a key of this client'
  const formFault = 'the assertion is not a JWT signed with RS256'

  test.each([
    ['that has expired', () => signed({ exp: seconds }), 'the assertion has expired'],
    ['that never expires', () => signed({ exp: undefined }), claimFault('exp')],
    ['that is not valid yet', () => signed({ nbf: seconds + 9 }), claimFault('nbf')],
    ['for another server', () => signed({ aud: 'https://issuer.test' }), claimFault('aud')],
    ['for nobody', () => signed({ aud: undefined }), claimFault('aud')],
    ['of another client', () => signed({ iss: 'reader' }), claimFault('iss')],
    ['of nobody', () => signed({ iss: undefined }), claimFault('iss')],
    ['about somebody else', () => signed({ sub: 'alice' }), claimFault('sub')],
    ['with the key of a stranger', () => signed({}, { key: stranger.privateKey }), keyFault],
    ['with an unknown key id', () => signed({}, { header: { kid: 'other' } }), keyFault],
    [
      'with no key id where there is more than one key',
      () => signed({}, { header: {} }),
      'the assertion names none of the keys of this client',
    ],
    ['with another algorithm', () => signed({}, { header: { alg: 'RS512', kid: 'own' } }), formFault],
    ['with no signature', () => Promise.resolve(unsigned), formFault],
    ['that is no JWT', () => Promise.resolve('"x.y.z"'), formFault],
  ])('%s', async (_what, make, fault) => {
    expect(await faultOfAssertion(await make(), terms)).toBe(fault)
  })

  test('of a client that has no key', async () => {
    const { assertionKeys, ...keyless } = client
    expect(assertionKeys).toBeDefined()
    expect(await faultOfAssertion(await signed(), { ...terms, client: keyless })).toBe(
      'no key was registered for the assertions of this client',
    )
  })
})
