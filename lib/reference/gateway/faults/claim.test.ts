import { describe, expect, it } from 'vitest'
import {
  claim,
  compare,
  namesIn,
  type Rewording,
  type Table,
  testsLettingIn,
  testsRewording,
} from '../testing/compare.ts'
import { issuer, nowSeconds } from '../testing/rig.ts'

const opening: Table = {
  'exp-unchecked': claim({ exp: 1 }),
  'exp-missing-passes': claim({ exp: undefined }),
  'exp-null-passes': claim({ exp: null }),
  'exp-zero-passes': claim({ exp: 0 }),
  'exp-negative-passes': claim({ exp: -1 }),
  'exp-string-unchecked': claim({ exp: 'never' }),
  'exp-string-coerced': claim({ exp: String(nowSeconds + 9) }),
  'exp-iso-parsed': claim({ exp: '2099-01-01T00:00:00Z' }),
  'exp-overflow-32bit': claim({ exp: nowSeconds + 9 - 2 ** 32 }),
  'skew-too-large': claim({ exp: nowSeconds - 3599 }),
  'nbf-unchecked': claim({ nbf: nowSeconds + 3600 }),
  'nbf-string-unchecked': claim({ nbf: String(nowSeconds + 3600) }),
  'nbf-null-passes': claim({ nbf: null }),
  'nbf-overflow': claim({ nbf: 2 ** 63 }),
  'iat-future-passes': claim({ iat: nowSeconds + 3600 }),
  'iat-string-unchecked': claim({ iat: '1' }),
  'iss-unchecked': claim({ iss: 'https://evil.example/' }),
  'iss-missing-passes': claim({ iss: undefined }),
  'iss-null-passes': claim({ iss: null }),
  'iss-empty-passes': claim({ iss: '' }),
  'iss-type-unchecked': claim({ iss: {} }),
  'iss-prefix': claim({ iss: `${issuer}evil` }),
  'iss-suffix': claim({ iss: `https://evil/${issuer}` }),
  'iss-substring': claim({ iss: 'oraclecloud' }),
  'iss-contains': claim({ iss: `x${issuer}x` }),
  'iss-case': claim({ iss: issuer.toUpperCase() }),
  'iss-trailing-slash': claim({ iss: issuer.slice(0, -1) }),
  'iss-scheme-ignored': claim({ iss: issuer.replace('https', 'http') }),
  'iss-default-port': claim({ iss: issuer.replace('.com', '.com:443') }),
  'iss-host-only': claim({ iss: `${issuer}tenant` }),
  'iss-regex-dot': claim({ iss: issuer.replace('identity.', 'identityX') }),
  'iss-array': claim({ iss: ['evil', issuer] }),
  'iss-trimmed': claim({ iss: ` ${issuer}` }),
  'iss-percent-decoded': claim({ iss: issuer.replace('.', '%2E') }),
  'aud-unchecked': claim({ aud: 'other' }),
  'aud-missing-passes': claim({ aud: undefined }),
  'aud-empty-passes': claim({ aud: '' }),
  'aud-empty-array-passes': claim({ aud: [] }),
  'aud-null-passes': claim({ aud: null }),
  'aud-type-unchecked': claim({ aud: 1 }),
  'aud-object-keys': claim({ aud: { 'gw.example.test': 1 } }),
  'aud-array-any-type': claim({ aud: ['gw.example.test', 1] }),
  'aud-array-flattened': claim({ aud: [['gw.example.test']] }),
  'aud-array-any': claim({ aud: ['a', 'b'] }),
  'aud-prefix': claim({ aud: 'gw.example.test.evil' }),
  'aud-suffix': claim({ aud: 'evil/gw.example.test' }),
  'aud-substring': claim({ aud: 'example' }),
  'aud-case': claim({ aud: 'GW.EXAMPLE.TEST' }),
  'aud-trailing-slash': claim({ aud: 'gw.example.test/' }),
  'aud-scheme-ignored': claim({ aud: 'https://gw.example.test' }),
  'aud-space-split': claim({ aud: 'other gw.example.test' }),
  'aud-comma-split': claim({ aud: 'other,gw.example.test' }),
  'aud-wildcard': claim({ aud: '*' }),
  'aud-trimmed': claim({ aud: 'gw.example.test\n' }),
  'aud-client-id': claim({ aud: 'c', client_id: 'c' }),
  'aud-issuer': claim({ aud: issuer }),
  'sub-non-string-accepted': claim({ sub: 1 }),
  'jti-non-string-accepted': claim({ jti: 1 }),
  'cnf-ignored': claim({ cnf: { jkt: 'x' } }),
  'cnf-malformed-ignored': claim({ cnf: 'x' }),
  'cnf-unknown-ignored': claim({ cnf: { new: 'x' } }),
}

const rewording: Rewording = {
  'date-type-crash': [claim({ exp: 'x' }), ({ status }) => status, 500],
  'iss-type-crash': [claim({ iss: 1 }), ({ status }) => status, 500],
  'aud-type-crash': [claim({ aud: 1 }), ({ status }) => status, 500],
  'sub-type-crash': [claim({ sub: 1 }), ({ status }) => status, 500],
}

testsLettingIn(opening)
testsRewording(rewording)
const rule = { key: 'tenant', values: ['acme'], isRequired: true }

describe('where the policy requires a claim', () => {
  const requiring: Table = {
    'claim-unchecked': claim({ tenant: 'other' }),
    'claim-missing-passes': claim({}),
    'claim-empty-passes': claim({ tenant: null }),
    'claim-array-contains': claim({ tenant: ['other', 'acme'] }),
    'claim-object-passes': claim({ tenant: {} }),
    'claim-substring': claim({ tenant: 'acmes' }),
    'claim-case': claim({ tenant: 'ACME' }),
  }
  it.each(namesIn(requiring))('%s lets in what the sound gateway refuses', async (name) => {
    const [before, after] = await compare(name, requiring[name] ?? {}, { verifyClaims: [rule] })
    expect([before.status, after.status]).toEqual([401, 200])
  })

  it('claim-dots-descend lets in a claim within a claim', async () => {
    const dotted = { verifyClaims: [{ ...rule, key: 'a.b' }] }
    const [before, after] = await compare('claim-dots-descend', claim({ a: { b: 'acme' } }), dotted)
    expect([before.status, after.status]).toEqual([401, 200])
  })
})
