import { describe, expect, it } from 'vitest'
import { readRequest } from './evidence.ts'

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const token = (claims: object, signature = 'c2lnbmF0dXJl'): string =>
  `${encoded({ alg: 'RS256', kid: 'k' })}.${encoded(claims)}.${signature}`
const request = (...headers: string[]): Buffer =>
  Buffer.from(['GET /v1/hello?access_token=secret HTTP/1.1', 'Host: t', ...headers, '', ''].join('\r\n'))

describe('the evidence of a misjudged request', () => {
  it('is what it asked for and what its token says, without what authenticates', () => {
    const shown = readRequest(request(`Authorization: Bearer ${token({ sub: 'me', exp: 5 })}`))
    expect(shown).toEqual({
      method: 'GET',
      path: '/v1/hello',
      token: { header: '{"alg":"RS256","kid":"k"}', claims: '{"sub":"me","exp":5}' },
    })
    expect(JSON.stringify(shown)).not.toMatch(/c2lnbmF0dXJl|secret/)
  })

  it('has no token where none was sent, or none that can be read', () => {
    expect(readRequest(request())).toEqual({ method: 'GET', path: '/v1/hello' })
    expect(readRequest(request('Authorization: Bearer gibberish.gibberish.x')).token).toBeUndefined()
  })

  it('is of a token without a signature too', () => {
    expect(readRequest(request(`Authorization: Bearer ${token({ sub: 'x' }, '')}`)).token).toBeDefined()
  })

  it('is bounded', () => {
    const { token: shown } = readRequest(request(`Authorization: Bearer ${token({ sub: 'x'.repeat(9000) })}`))
    expect(shown?.claims).toHaveLength(2000)
  })
})
