import { expect, it } from 'vitest'
import { formatDuration, formatMicros, formatMs, formatMsValue, formatRate } from './numbers.ts'

it.each([
  [null, '–'],
  [0, '0 ms'],
  [0.0851, '0.085 ms'],
  [2.345, '2.35 ms'],
  [12.34, '12.3 ms'],
  [850.4, '850 ms'],
  [1200, '1.20 s'],
])('writes %s milliseconds as %s', (ms, text) => {
  expect(formatMs(ms)).toBe(text)
})

it.each([
  [null, '–'],
  [2.345, '2.35'],
  [12_345.6, '12,346'],
])('writes %s milliseconds as %s in a column of milliseconds', (ms, text) => {
  expect(formatMsValue(ms)).toBe(text)
})

it.each([
  [62.41, '+62.4 µs'],
  [-2, '−2.0 µs'],
  [0, '0.0 µs'],
  [1234.5, '+1235 µs'],
])('writes a difference of %d microseconds as %s', (us, text) => {
  expect(formatMicros(us, 'signed')).toBe(text)
})

it.each([
  [0, '0/s'],
  [1.5, '1.50/s'],
  [18_240.6, '18,241/s'],
])('writes a rate of %d as %s', (perSecond, text) => {
  expect(formatRate(perSecond)).toBe(text)
})

it.each([
  [850, '850 ms'],
  [12_340, '12.3 s'],
  [102_500, '1 min 43 s'],
  [3_725_000, '1 h 2 min'],
])('writes %d milliseconds as the duration %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})
