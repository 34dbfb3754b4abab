import { describe, expect, it } from 'vitest'
import type { ForgedRequest } from '../forge/request.ts'
import { lacksOverHttp2, streamRequest } from './http2-fields.ts'
import { requestBytes } from './request-bytes.ts'

const request = (changes: Partial<ForgedRequest> = {}): ForgedRequest => ({
  method: 'POST',
  target: '/a?b=c',
  headers: [
    ['Authorization', 'Bearer a.b.c'],
    ['X-Latin', 'caf\xe9: yes'],
  ],
  body: Buffer.from('x=1'),
  version: '1.1',
  raw: false,
  secrets: [],
  ...changes,
})

describe('a request over HTTP/2', () => {
  it('has the fields and the body of the same request over HTTP/1.1', () => {
    const { fields, body } = streamRequest(requestBytes(request(), 'gateway.test'), 'https')
    expect(fields).toEqual({
      ':method': 'POST',
      ':path': '/a?b=c',
      ':scheme': 'https',
      ':authority': 'gateway.test',
      authorization: 'Bearer a.b.c',
      'x-latin': 'caf\xe9: yes',
      'content-length': '3',
    })
    expect(Buffer.from(body ?? []).toString()).toBe('x=1')
    const { body: none } = streamRequest(
      requestBytes({ ...request({ method: 'GET' }), body: Buffer.alloc(0) }, 'a'),
      'http',
    )
    expect(none).toBeUndefined()
    expect(lacksOverHttp2(request())).toBeUndefined()
  })

  it.each([
    [
      'what belongs to a connection',
      { headers: [['Connection', 'Authorization']] },
      'HTTP/2 has no connection',
    ],
    [
      'a header twice',
      {
        headers: [
          ['X-A', '1'],
          ['x-a', '2'],
        ],
      },
      'several x-a headers',
    ],
    ['another Host', { headers: [['Host', 'other']] }, 'Host header'],
    ['no Host', { omits: ['host'] }, 'without :authority'],
    ['a name that is none', { headers: [['X A', '1']] }, 'name of a header'],
    ['a value with blanks around it', { headers: [['X-A', ' 1']] }, 'value of a header'],
    ['a value with a control character', { headers: [['X-A', 'a\0b']] }, 'value of a header'],
    ['an absolute target', { target: 'http://a/b' }, 'slash'],
  ] satisfies [string, Partial<ForgedRequest>, string][])('cannot have %s', (_what, changes, words) => {
    expect(lacksOverHttp2(request(changes))).toContain(words)
  })
})
