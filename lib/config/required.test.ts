import { expect, test } from 'vitest'
import type { RequiredClaim } from './config.ts'
import { booleanClaim, dottedClaim, misreadPath, requiredClaim, urlClaim } from './required.ts'

const claim = (
  path: RequiredClaim['path'],
  values: readonly string[] = [],
  required = true,
): RequiredClaim => ({
  path,
  values,
  required,
})
const policy = (...requiredClaims: readonly RequiredClaim[]) => ({ requiredClaims })

test('cases change a claim that has values, where one does', () => {
  const present = claim(['present'])
  const valued = claim(['tenant'], ['acme'])
  expect(requiredClaim(policy(claim(['may'], ['x'], false), present, valued))).toBe(valued)
  expect(requiredClaim(policy(present))).toBe(present)
  expect(requiredClaim(policy(claim(['may'], ['x'], false)))).toBeUndefined()
})

test.each<[string, RequiredClaim['path'], 'dots' | 'last-segment', readonly string[]]>([
  ['a dot in a name is taken for a step', ['app.plan'], 'dots', ['app', 'plan']],
  ['steps are taken for one name', ['realm_access', 'roles'], 'dots', ['realm_access.roles']],
  ['the end of a URL is taken for its all', ['https://x.example/roles'], 'last-segment', ['roles']],
])('%s', (_, path, by, misread) => {
  expect(misreadPath(claim(path), by)).toEqual(misread)
})

test('a URL is no name with dots, and another name is no URL', () => {
  const url = claim(['https://x.example/roles'])
  expect(dottedClaim(policy(url))).toBeUndefined()
  expect(urlClaim(policy(claim(['app.plan']), url))).toBe(url)
  expect(urlClaim(policy(claim(['https://x.example/'])))).toBeUndefined()
})

test('a boolean is known by what good tokens hold', () => {
  const verified = claim(['email_verified'], ['true'])
  expect(booleanClaim(policy(verified), { email_verified: true })).toBe(verified)
  expect(booleanClaim(policy(verified), { email_verified: 'true' })).toBeUndefined()
})
