import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

const keys = ['name', 'url', 'routes', 'credential', 'timeout', 'tls']

test.each([
  ['routs', 'routes'],
  ['route', 'routes'],
  ['ruotes', 'routes'],
  ['Routes', 'routes'],
  ['uri', 'url'],
  ['credentials', 'credential'],
  ['time-out', 'timeout'],
  ['tsl', 'tls'],
])('%s was meant to be %s', (typo, meant) => {
  expect(nearest(typo, keys)).toBe(meant)
})

test.each(['xyz', 'waivers', 'password', ''])('nothing is near %j', (word) => {
  expect(nearest(word, keys)).toBeUndefined()
})

test('of several that are near, the nearest is meant', () => {
  expect(nearest('alg-nome', ['alg-none-case', 'alg-name', 'alg-none'])).toBe('alg-name')
  expect(nearest('jwk', ['jwks', 'jwk'])).toBe('jwk')
})
