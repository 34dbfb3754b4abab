import { inflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { RawText } from '../config/deviation.ts'
import { openSmithy } from './fixture.ts'
import { writeSegment } from './raw-text.ts'

const { scene } = await openSmithy('EdDSA')
const members = { alg: 'EdDSA', kid: 'key-1' }

const segment = (raw: RawText | undefined) => writeSegment(members, raw, scene)
const bytes = (raw: RawText) => Buffer.from(segment(raw), 'base64url')
const text = (raw: RawText) => bytes(raw).toString()

test('without a word about its text a segment is the JSON that anybody would write', () => {
  expect(Buffer.from(segment(undefined), 'base64url').toString()).toBe('{"alg":"EdDSA","kid":"key-1"}')
  expect(segment({})).toBe(segment(undefined))
})

test.each<[RawText, string]>([
  [{ text: 'null' }, 'null'],
  [{ members: { exp: '1e3', kid: '"\\u006b"' } }, '{"alg":"EdDSA","kid":"\\u006b","exp":1e3}'],
  [{ duplicate: { alg: ['none', { $policy: 'algorithm' }] } }, '{"alg":"none","alg":"EdDSA","kid":"key-1"}'],
  [{ duplicate: { crit: [1, 2] } }, '{"alg":"EdDSA","kid":"key-1","crit":1,"crit":2}'],
  [{ rename: { alg: '\\u0061lg' } }, '{"\\u0061lg":"EdDSA","kid":"key-1"}'],
  [{ replace: [['"', "'"]] }, "{'alg':'EdDSA','kid':'key-1'}"],
  [{ before: '  ', after: '\n//' }, '  {"alg":"EdDSA","kid":"key-1"}\n//'],
  [{ members: { exp: { $json: { $now: 1 } } } }, '{"alg":"EdDSA","kid":"key-1","exp":1900000001}'],
])('%j', (raw, wanted) => {
  expect(text(raw)).toBe(wanted)
})

test('with white space and line ends it is still the same JSON', () => {
  const pretty = text({ pretty: true })
  expect(pretty).toMatch(/\r\n/)
  expect(JSON.parse(pretty)).toEqual(members)
})

describe('the characters', () => {
  test.each([
    ['utf-8', '{"a":"ü"}'],
    ['utf-16le', '{"a":"ü"}'],
    ['latin1', '{"a":"ü"}'],
  ] as const)('in %s', (charset, wanted) => {
    const written = bytes({ text: '{"a":"ü"}', charset })
    expect(new TextDecoder(charset).decode(written)).toBe(wanted)
    expect(new Set([written.length]).has({ 'utf-8': 10, 'utf-16le': 18, latin1: 9 }[charset])).toBe(true)
  })

  test('may stand behind a byte order mark', () => {
    expect([...bytes({ charset: 'utf-8-bom' }).subarray(0, 4)]).toEqual([0xef, 0xbb, 0xbf, 0x7b])
  })
})

test('compressed they are DEFLATE without a frame (RFC 7516 section 4.1.3)', () => {
  expect(inflateRawSync(bytes({ deflate: true })).toString()).toBe('{"alg":"EdDSA","kid":"key-1"}')
})

describe('base64', () => {
  const odd = { text: '{"a":"??>~"}' }
  const usual = writeSegment(members, odd, scene)

  test('is of the URL alphabet without padding', () => {
    expect(usual).toMatch(/^[\w-]+$/)
  })

  test('padded has equals signs up to a multiple of four', () => {
    const padded = segment({ text: '{"a":1}', base64: 'padded' })
    expect(padded).toBe(Buffer.from('{"a":1}').toString('base64'))
    expect(padded).toMatch(/=$/)
  })

  test('of the standard alphabet decodes to the same bytes', () => {
    const standard = segment({ ...odd, base64: 'standard' })
    expect(standard).toMatch(/[+/]/)
    expect(Buffer.from(standard, 'base64')).toEqual(Buffer.from(usual, 'base64url'))
  })

  test('that is not canonical differs in bits that mean nothing', () => {
    const other = segment({ text: '{"a":1}', base64: 'noncanonical' })
    expect(other).not.toBe(segment({ text: '{"a":1}' }))
    expect(Buffer.from(other, 'base64url').toString()).toBe('{"a":1}')
  })

  test('none leaves the text as it is', () => {
    expect(segment({ base64: 'none' })).toBe('{"alg":"EdDSA","kid":"key-1"}')
  })

  test('takes a text in at its start, its middle or its end', () => {
    const whole = segment({})
    const half = whole.length >> 1
    expect(segment({ insert: { text: '\n', at: 'start' } })).toBe(`\n${whole}`)
    expect(segment({ insert: { text: '\n', at: 'middle' } })).toBe(
      `${whole.slice(0, half)}\n${whole.slice(half)}`,
    )
    expect(segment({ insert: { text: '\n', at: 'end' } })).toBe(`${whole}\n`)
  })
})
