import { describe, expect, it } from 'vitest'
import { ResponseReader } from './response-reader.ts'

const head = (status: number, ...fields: string[]): string =>
  [`HTTP/1.1 ${status} X`, ...fields, '', ''].join('\r\n')

/** Reads a text in pieces of that many bytes. */
const read = (text: string, size: number): { outcome: string; reader: ResponseReader } => {
  const reader = new ResponseReader(100)
  let outcome = 'more'
  for (let at = 0; at < text.length; at += size)
    if (outcome !== 'malformed') outcome = reader.push(Buffer.from(text.slice(at, at + size), 'latin1'))
  return { outcome, reader }
}

describe.each([1, 3, 10_000])('a response in pieces of %i bytes', (size) => {
  it.each([
    ['a length', head(200, 'Content-Length: 5') + 'hello', 'hello'],
    ['no body', head(401, 'content-length: 0', 'WWW-Authenticate: Bearer'), ''],
    ['a status that has none', head(204), ''],
    [
      'chunks',
      head(200, 'Transfer-Encoding: chunked') + '3;x=1\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n',
      'abcde',
    ],
    ['an interim response before it', head(103, 'Link: </x>') + head(200, 'Content-Length: 2') + 'ok', 'ok'],
    ['the same length twice', head(200, 'Content-Length: 2', 'Content-Length: 2') + 'ok', 'ok'],
  ])('is complete with %s', (_what, text, body) => {
    const { outcome, reader } = read(text, size)
    expect(outcome).toBe('done')
    expect(Buffer.from(reader.answer.body).toString()).toBe(body)
    expect(reader.keepAlive).toBe(true)
  })

  it('is complete before a byte too many, which is noticed', () => {
    const { outcome, reader } = read(head(200, 'Content-Length: 2') + 'ok!', size)
    expect(outcome).toBe('surplus')
    expect(Buffer.from(reader.answer.body).toString()).toBe('ok')
  })

  it.each([
    ['half a body', head(200, 'Content-Length: 5') + 'he'],
    ['half a head', 'HTTP/1.1 200 OK\r\nX: y'],
    ['chunks without an end', head(200, 'Transfer-Encoding: chunked') + '3\r\nabc\r\n'],
  ])('is not complete with %s, nor does the end of the connection make it so', (_what, text) => {
    const { outcome, reader } = read(text, size)
    expect(outcome).toBe('more')
    expect(reader.end()).toBe(false)
  })

  it.each([
    ['two lengths', head(200, 'Content-Length: 2', 'Content-Length: 3') + 'ok'],
    ['a length that is no number', head(200, 'Content-Length: +2') + 'ok'],
    ['a length and chunks', head(200, 'Content-Length: 2', 'Transfer-Encoding: chunked') + '0\r\n\r\n'],
    ['a coding that has no frame', head(200, 'Transfer-Encoding: gzip') + 'ok'],
    ['a chunk size that is no number', head(200, 'Transfer-Encoding: chunked') + 'zz\r\n'],
    ['a field without a name', head(200, ': x', 'Content-Length: 0')],
    ['a folded field', head(200, 'X: a', ' b', 'Content-Length: 0')],
    ['another protocol', 'SSH-2.0-x\r\n\r\n'],
  ])('is malformed with %s', (_what, text) => {
    expect(read(text, size).outcome).toBe('malformed')
  })
})

describe('a response', () => {
  it('without a length ends with the connection, which cannot be used again', () => {
    const { outcome, reader } = read(head(200) + 'until the end', 4)
    expect(outcome).toBe('more')
    expect(reader.end()).toBe(true)
    expect(reader.keepAlive).toBe(false)
    expect(Buffer.from(reader.answer.body).toString()).toBe('until the end')
  })

  it('may say that the connection ends', () => {
    expect(read(head(401, 'Connection: x, Close', 'Content-Length: 0'), 99).reader.keepAlive).toBe(false)
    expect(read('HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', 99).reader.keepAlive).toBe(false)
  })

  it('is malformed where its head or a line of it has no end', () => {
    expect(read('HTTP/1.1 200 OK\r\nX: ' + 'y'.repeat(70_000), 70_100).outcome).toBe('malformed')
    expect(read(head(200, 'Transfer-Encoding: chunked') + '1;' + 'y'.repeat(9000), 10_000).outcome).toBe(
      'malformed',
    )
  })

  it('is held no further than asked', () => {
    const { reader } = read(head(200, 'Content-Length: 500') + 'z'.repeat(500), 50)
    expect(reader.answer.body.length).toBe(100)
  })
})
