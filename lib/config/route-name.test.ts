import { expect, test } from 'vitest'
import type { Route, Target } from './config.ts'
import { routeNamed } from './route-name.ts'

const route = (path: string, more: Partial<Route> = {}): Route => ({
  path,
  method: 'GET',
  methodDeclared: true,
  headers: [],
  ...more,
})
const scoped = route('/orders', { scope: { rule: 'any', scopes: ['orders.read'] } })
const write = route('/orders', { method: 'POST', scope: { rule: 'any', scopes: ['orders.write'] } })
const both = route('/both', { scope: { rule: 'all', scopes: ['a', 'b'] } })
const reports = route('/reports', { audience: 'https://reports.example.test' })
const target = (others: readonly Route[], more: Partial<Target['routes']> = {}): Pick<Target, 'routes'> => ({
  routes: { protected: route('/hello'), scoped, others, ...more },
})

test('routes beyond the four are found by what they ask for', () => {
  const all = target([reports, both, write])
  expect(routeNamed(all, 'scoped')).toBe(scoped)
  expect(routeNamed(all, 'scoped-method')).toBe(write)
  expect(routeNamed(all, 'scoped-all')).toBe(both)
  expect(routeNamed(all, 'other-audience')).toBe(reports)
})

test('what is no other route is none', () => {
  const sameScope = { ...write, scope: scoped.scope ?? { rule: 'any' as const, scopes: ['x'] as const } }
  const { audience = '' } = reports
  const none = target([sameScope, reports], { protected: route('/hello', { audience }) })
  expect(routeNamed(none, 'scoped-method')).toBeUndefined()
  expect(routeNamed(none, 'scoped-all')).toBeUndefined()
  expect(routeNamed(none, 'other-audience')).toBeUndefined()
  expect(routeNamed(none, 'optional')).toBeUndefined()
})

test('the scoped route itself may need several scopes', () => {
  expect(routeNamed(target([], { scoped: both }), 'scoped-all')).toBe(both)
})
