import { expect, test } from 'vitest'
import { milliseconds, parseDuration, seconds } from './duration.ts'

test.each([
  ['500ms', 500],
  ['10s', 10_000],
  ['1.5s', 1_500],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['1d', 86_400_000],
  ['0s', 0],
])('%s is %d ms', (text, expected) => {
  expect(parseDuration(text)).toBe(expected)
})

test.each(['10', 's', '10 s', '-1s', '1e3s', '10S', '1h30m', '', '10seconds'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined()
    expect(() => milliseconds(text)).toThrow()
  },
)

test('a leeway is in seconds', () => {
  expect(seconds('2m')).toBe(120)
})
