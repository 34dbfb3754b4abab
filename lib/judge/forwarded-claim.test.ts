import { expect, test } from 'vitest'
import { saysClaim } from './forwarded-claim.ts'

const bytes = (text: string): string => Buffer.from(text).toString('latin1')
const base64 = (text: string): string => Buffer.from(text).toString('base64')

test.each<[string, string, unknown]>([
  ['a text as it is', 'gateproof', 'gateproof'],
  ['a text with spaces within', 'gate proof', 'gate proof'],
  ['a boolean', 'false', false],
  ['a number', '1234567890123', 1234567890123],
  ['a list as JSON', '["one","two"]', ['one', 'two']],
  ['a list with commas', 'one, two', ['one', 'two']],
  ['an object as JSON', '{"a":1}', { a: 1 }],
  ['an object as base64url of JSON', Buffer.from('{"a":1}').toString('base64url'), { a: 1 }],
  ['letters in UTF-8', bytes('Zoë 佐藤'), 'Zoë 佐藤'],
  ['letters percent-encoded', 'Zo%C3%AB', 'Zoë'],
  ['letters as RFC 2047 has them', `=?UTF-8?B?${base64('Zoë')}?=`, 'Zoë'],
  ['letters as RFC 8187 has them', "UTF-8''Zo%C3%AB", 'Zoë'],
  ['a line end, encoded', 'a%0D%0Ab', 'a\r\nb'],
  ['a line end as spaces', 'a  b', 'a\r\nb'],
])('a plain header says %s', (_, value, claim) => {
  expect(saysClaim(value, claim, 'plain')).toBe(true)
})

test.each<[string, string, unknown]>([
  ['another text', 'other', 'gateproof'],
  ['the text encoded though it needs no encoding', base64('gateproof'), 'gateproof'],
  ['the text in another case', 'gateProof', 'gateproof'],
  ['the beginning of the text', 'gate', 'gateproof'],
  ['one member of a list', 'one', ['one', 'two']],
  ['an object by its type', '[object Object]', { a: 1 }],
  ['nothing instead of false', '', false],
  ['a line end left out', 'ab', 'a\r\nb'],
  ['question marks for letters', 'Zo?', 'Zoë'],
  ['a percent sign that begins nothing', 'Zo%C', 'Zoë'],
])('a plain header does not say %s', (_, value, claim) => {
  expect(saysClaim(value, claim, 'plain')).toBe(false)
})

test('the other formats say it their own way alone', () => {
  expect(saysClaim(base64('gateproof'), 'gateproof', 'base64')).toBe(true)
  expect(saysClaim('gateproof', 'gateproof', 'base64')).toBe(false)
  expect(saysClaim('"gateproof"', 'gateproof', 'json')).toBe(true)
  expect(saysClaim(bytes('"Zoë"'), 'Zoë', 'json')).toBe(true)
  expect(saysClaim('gateproof', 'gateproof', 'json')).toBe(false)
})
