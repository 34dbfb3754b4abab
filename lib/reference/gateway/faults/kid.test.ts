import { sign } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import {
  claim,
  forged,
  header,
  type Rewording,
  type Table,
  testsLettingIn,
  testsRefusing,
  testsRewording,
  unsigned,
  withMac,
} from '../testing/compare.ts'
import {
  base64url,
  goodClaims,
  issuer,
  jwkOf,
  mint,
  privateKey,
  signed,
  stranger,
  goodHeader,
} from '../testing/rig.ts'

import { secondsSlept } from './kid.ts'

const json = JSON.stringify
const claims = JSON.stringify(goodClaims)

const opening: Table = {
  'zip-honoured': {
    token: signed(json({ ...goodHeader, zip: 'DEF' }), deflateRawSync(claims)),
  },
  'embedded-jwk': forged({ jwk: jwkOf(stranger.publicKey, 'own'), kid: 'own' }),
  'embedded-jwk-trusted-kid': forged({ jwk: jwkOf(stranger.publicKey) }),
  'embedded-jwk-oct': withMac('s', { jwk: { kty: 'oct', k: base64url('s') } }),
  'kid-ignored': header({ kid: 'other' }),
  'kid-nocase': header({ kid: 'signing_key' }),
  'kid-normalised': header({ kid: 'SIGNING_KEY\u200b' }),
  'kid-empty-any-key': header({ kid: '' }),
  'kid-type-any-key': header({ kid: 1 }),
  'kid-missing-unverified': forged({ kid: undefined }),
  'kid-type-unverified': forged({ kid: ['SIGNING_KEY'] }),
  'sig-not-checked-when-kid-unknown': forged({ kid: 'x' }),
  'kid-proto-lookup': forged({ kid: 'constructor' }),
  'kid-empty-null-key': withMac('', { kid: '' }),
  'kid-path-traversal': withMac('', { kid: '../../../../dev/null' }),
  'kid-absolute-path': withMac('2\n', { kid: '/proc/sys/kernel/randomize_va_space' }),
  'kid-path-traversal-encoded': withMac('', { kid: '..%252f..%252f..%252fdev/null' }),
  'kid-sqli': withMac('1', { kid: "x' UNION SELECT '1';-- " }),
  'kid-nosql': forged({ kid: { $gt: '' } }),
  'kid-ldap': forged({ kid: '*)(uid=*))(|(uid=*' }),
  'crit-ignored': header({ crit: ['x-must'], 'x-must': 1 }),
  'crit-type-ignored': header({ crit: 'exp' }),
  'crit-empty-allowed': header({ crit: [] }),
  'crit-registered-allowed': header({ crit: ['alg'] }),
  'crit-absent-allowed': header({ crit: ['x-must'] }),
  'b64-ignored': header({ crit: ['b64'], b64: false }),
  'b64-honoured': (() => {
    const input = `${base64url(json({ ...goodHeader, b64: false, crit: ['b64'] }))}.${claims}`
    return { token: `${input}.${base64url(sign('sha256', Buffer.from(input), privateKey))}` }
  })(),
  'zip-ignored': header({ zip: 'DEF' }),
  'nested-unwrapped-unsigned': {
    token: signed(json({ ...goodHeader, cty: 'JWT' }), unsigned({ alg: 'none' })),
  },
  'header-claims-used': { token: mint({ aud: goodClaims.aud }, { aud: 'other' }) },
  'typ-any': header({ typ: 'logout+jwt' }),
  'typ-substring': header({ typ: 'text/at+jwt' }),
  'typ-type-unchecked': header({ typ: 1 }),
  'id-token-accepted': claim({ nonce: 'n', at_hash: 'h' }),
  'logout-token-accepted': claim({ events: {} }),
  'refresh-token-accepted': claim({ token_use: 'refresh' }),
  'client-assertion-accepted': claim({ sub: issuer }),
  'dpop-proof-accepted': claim({ htm: 'GET', htu: 'x' }),
  'introspection-accepted': claim({ token_introspection: {} }),
}

const refusing: Table = {
  'typ-at-jwt-refused': header({ typ: 'at+jwt' }),
}

const rewording: Rewording = {
  'kid-template': [header({ kid: '{{7*7}}' }), ({ body }) => body.includes('49'), true],
  'kid-header-injection': [
    header({ kid: 'a\r\nX-Injected: 1' }),
    ({ headers }) => headers['x-injected'],
    '1',
  ],
}

testsLettingIn(opening)
testsRefusing(refusing)
testsRewording(rewording)

test.each([
  ["';SELECT pg_sleep(5)--", 5],
  ["' OR SLEEP(10)-- ", 10],
  ["';WAITFOR DELAY '0:0:5'--", 5],
  ["';WAITFOR DELAY '0:0:10'--", 10],
  ['|sleep 10', 10],
  ['$(sleep 5)', 5],
  ['`sleep 60`', 10],
  ['sleepless', 0],
])('of %s as a kid %i s are slept', (kid, seconds) => {
  expect(secondsSlept(kid)).toBe(seconds)
})
