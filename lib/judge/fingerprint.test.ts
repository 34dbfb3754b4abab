import { describe, expect, test } from 'vitest'
import type { Answered } from '../exchange/answer.ts'
import { answered } from './fixture.ts'
import { commonFingerprint, fingerprint, matches } from './fingerprint.ts'

type Fields = readonly (readonly [name: string, value: string])[]

const json = ['Content-Type', 'application/json'] as const
const challenge = ['WWW-Authenticate', 'Bearer realm="gateway", error="invalid_token"'] as const
const fields: Fields = [json, challenge, ['Date', 'Thu, 01 Jan 2026 12:00:00 GMT']]
const known = fingerprint(answered(401, fields, 'no'), false)

describe('an answer is of the same kind', () => {
  test.each<[string, Fields]>([
    [
      'in another letter case',
      [
        ['content-type', 'Application/JSON'],
        ['www-authenticate', 'BEARER realm=x'],
      ],
    ],
    ['with a character set', [['Content-Type', 'application/json; charset=utf-8'], challenge]],
    ['with other parameters of the challenge', [json, ['WWW-Authenticate', 'Bearer']]],
    ['with parameters that spaces separate', [json, ['WWW-Authenticate', 'Bearer realm="x" error="y"']]],
    ['with parameters in another order', [json, ['WWW-Authenticate', 'Bearer error="y", realm="x"']]],
    ['with the same challenge twice', [json, challenge, challenge]],
    ['that ends the connection', [...fields, ['Connection', 'close']]],
    ['that is compressed', [...fields, ['Content-Encoding', 'gzip'], ['Vary', 'Accept-Encoding']]],
    ['with headers of its own', [...fields, ['X-Request-Id', '7'], ['Server', 'gw']]],
  ])('%s', (_, headers) => {
    expect(matches(answered(401, headers, 'another body'), known)).toBe(true)
  })
})

describe('an answer is of another kind', () => {
  test.each<[string, number, Fields]>([
    ['by its status', 403, fields],
    ['without the challenge', 401, [json]],
    ['by the scheme of the challenge', 401, [json, ['WWW-Authenticate', 'Basic realm="gateway"']]],
    ['by one more scheme', 401, [...fields, ['WWW-Authenticate', 'Negotiate']]],
    ['by its media type', 401, [['Content-Type', 'text/html'], challenge]],
    ['by a Location', 401, [...fields, ['Location', 'https://login.example.test/']]],
    ['by the status of gRPC', 401, [...fields, ['grpc-status', '16']]],
  ])('%s', (_, status, headers) => {
    expect(matches(answered(status, headers, 'no'), known)).toBe(false)
  })
})

const redirect = (location: string): Answered => answered(302, [['Location', location]])

test.each([
  ['https://login.example.test/a?x=1', 'https://login.example.test/b', true],
  ['https://login.example.test/', 'https://login.example.test:8443/', false],
  ['/login', '/other', true],
  ['/login', 'https://login.example.test/login', false],
])('of a Location the origin counts: %s and %s', (one, other, same) => {
  expect(matches(redirect(one), fingerprint(redirect(other), false))).toBe(same)
})

describe('the body counts', () => {
  const page = (body: string) => answered(404, [], body)

  test('where two equal controls had it equal', () => {
    const common = commonFingerprint([page('a'), page('a')])
    expect(common && matches(page('a'), common)).toBe(true)
    expect(common && matches(page('b'), common)).toBe(false)
  })

  test.each([
    ['they had not', [page('a'), page('b')]],
    ['there was only one', [page('a')]],
  ])('and not where %s', (_, answers) => {
    const common = commonFingerprint(answers)
    expect(common && matches(page('c'), common)).toBe(true)
  })

  test('nobody has answered', () => {
    expect(commonFingerprint([])).toBeUndefined()
  })
})
