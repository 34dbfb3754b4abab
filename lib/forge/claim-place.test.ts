import { expect, test } from 'vitest'
import { placeClaims } from './claim-place.ts'
import { openSmithy } from './fixture.ts'
import { valueAt } from './good.ts'
import { ValueError } from './scene.ts'

const { good, scene } = await openSmithy('ES256', {
  requiredClaims: [
    { path: ['plan'], values: [], required: true },
    { path: ['realm', 'role'], values: ['clerk', 'chief'], required: true },
    { path: ['https://claims.example.test/unit'], values: ['north'], required: true },
  ],
  forwards: { claims: { 'X-Sub': 'sub', 'X-Team': 'team' }, format: 'plain' },
})
const placed = (changes: object) => placeClaims(good.claims, { ...changes }, scene).claims

test('a name that begins with $ stands for a claim of the policy, and the others are left', () => {
  const { claims, others } = placeClaims(good.claims, { $required: 'other', $forwarded: 7, sub: 'x' }, scene)
  expect(valueAt(claims, ['realm', 'role'])).toBe('other')
  expect(claims.team).toBe(7)
  expect(others).toEqual({ sub: 'x' })
})

test('null removes, and the tagged null is the value', () => {
  expect(valueAt(placed({ $required: null }), ['realm', 'role'])).toBeUndefined()
  expect(valueAt(placed({ $required: { $null: true } }), ['realm', 'role'])).toBeNull()
})

test('a value can be made of what good tokens have there', () => {
  const longer = { $required: { $demanded: 'value', append: '-x' } }
  expect(valueAt(placed(longer), ['realm', 'role'])).toBe('clerk-x')
})

test('a claim moves to where its name is misread', () => {
  const joined = placed({ $misread: 'dots' })
  expect(valueAt(joined, ['realm', 'role'])).toBeUndefined()
  expect(joined['realm.role']).toBe('clerk')
  const ended = placed({ $misread: 'last-segment' })
  expect(ended['https://claims.example.test/unit']).toBeUndefined()
  expect(ended.unit).toBe('north')
})

test('what the policy does not have cannot be changed', () => {
  expect(() => placed({ $boolean: true })).toThrow(ValueError)
  expect(() => placed({ $misread: 'slashes' })).toThrow(ValueError)
})
