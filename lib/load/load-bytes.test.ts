import { describe, expect, it } from 'vitest'
import { targetAt } from '../exchange/fixture.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { loadBytes, MixError } from './load-bytes.ts'

const request = (changes: Partial<ForgedRequest> = {}): ForgedRequest => ({
  method: 'GET',
  target: '/a',
  headers: [['Authorization', 'Bearer a.b.c']],
  version: '1.1',
  raw: false,
  secrets: [],
  ...changes,
})
const over = (http: '1.1' | '2', changes: Partial<ForgedRequest>) => () =>
  loadBytes(request(changes), { target: targetAt('http://gateway.test', { http }) })

describe('a request under load', () => {
  it.each([
    ['a protocol of its own', { version: '2' }, 'target.http is 2'],
    ['one before it on its connection', { connection: 'same' }, 'share a connection'],
    ['one behind it on its connection', { next: request() }, 'share a connection'],
    ['one before it', { before: request() }, 'has to go before it'],
    ['another name in TLS', { servername: 'other' }, 'another name in TLS'],
    ['another certificate', { certificate: 'none' }, 'another client certificate'],
    ['another address', { over: 'plaintext' }, 'without TLS'],
    ['bytes that no client writes', { raw: true }, 'byte by byte'],
  ] satisfies [string, Partial<ForgedRequest>, string][])(
    'is refused that needs %s',
    (_what, changes, words) => {
      expect(over('1.1', changes)).toThrow(MixError)
      expect(over('1.1', changes)).toThrow(words)
    },
  )

  it('of HTTP/2 is one where load speaks it, and then none of HTTP/1.0 is, nor what HTTP/2 has not', () => {
    expect(over('2', { version: '2' })().toString()).toMatch(/^GET \/a HTTP\/1\.1\r\n/)
    expect(over('2', { version: '1.0' })).toThrow('HTTP/1.0')
    expect(over('2', { headers: [['Connection', 'close']] })).toThrow('HTTP/2 has no connection header')
  })
})
