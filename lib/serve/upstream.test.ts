import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { ServeError } from './open.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const listen = { host: '127.0.0.1', port: 0, idHeader: 'x-gateproof-id' }
const standing: Upstream[] = []
afterEach(async () => {
  for (const upstream of standing.splice(0)) await upstream.close()
})
const start = async (canary?: string): Promise<Upstream> => {
  const upstream = await startUpstream(listen, { now: () => 42, ...(canary !== undefined && { canary }) })
  standing.push(upstream)
  return upstream
}
/** All that comes back for these bytes, until the server closes. */
const exchange = async ({ port }: Upstream, bytes: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  let text = ''
  socket.on('data', (piece: string) => (text += piece))
  socket.write(bytes, 'latin1')
  await once(socket, 'close')
  return text
}

describe('the upstream', () => {
  it('names the request in its answer, with the canary', async () => {
    const upstream = await start('canary-1')
    const response = await fetch(`${upstream.url}/a?b=c`, { headers: { 'X-Gateproof-Id': 'id-7' } })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ method: 'GET', target: '/a?b=c', id: 'id-7', canary: 'canary-1' })
  })

  it('takes the longest token of the suites', async () => {
    const upstream = await start()
    const text = await exchange(
      upstream,
      `GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${'a'.repeat(400_000)}\r\nConnection: close\r\n\r\n`,
    )
    expect(text).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('remembers hits by their attempt, headers as they came and bodies as their size', async () => {
    const upstream = await start()
    await fetch(`${upstream.url}/one`, {
      method: 'POST',
      body: 'x'.repeat(100_000),
      headers: { 'x-gateproof-id': 'a' },
    })
    await fetch(`${upstream.url}/two`)
    expect(upstream.hitsOf('a')).toMatchObject([
      { method: 'POST', target: '/one', bodyBytes: 100_000, id: 'a', at: 42 },
    ])
    expect(upstream.hits().map(({ target }) => target)).toEqual(['/one', '/two'])
    expect(upstream.hits()[1]).not.toHaveProperty('id')
    const text = await exchange(
      upstream,
      'GET /three HTTP/1.1\r\nHost: h\r\nX-A: \xe9\r\nX-A: 2\r\nConnection: close\r\n\r\n',
    )
    expect(text).toMatch(/^HTTP\/1\.1 200 /)
    expect(upstream.hits()[2]?.headers).toEqual([
      ['Host', 'h'],
      ['X-A', '\xe9'],
      ['X-A', '2'],
      ['Connection', 'close'],
    ])
  })

  it.each([
    ['without Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 'GET', 200],
    [
      'that wants to upgrade',
      'GET / HTTP/1.1\r\nConnection: Upgrade, close\r\nUpgrade: x\r\n\r\n',
      'GET',
      200,
    ],
    [
      'that expects what nobody offers',
      'GET / HTTP/1.1\r\nExpect: x\r\nConnection: close\r\n\r\n',
      'GET',
      200,
    ],
    ['with a method of its own', 'GRIMACE /x HTTP/1.1\r\nX-Gateproof-Id: i\r\n\r\n', 'GRIMACE', 200],
    ['with a method in lower case', 'get /x HTTP/1.1\r\n\r\n', 'get', 200],
    ['for a tunnel', 'CONNECT h:443 HTTP/1.1\r\nX-Gateproof-Id: i\r\n\r\n', 'CONNECT', 405],
    ['that is malformed', 'GET /x HTTP/1.1\r\nA b\r\n\r\n', 'GET', 400],
    ['with two lengths', 'POST /x HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 'POST', 400],
  ])('counts a request %s', async (_, bytes, method, status) => {
    const upstream = await start()
    expect(await exchange(upstream, bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(upstream.hits()).toMatchObject([{ method }])
    if (bytes.includes('X-Gateproof-Id')) expect(upstream.hitsOf('i')).toHaveLength(1)
  })

  it('counts a request whose body never comes', async () => {
    const upstream = await start()
    const socket = connect(upstream.port, '127.0.0.1')
    socket.write('POST /half HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf')
    while (upstream.hits()[0]?.bodyBytes !== 4) await new Promise((resolve) => setImmediate(resolve))
    expect(upstream.hits()).toMatchObject([{ target: '/half' }])
    socket.destroy()
  })

  it('answers 401 or 403 with a challenge of its own where a header or the query asks for it', async () => {
    const upstream = await start()
    const asked = [
      fetch(`${upstream.url}/`, { headers: { 'X-Gateproof-Answer': '401' } }),
      fetch(`${upstream.url}/?a=b&x-gateproof-answer=403`),
      fetch(`${upstream.url}/`, { headers: { 'X-Gateproof-Answer': '500' } }),
    ]
    const answers = await Promise.all(asked)
    expect(answers.map(({ status }) => status)).toEqual([401, 403, 200])
    expect(answers.map(({ headers }) => headers.get('www-authenticate'))).toEqual([
      'Bearer realm="gateproof-upstream", error="insufficient_scope"',
      'Bearer realm="gateproof-upstream", error="insufficient_scope"',
      null,
    ])
  })

  it('remembers what came behind a chunked body', async () => {
    const upstream = await start()
    const head = 'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n'
    await exchange(upstream, `${head}1\r\na\r\n0\r\nX-User: admin\r\n\r\n`)
    expect(upstream.hits()).toMatchObject([{ bodyBytes: 1, trailers: [['X-User', 'admin']] }])
  })

  it('keeps a bounded part of many headers', async () => {
    const upstream = await start()
    const headers = `X-A: ${'b'.repeat(1000)}\r\n`.repeat(60)
    await exchange(upstream, `GET / HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`)
    expect(JSON.stringify(upstream.hits()[0]?.headers).length).toBeLessThan(52_000)
  })

  it('forgets the oldest hits, but not that they came', async () => {
    const upstream = await start()
    const request = (at: number): string => `GET /${at} HTTP/1.1\r\nHost: h\r\n\r\n`
    const many = Array.from({ length: 10_010 }, (_, at) => request(at)).join('')
    await exchange(upstream, `${many}GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`)
    expect(upstream.counted()).toBe(10_011)
    expect(upstream.hits()).toHaveLength(10_000)
    expect(upstream.hits().at(-1)?.target).toBe('/last')
  })

  it('says which address is in use', async () => {
    const { port } = await start()
    const second = startUpstream({ ...listen, port }, { now: Date.now })
    await expect(second).rejects.toThrow(ServeError)
    await expect(second).rejects.toThrow(`serve.upstream: 127.0.0.1:${port} is in use`)
  })

  it('says that its certificate is none', async () => {
    const starting = startUpstream({ ...listen, tls: { cert: 'no', key: 'no' } }, { now: Date.now })
    await expect(starting).rejects.toThrow(/^serve\.upstream\.tls cannot be used/)
  })

  it('is seen under the name that the configuration gives', async () => {
    const upstream = await startUpstream(
      { ...listen, url: 'http://host.docker.internal:9402/' },
      { now: Date.now },
    )
    standing.push(upstream)
    expect(upstream.url).toBe('http://host.docker.internal:9402')
  })
})
