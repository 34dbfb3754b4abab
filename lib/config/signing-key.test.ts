import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'
import { configOf, faultsOf, privateJwk, rsaKey, smallConfig } from '../../test/fixtures/config-folder.ts'

const ec = (namedCurve: string): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey
const rsa = rsaKey(2048)
const halfOf = (name: 'n') => rsaKey(2048).export({ format: 'jwk' })[name]
const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

const config = (algorithms: string, keys = 'k.json'): string =>
  smallConfig.replace('[RS256]', `[${algorithms}]`).replace('private.jwks.json', keys)

const keysOf = (algorithms: string, content: object) => {
  const { tokens } = configOf(config(algorithms), { files: { 'k.json': JSON.stringify(content) } })
  if (tokens.kind !== 'keys') throw new Error('no keys')
  return tokens.keys
}

const toldOf = (content: object | string, algorithms = 'RS256') =>
  faultsOf(config(algorithms), {
    files: { 'k.json': typeof content === 'string' ? content : JSON.stringify(content) },
  })

test.each([
  ['RS256', rsa, 'RS256'],
  ['PS384, RS256', rsa, 'PS384'],
  ['ES256, RS256', rsa, 'RS256'],
  ['RS256, ES256', ec('P-256'), 'ES256'],
  ['ES384', ec('P-384'), 'ES384'],
  ['ES512', ec('P-521'), 'ES512'],
  ['EdDSA', generateKeyPairSync('ed25519').privateKey, 'EdDSA'],
])('of %s a key without an algorithm takes the first that fits it', (algorithms, key, alg) => {
  const [signing] = keysOf(algorithms, privateJwk(key))
  expect(signing).toMatchObject({ kid: 'k', alg })
  expect(signing.privateKey.type).toBe('private')
  expect(signing.publicKey.type).toBe('public')
})

test('the algorithm that a key names is kept', () => {
  expect(keysOf('RS256, PS256', privateJwk(rsa, { alg: 'PS256' }))[0].alg).toBe('PS256')
})

test('the keys of a set keep their order', () => {
  const set = { keys: [privateJwk(rsa, { kid: 'b' }), privateJwk(rsaKey(2048), { kid: 'a' })] }
  expect(keysOf('RS256', set).map(({ kid }) => kid)).toEqual(['b', 'a'])
})

test('a PEM comes with its key id and its algorithm', () => {
  const text = config('PS256', '{ pem: k.pem, kid: mine, alg: PS256 }')
  const { tokens } = configOf(text, { files: { 'k.pem': pem(rsa) } })
  expect(tokens.kind === 'keys' && tokens.keys).toMatchObject([{ kid: 'mine', alg: 'PS256' }])
})

test.each<[string, object, string]>([
  [
    'a public key',
    { ...createPublicKey(rsa).export({ format: 'jwk' }), kid: 'k' },
    'key "k" is a public key',
  ],
  ['a shared secret', { kty: 'oct', kid: 'k', k: 'c2VjcmV0' }, 'key "k" is a shared secret'],
  ['a key for encryption', privateJwk(rsa, { use: 'enc' }), 'key "k" is not for signing'],
  ['a key without an id', privateJwk(rsa, { kid: undefined }), 'key 1 has no `kid`'],
  ['a mutilated key', privateJwk(ec('P-256'), { crv: 'P-384' }), 'key "k" is no valid private key'],
  ['halves of two keys', privateJwk(rsa, { n: halfOf('n') }), 'key "k" is no valid private key: its halves'],
  ['a weak key', privateJwk(rsaKey(1024)), 'key "k" has 1024 bits, and RSA takes 2048 at least'],
  [
    'a curve of no algorithm',
    privateJwk(ec('secp256k1')),
    'key "k" is of a kind that no JWS algorithm signs with',
  ],
  [
    'an algorithm that does not fit',
    privateJwk(rsa, { alg: 'ES256' }),
    'key "k" names the algorithm "ES256"',
  ],
  [
    'an algorithm outside the policy',
    privateJwk(rsa, { alg: 'RS512' }),
    'key "k" signs with RS512, and `policy.algorithms` has RS256',
  ],
  [
    'a key outside the policy',
    privateJwk(ec('P-256')),
    'key "k" signs with ES256, and `policy.algorithms` has RS256',
  ],
  ['two keys with one id', { keys: [privateJwk(rsa), privateJwk(rsa)] }, 'two keys have the `kid` "k"'],
  ['an empty set', { keys: [] }, 'holds neither a JWK Set nor a JWK'],
  ['something else', { hello: 'world' }, 'holds neither a JWK Set nor a JWK'],
])('%s is told at `tokens.keys`, with the name of the file', (_, content, message) => {
  expect(toldOf(content)).toEqual([expect.stringContaining(`c.yaml:5:17: \`k.json\`: ${message}`)])
})

test('every faulty key of a set is told', () => {
  const set = { keys: [privateJwk(rsa, { use: 'enc', kid: 'a' }), privateJwk(rsaKey(1024), { kid: 'b' })] }
  expect(toldOf(set)).toEqual([expect.stringContaining('key "a"'), expect.stringContaining('key "b"')])
})

test('a text that is no JSON is told without a word of it', () => {
  const told = toldOf('{"d": "very-private"')
  expect(told).toEqual(['c.yaml:5:17: `k.json`: is not JSON'])
})

test('a PEM in the place of a JWK gets a hint', () => {
  expect(toldOf(pem(rsa))).toEqual([
    'c.yaml:5:17: `k.json`: is PEM, which says neither key id nor algorithm',
    '    write it as { pem: FILE, kid: NAME, alg: RS256 }',
  ])
})

test.each([
  [
    'a public key',
    createPublicKey(rsa).export({ type: 'spki', format: 'pem' }).toString(),
    'holds a public key',
  ],
  ['nonsense', 'nonsense', 'holds no PEM private key without a passphrase'],
])('%s in a PEM file is told', (_, content, message) => {
  const text = config('RS256', '{ pem: k.pem, kid: mine, alg: RS256 }')
  expect(faultsOf(text, { files: { 'k.pem': content } })).toEqual([
    expect.stringMatching(`^c\\.yaml:5:11: \`k\\.pem\`: ${message}`),
  ])
})

test('a faulty key is told beside what is wrong elsewhere', () => {
  expect(faultsOf(config('RS256').replace('/hello', 'a b'), { files: { 'k.json': '{}' } })).toHaveLength(2)
})
