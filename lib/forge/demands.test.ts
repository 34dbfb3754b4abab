import { expect, test } from 'vitest'
import { authenticationClaims, missesDemands } from './demands.ts'
import { policyFor } from './fixture.ts'
import type { Members } from './scene.ts'

const now = 1_900_000_000
const strict = policyFor('ES256', {
  requiredClaims: [
    { path: ['tenant'], values: ['acme'], required: true },
    { path: ['roles'], values: ['clerk'], required: true },
    { path: ['verified'], values: ['true'], required: true },
    { path: ['unit'], values: ['north'], required: false },
  ],
  enforces: new Map<string, string | true>([
    ['rfc9068', true],
    ['allowed-clients', true],
    ['subject-pattern', 'svc-[a-z]+'],
    ['acr', 'strong'],
    ['amr', 'mfa'],
    ['max-auth-age', '1h'],
  ]),
})
const good: Members = {
  sub: 'svc-a',
  client_id: 'c',
  jti: 'j',
  tenant: 'acme',
  roles: ['clerk', 'chief'],
  verified: true,
  ...authenticationClaims(strict, now),
}
const misses = (changes: Members) => missesDemands({ ...good, ...changes }, good, strict, now)

test('a good token has all that is demanded', () => {
  expect(misses({})).toBe(false)
  expect(misses({ unit: 'north' })).toBe(false)
})

test.each<[string, Members]>([
  ['another value', { tenant: 'other' }],
  ['no value', { tenant: undefined }],
  ['a value of another type', { tenant: ['acme'] }],
  ['a list without the value', { roles: ['chief'] }],
  ['a text for a boolean', { verified: 'true' }],
  ['another value of a claim that need not be there', { unit: 'south' }],
  ['no id', { jti: undefined }],
  ['another client', { client_id: 'd' }],
  ['another authorized party', { azp: 'd' }],
  ['a subject that only contains one', { sub: 'svc-a\n' }],
  ['a lower class', { acr: 'weak' }],
  ['another method', { amr: ['pwd'] }],
  ['an old authentication', { auth_time: now - 3601 }],
])('%s is not what is demanded', (_, changes) => {
  expect(misses(changes)).toBe(true)
})

test('where nothing is demanded nothing is missed', () => {
  expect(missesDemands({}, good, policyFor('ES256'), now)).toBe(false)
  expect(authenticationClaims(policyFor('ES256'), now)).toEqual({})
})
