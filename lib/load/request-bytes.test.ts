import { describe, expect, it } from 'vitest'
import type { ForgedRequest } from '../forge/request.ts'
import { requestBytes } from './request-bytes.ts'

const request: ForgedRequest = {
  method: 'GET',
  target: '/v1/hello',
  headers: [['Authorization', 'Bearer x']],
  version: '1.1',
  raw: false,
  secrets: [],
}
const text = (change: Partial<ForgedRequest>): string =>
  requestBytes({ ...request, ...change }, 'gw.test:8443').toString('latin1')

describe('the bytes of a request', () => {
  it('name the host', () => {
    expect(text({})).toBe('GET /v1/hello HTTP/1.1\r\nHost: gw.test:8443\r\nAuthorization: Bearer x\r\n\r\n')
  })

  it('leave alone what the request says itself, or does without', () => {
    expect(text({ headers: [['host', 'other.test']] })).toBe(
      'GET /v1/hello HTTP/1.1\r\nhost: other.test\r\n\r\n',
    )
    expect(text({ headers: [], omits: ['host'], version: '1.0' })).toBe('GET /v1/hello HTTP/1.0\r\n\r\n')
  })

  it('carry the body, with its length where the request does not say it', () => {
    const body = Buffer.from('{"é":1}')
    expect(text({ method: 'POST', headers: [], body })).toContain('Content-Length: 8\r\n\r\n{"')
    expect(text({ method: 'POST', headers: [['content-length', '3']], body })).not.toContain('Content-Length')
    expect(text({ method: 'POST', headers: [['Transfer-Encoding', 'chunked']], body })).not.toContain(
      'Length',
    )
  })

  it('keep header values byte by byte', () => {
    expect(requestBytes({ ...request, headers: [['x', '\u00ff']] }, 'h').includes(0xff)).toBe(true)
  })

  it('are refused where the answer has no frame of its own, or the request would break the next one', () => {
    expect(() => text({ method: 'HEAD' })).toThrow('HEAD cannot be used under load')
    expect(() => text({ raw: true })).toThrow('byte by byte')
    expect(() => text({ headers: [['x', 'a\r\nhost: evil']] })).toThrow('line break')
  })
})
