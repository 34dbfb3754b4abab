import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { armsOf } from './arms.ts'
import {
  measureValidation,
  type ValidationPlan,
  type ValidationSettings,
  type Variant,
} from './validation.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** Answers /public, /protected and /protected?bad, and keeps what was asked. */
const serve = async (
  change: (url: string, response: ServerResponse) => void = () => undefined,
): Promise<string[]> => {
  const asked: string[] = []
  server = createServer(({ url = '' }, response) => {
    asked.push(url)
    response.statusCode = url.includes('bad') ? 401 : 200
    change(url, response)
    response.end('ok')
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return asked
}

const get = (path: string): Uint8Array => Buffer.from(`GET ${path} HTTP/1.1\r\nHost: t\r\n\r\n`)
const variant = (status: number, first: string, ...others: string[]): Variant => ({
  requests: [get(first), ...others.map(get)],
  isExpected: (answer) => answer.status === status,
})
const distinct = (count: number): Variant =>
  variant(
    200,
    '/protected?token=0',
    ...Array.from({ length: count - 1 }, (_, at) => `/protected?token=${at + 1}`),
  )

const relative = (count: number): ValidationPlan =>
  armsOf({
    repeated: variant(200, '/protected'),
    distinct: distinct(count),
    algorithm: 'RS256',
    others: [],
  })
const whole = (count: number): ValidationPlan =>
  armsOf({
    repeated: variant(200, '/protected'),
    distinct: distinct(count),
    algorithm: 'RS256',
    others: [],
    public: { bare: variant(200, '/public'), withBytes: variant(200, '/public?token') },
    refused: variant(401, '/protected?bad'),
  })
const measure = (
  plan: ValidationPlan,
  settings: Partial<ValidationSettings> = {},
  signal = new AbortController().signal,
) =>
  measureValidation(
    plan,
    {
      endpoint: { host: '127.0.0.1', port: (server?.address() as AddressInfo | null)?.port ?? 0 },
      timeoutMs: 2000,
      durationMs: 10_000,
      maxBlocks: 200,
      bodyBytes: 0,
      seed: 5,
      ...settings,
    },
    signal,
  )

describe('the measurement of validation', () => {
  it('sends every variant once in each block, in changing order, and compares them', async () => {
    const asked = await serve()
    const result = await measure(whole(1000))
    expect(result).toMatchObject({ blocks: 180, dropped: 0, relative: false, leftOut: [] })
    expect(Object.keys(result.variants).toSorted()).toEqual([
      'protected distinct',
      'protected repeated',
      'public',
      'public+bytes',
      'public+bytes (twin)',
      'refused',
    ])
    expect(result.differences.map(({ name }) => name)).toEqual([
      'validation',
      'validation, token seen before',
      'token not seen before',
      'token header',
      'refusal',
    ])
    const blocks = Array.from({ length: 200 }, (_, at) =>
      asked.slice(6 + at * 6, 12 + at * 6).map((url) => url.replace(/=\d+/, '')),
    )
    const shapes = new Set(blocks.map((block) => block.toSorted().join(' ')))
    expect([...shapes]).toEqual([
      '/protected /protected?bad /protected?token /public /public?token /public?token',
    ])
    expect(new Set(blocks.map((block) => block.join(' '))).size).toBeGreaterThan(50)
  })

  it('ends with the last distinct token, and never sends one twice', async () => {
    const asked = await serve()
    const result = await measure(whole(151))
    expect(result.blocks).toBe(135)
    const tokens = asked.filter((url) => url.startsWith('/protected?token='))
    expect(tokens).toHaveLength(151)
    expect(new Set(tokens).size).toBe(151)
  })

  it('is relative without a public route', async () => {
    await serve()
    const result = await measure(relative(1000))
    expect(result.relative).toBe(true)
    expect(result.differences.map(({ name }) => name)).toEqual(['token not seen before'])
    expect(result.aa).not.toBeNull()
  })

  it('leaves out refusals that close the connection, and says so', async () => {
    await serve((url, response) => {
      if (url.includes('bad')) response.setHeader('connection', 'close')
    })
    const result = await measure(whole(1000))
    expect(result.blocks).toBe(180)
    expect(result.leftOut).toEqual([
      { name: 'refused', reason: 'the gateway closes the connection after it' },
    ])
  })

  it('is not valid where good tokens are refused', async () => {
    await serve((url, response) => {
      if (url.startsWith('/protected')) response.statusCode = 401
    })
    expect(await measure(whole(1000))).toMatchObject({
      valid: false,
      reason: 'protected repeated: answered with 401, which was not expected',
      blocks: 0,
    })
  })

  it('gives up the blocks in which an answer was another than expected', async () => {
    let count = 0
    await serve((_url, response) => {
      if (++count % 100 === 0) response.statusCode = 503
    })
    const result = await measure(whole(1000))
    expect(result.dropped).toBeGreaterThan(0)
    expect(result.blocks).toBe(Math.ceil((200 - result.dropped) * 0.9))
  })

  it('gives up where nothing more comes, or nobody is there', async () => {
    let count = 0
    await serve((_url, response) => {
      if (++count > 50) response.destroy()
    })
    expect(await measure(whole(1000))).toMatchObject({ valid: false, dropped: 20 })
    const { port } = server?.address() as AddressInfo
    server?.closeAllConnections()
    await new Promise((resolve) => server?.close(resolve))
    const { reason } = await measure(whole(1000), { endpoint: { host: '127.0.0.1', port } })
    expect(reason).toContain('ECONNREFUSED')
  })

  it('can be interrupted', async () => {
    await serve()
    expect(await measure(whole(1000), {}, AbortSignal.abort())).toMatchObject({ valid: false, blocks: 0 })
  })
})
