import { expect, test } from 'vitest'
import { encode } from './base64.ts'
import { recipeOf } from './recipe.ts'

const tokenOf = (claims: string): string => `${encode('{"alg":"RS256"}')}.${encode(claims)}.c2ln`

test('a token is told by what was asked for, and by what it says', () => {
  const recipe = recipeOf({ claims: { aud: 'x' }, carry: 'none' }, tokenOf('{"aud":"x"}'))
  expect(recipe).toEqual({ recipe: '{"claims":{"aud":"x"}}', header: { alg: 'RS256' }, claims: { aud: 'x' } })
  expect(recipeOf({}, tokenOf('{}')).recipe).toBe('baseline')
})

test('what is no JSON object is left out', () => {
  expect(recipeOf({}, 'opaque')).toEqual({ recipe: 'baseline' })
  expect(recipeOf({}, tokenOf('[1]')).claims).toBeUndefined()
})

test.each([
  ['wide', `{"a":"${'x'.repeat(5000)}"}`, '(5008 characters of JSON)'],
  ['deep', `{"a":${'['.repeat(1000)}${']'.repeat(1000)}}`, '(1001 levels of JSON)'],
  ['beyond all bounds', `{"a":"${'x'.repeat(20_000)}"}`, undefined],
])('claims that are too %s are told by their size', (_, claims, told) => {
  expect(recipeOf({}, tokenOf(claims)).claims).toBe(told)
})
