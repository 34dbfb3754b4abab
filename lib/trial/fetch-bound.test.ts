import { expect, it } from 'vitest'
import { mostFetches } from './fetch-bound.ts'

it.each([
  ['at once', { keySet: { cooldownMs: 250, maxAgeMs: 500 } }, 200, 3],
  ['a cool-down later', { keySet: { cooldownMs: 250 } }, 260, 4],
  ['a cool-down and an age later', { keySet: { cooldownMs: 250, maxAgeMs: 500 } }, 510, 6],
  ['where neither is declared, once a second', {}, 2500, 5],
  ['an age that is declared alone', { keySet: { maxAgeMs: 500 } }, 1100, 6],
  ['no cool-down at all', { keySet: { cooldownMs: 0 } }, 1000, 3],
])('allows fetches of the keys %s', (_when, policy, sinceMs, expected) => {
  expect(mostFetches({ atMost: 3 }, policy, sinceMs)).toBe(expected)
})

it('never allows a redirect to be followed later', () => {
  expect(mostFetches({ atMost: 0, of: 'moved' }, { keySet: { cooldownMs: 50 } }, 60_000)).toBe(0)
})
