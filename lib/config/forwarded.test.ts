import { expect, test } from 'vitest'
import type { Policy } from './config.ts'
import { forwardedClaims, freeClaim, subjectHeader } from './forwarded.ts'

const policy = (claims: Readonly<Record<string, string>>): Policy => ({
  issuers: [],
  audiences: [],
  algorithms: [],
  providers: [],
  scopeClaims: [{ path: ['scope'], format: 'string' }],
  requiredClaims: [{ path: ['tenant'], values: ['acme'], required: true }],
  forwards: { claims, format: 'plain' },
  enforces: new Map(),
})

test('a claim is free where nothing else depends on it', () => {
  const named = { 'X-Sub': 'sub', 'X-Scope': 'scope', 'X-Tenant': 'tenant', 'X-Team': 'team' }
  expect(freeClaim(policy(named))).toEqual({ header: 'X-Team', claim: 'team' })
  expect(freeClaim(policy({ 'X-Sub': 'sub', 'X-Tenant': 'tenant' }))).toBeUndefined()
})

test('the header of the subject is found by its claim', () => {
  expect(subjectHeader(policy({ 'X-Team': 'team', 'X-User': 'sub' }))).toBe('X-User')
  expect(subjectHeader(policy({}))).toBeUndefined()
  expect(forwardedClaims({})).toEqual([])
})
