import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from './gateway.ts'
import { exchangeBytes, mint, now, specificationWith } from './testing/rig.ts'

let gateway: Gateway

beforeAll(async () => {
  gateway = await startGateway({ specification: specificationWith(), pathPrefix: '/v1', now })
})
afterAll(() => gateway.close())

const goodToken = mint()

describe('bytes that are no request', () => {
  const head = 'GET /v1/hello HTTP/1.1\r\nHost: x\r\n'
  const malformed: Record<string, string> = {
    'a folded header': `${head}Authorization: Bearer\r\n ${goodToken}\r\n\r\n`,
    'a NUL in a header': `${head}Authorization: Bearer ${goodToken}\0\r\n\r\n`,
    'a bare LF': `${head}A: b\nC: d\r\n\r\n`,
    'a space before the colon': `${head}Authorization : Bearer ${goodToken}\r\n\r\n`,
    'a method that is none': 'GETX /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n',
    'two lengths':
      'POST /v1/hello HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  }
  it.each(Object.entries(malformed))(
    'are answered with invalid_request, and the end: %s',
    async (_, bytes) => {
      const answer = await exchangeBytes(gateway.port, bytes)
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
      expect(answer).toContain('error="invalid_request"')
      expect(answer).toContain('Connection: close')
      expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1)
    },
  )

  it.each([
    ['no Host', 'GET /v1/hello HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['two Hosts', `${head}Host: y\r\nConnection: close\r\n\r\n`],
    [
      'a target of another authority',
      'GET http://y/v1/hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    ],
    ['a coding that ends nowhere', 'POST /v1/hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: x\r\n\r\n'],
  ])('are refused though they parse: %s', async (_, bytes) => {
    expect(await exchangeBytes(gateway.port, bytes)).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('may have the absolute form with the same authority', async () => {
    const bytes = `GET http://X/v1/hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${goodToken}\r\n\r\n`
    expect(await exchangeBytes(gateway.port, bytes)).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('are answered after the request before them', async () => {
    const answer = await exchangeBytes(
      gateway.port,
      `${head}Authorization: Bearer ${goodToken}\r\n\r\nnonsense\r\n\r\n`,
    )
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400'])
  })

  it('are answered where they never end', async () => {
    const answer = await exchangeBytes(gateway.port, `${head}X: ${'x'.repeat(1_000_000)}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 431 /)
  })

  it('are refused where they ask for a tunnel', async () => {
    const answer = await exchangeBytes(gateway.port, 'CONNECT example.test:80 HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 405 /)
  })
})

describe('a connection', () => {
  const request = (extra = '') => `GET /v1/hello HTTP/1.1\r\nHost: x\r\n${extra}\r\n`
  const close = 'Connection: close\r\n'

  it('has each of its requests judged alone', async () => {
    const good = request(`Authorization: Bearer ${goodToken}\r\n`)
    const bad = request(`Authorization: Bearer ${mint({}, { aud: 'x' })}\r\n${close}`)
    const answers = await exchangeBytes(gateway.port, good + request() + good + bad)
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(
      [200, 401, 200, 401].map((status) => `HTTP/1.1 ${status}`),
    )
  })

  it('lets the client read the refusal of a body that is still on its way', async () => {
    const head = 'POST /v1/hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n'
    const answer = await exchangeBytes(
      gateway.port,
      Buffer.concat([Buffer.from(head), Buffer.alloc(5_000_000)]),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 401 /)
    expect(answer).toContain('Connection: close')
  })

  it('has a bad token refused before the body is asked for', async () => {
    const head = 'POST /v1/hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n'
    const answer = await exchangeBytes(gateway.port, head)
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401'])
  })

  it('is not upgraded', async () => {
    const upgrade = 'Upgrade: h2c\r\nConnection: close, Upgrade\r\n'
    expect(await exchangeBytes(gateway.port, request(upgrade))).toMatch(/^HTTP\/1\.1 401 /)
  })

  it('may be HTTP/1.0', async () => {
    expect(await exchangeBytes(gateway.port, 'GET /v1/hello HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 401 /)
  })
})
