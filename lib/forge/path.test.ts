import { expect, test } from 'vitest'
import { targetAt } from '../exchange/fixture.ts'
import { openSmithy } from './fixture.ts'
import { pathText, type Destination } from './path.ts'
import { ValueError } from './scene.ts'

const { scene } = await openSmithy('EdDSA')
const route = (path: string) => ({ path, method: 'GET', methodDeclared: false, headers: [] })
const target = targetAt('https://gw.example.test', {
  basePath: '/v1',
  routes: { protected: route('/a/hello'), public: route('/ping'), others: [] },
})
const destination: Destination = { target, route: target.routes.protected, unrouted: '/v1/nowhere' }
const text = (piece: unknown, changes: Partial<Destination> = {}) =>
  pathText(piece, { ...destination, ...changes }, scene)

test.each<[unknown, string]>([
  ['/../', '/../'],
  [{ $target: 'origin' }, 'https://gw.example.test'],
  [{ $path: 'route' }, '/v1/a/hello'],
  [{ $path: 'base' }, '/v1'],
  [{ $path: 'tail' }, '/a/hello'],
  [{ $path: 'public' }, '/v1/ping'],
  [{ $path: 'unrouted' }, '/v1/nowhere'],
  [{ $path: 'climb' }, '/v1/ping/..'],
  [{ $path: 'climb', dots: '%2e%2e', slash: '%2f' }, '/v1/ping%2f%2e%2e'],
  [{ $path: 'route', as: 'upper' }, '/V1/A/HELLO'],
  [{ $path: 'route', as: 'percent-letter' }, '/v1/a/%68ello'],
  [{ $path: 'route', as: 'percent-slash' }, '/v1/a%2fhello'],
  [{ $path: 'route', as: 'double-percent-slash' }, '/v1/a%252fhello'],
  [{ $path: 'route', as: 'backslash' }, '/v1/a\\hello'],
  [{ $path: 'route', as: 'percent-backslash' }, '/v1/a%5chello'],
  [{ $path: 'route', as: 'double-slash' }, '/v1/a//hello'],
  [{ $path: 'route', as: 'dot' }, '/v1/a/./hello'],
  [{ $path: 'route', as: 'percent-dot' }, '/v1/a/%2e/hello'],
  [{ $path: 'route', as: 'overlong-slash' }, '/v1/a%c0%afhello'],
  [{ $path: 'route', as: 'semicolon' }, '/v1/a;x=y/hello'],
])('%j is %s', (piece, wanted) => {
  expect(text(piece)).toBe(wanted)
})

test('from a public path of several segments it takes as many parents to climb', () => {
  const deep = { ...target, routes: { ...target.routes, public: route('/open/docs/') } }
  expect(text({ $path: 'climb' }, { target: deep })).toBe('/v1/open/docs/../..')
})

test('a path without a slash in its middle still begins with one', () => {
  const short = { target: { ...target, basePath: '' }, route: route('/hello') }
  expect(text({ $path: 'route', as: 'percent-slash' }, short)).toBe('/%2fhello')
  expect(text({ $path: 'route', as: 'backslash' }, short)).toBe('/\\hello')
})

test('what the target does not have is no path', () => {
  const { protected: home } = target.routes
  expect(() =>
    text({ $path: 'public' }, { target: { ...target, routes: { protected: home, others: [] } } }),
  ).toThrow(ValueError)
  expect(() => text({ $path: 'nowhere' })).toThrow(ValueError)
  expect(() => text({ $path: 'route', as: 'sideways' })).toThrow(ValueError)
})

test.each([
  ['https://api.example.test', '/.well-known/oauth-protected-resource'],
  ['https://api.example.test/', '/.well-known/oauth-protected-resource'],
  ['https://api.example.test/v1', '/.well-known/oauth-protected-resource/v1'],
  ['https://api.example.test/v1/?a=b', '/.well-known/oauth-protected-resource/v1/?a=b'],
])('the metadata of %s are at %s, wherever the routes begin', (resource, wanted) => {
  const enforces = new Map([['protected-resource-metadata', resource]])
  expect(
    pathText({ $path: 'metadata' }, destination, { ...scene, policy: { ...scene.policy, enforces } }),
  ).toBe(wanted)
})

test('metadata that nobody declares are nowhere', () => {
  expect(() => text({ $path: 'metadata' })).toThrow(ValueError)
})
