import { expect, test } from 'vitest'
import { configOf } from '../../test/fixtures/config-folder.ts'
import { furtherDifferences, lacksDifference } from './genuine.ts'

const now = 1_900_000_000
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const base = { iss: 'https://i/', aud: 'https://gw/', sub: 'one', scope: 'a b', iat: now, exp: now + 300 }
const tokenOf = (claims: object, header: object = {}) =>
  `${encode({ alg: 'RS256', kid: 'k', ...header })}.${encode({ ...base, jti: String(Math.random()), ...claims })}.c2ln`

const configuration = () =>
  configOf(`
target: { url: 'http://127.0.0.1:9', routes: { protected: /hello, scoped: { path: /o, scope: { all: [a, b] } } } }
policy: { issuer: 'https://i/', audience: ['https://gw/', 'https://gw2/'], algorithms: [RS256], clockSkew: 30s }
tokens: { token: T }
`)
const yardstickWith = (good: string) => ({ config: configuration(), good, now })
const lacks = (name: string, claims: object) =>
  lacksDifference(name, tokenOf(claims), yardstickWith(tokenOf({})))

test.each<[string, object, object]>([
  ['second', { sub: 'two' }, {}],
  ['otherAudience', { aud: 'https://other/' }, { aud: ['https://other/', 'https://gw2/'] }],
  ['otherScope', { scope: 'a c' }, { scope: 'b a c' }],
  ['noScope', { scope: undefined }, { scope: 'c' }],
  ['expired', { exp: now - 36 }, { exp: now - 34 }],
  ['otherIssuer', { iss: 'https://j/' }, {}],
])('a token called %s has to differ from a good one in that', (name, different, alike) => {
  expect(lacks(name, different)).toBeUndefined()
  expect(lacks(name, alike)).toContain(`\`${name}\``)
})

test('one that is bound to another key would be refused for that', () => {
  const bound = yardstickWith(tokenOf({ cnf: { jkt: 'x' } }))
  expect(lacksDifference('otherScope', tokenOf({ scope: 'c', cnf: { jkt: 'y' } }), bound)).toContain('bound')
  expect(lacksDifference('otherScope', tokenOf({ scope: 'c', cnf: { jkt: 'x' } }), bound)).toBeUndefined()
})

test('what is opaque is believed, unless it is the good token itself', () => {
  expect(lacksDifference('otherScope', 'opaque', yardstickWith('same'))).toBeUndefined()
  expect(lacksDifference('otherScope', 'same', yardstickWith('same'))).toBeDefined()
})

test('what it differs in besides is told, but for what is another in every token', () => {
  const yardstick = yardstickWith(tokenOf({}))
  const other = tokenOf({ aud: 'https://other/', iat: now + 5, sub: 'two', azp: 'c' }, { kid: 'l' })
  expect(furtherDifferences('otherAudience', other, yardstick)).toEqual(['kid', 'sub', 'azp'])
  expect(furtherDifferences('otherAudience', tokenOf({ aud: 'x' }), yardstick)).toEqual([])
  expect(furtherDifferences('otherAudience', 'opaque', yardstick)).toEqual([])
})
