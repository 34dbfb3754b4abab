import { expect, test } from 'vitest'
import { requestTo } from './fixture.ts'
import { framedTwice, frameOf } from './frame.ts'

test('a request with two lengths covers the next by the one and ends before it by the other', () => {
  const next = frameOf(requestTo('/2'), 'h')
  const { bytes } = framedTwice(requestTo('/1', { method: 'POST' }), next, 'h')
  const text = bytes.toString('latin1')
  expect(text).toContain('Transfer-Encoding: chunked\r\n')
  expect(text.endsWith('\r\n\r\n0\r\n\r\n')).toBe(true)
  expect(text.match(/Content-Length: (\d+)/g)).toEqual([`Content-Length: ${5 + next.bytes.length}`])
})

test('Host and Content-Length are added where a request lacks them and may have them', () => {
  const textOf = (changes: Parameters<typeof requestTo>[1]) =>
    frameOf(requestTo('/', changes), 'h').bytes.toString('latin1')
  expect(textOf({})).toBe('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
  expect(textOf({ omits: ['host'] })).toBe('GET / HTTP/1.1\r\n\r\n')
  expect(textOf({ method: 'POST' })).toContain('Content-Length: 0\r\n')
  expect(textOf({ method: 'POST', headers: [['Transfer-Encoding', 'chunked']] })).not.toContain(
    'Content-Length',
  )
})
