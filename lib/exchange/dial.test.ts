import { generateKeyPairSync } from 'node:crypto'
import { createServer as createHttp } from 'node:http'
import { createSecureServer } from 'node:http2'
import { connect, createServer as createTcp, type Socket } from 'node:net'
import { createServer as createTls, type TlsOptions } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import type { Target } from '../config/config.ts'
import { certificatePem, makeCertificate } from '../forge/certificate.ts'
import type { Answer } from './answer.ts'
import { openExchange } from './exchange.ts'
import { listenOn, requestTo, serveBytes, targetAt, type Wire } from './fixture.ts'
import type { Environment } from './proxy.ts'

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close()
})
const opening = <T extends { close(): Promise<void> }>(thing: T): T => {
  opened.push(thing)
  return thing
}
const send = (target: Target, raw: boolean, environment: Environment = {}): Promise<Answer> =>
  opening(openExchange(target, { now: Date.now, environment })).send(requestTo('/', { raw }))

const issuer = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const validity = { notBefore: new Date('2020-01-01'), notAfter: new Date('2049-01-01') }
const ca = certificatePem(
  makeCertificate({
    subject: 'ca',
    publicKey: issuer.publicKey,
    signWith: issuer.privateKey,
    validity,
    ca: true,
  }),
)
const certify = (altNames: readonly string[], times = validity) => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signWith = issuer.privateKey
  const der = makeCertificate({
    subject: 'server',
    issuer: 'ca',
    publicKey,
    signWith,
    validity: times,
    altNames,
    ca: false,
  })
  return { cert: certificatePem(der), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

const serveTls = async (options: TlsOptions, names: string[] = []): Promise<Wire> => {
  const server = createTls({ ...options, ALPNProtocols: ['http/1.1'] }, (socket) => {
    names.push('servername' in socket ? String(socket.servername) : '')
    socket.on('error', () => undefined).on('data', () => socket.write(ok))
  })
  server.on('tlsClientError', () => undefined)
  const wire = opening(await listenOn(server))
  return { ...wire, origin: wire.origin.replace('http:', 'https:') }
}

describe.each([
  ['through the client', false],
  ['over a bare socket', true],
])('TLS %s', (_, raw) => {
  it('trusts the authority that is set, for an address and for a name', async () => {
    const names: string[] = []
    const wire = await serveTls(certify(['127.0.0.1', 'gw.example.test']), names)
    expect(await send(targetAt(wire.origin, { tls: { ca, insecure: false } }), raw)).toMatchObject({
      status: 200,
    })
    const elsewhere = targetAt('https://gw.example.test', {
      connect: { host: '127.0.0.1', port: wire.port },
      tls: { ca, insecure: false },
    })
    expect(await send(elsewhere, raw)).toMatchObject({ status: 200 })
    expect(names).toEqual(['false', 'gw.example.test'])
  })

  it('says what to set where the authority is unknown', async () => {
    const wire = await serveTls(certify(['127.0.0.1']))
    const answer = await send(targetAt(wire.origin), raw)
    expect(answer).toMatchObject({ kind: 'lost', loss: 'tls' })
    expect(answer).toHaveProperty(
      'detail',
      expect.stringMatching(new RegExp(`127.0.0.1:${wire.port}.*target.tls.ca`)),
    )
    expect(await send(targetAt(wire.origin, { tls: { insecure: true } }), raw)).toMatchObject({ status: 200 })
  })

  it('refuses a certificate for another name, unless that name is set', async () => {
    const wire = await serveTls(certify(['gw.example.test']))
    const answer = await send(targetAt(wire.origin, { tls: { ca, insecure: false } }), raw)
    expect(answer).toMatchObject({ loss: 'tls', detail: expect.stringContaining('target.tls.servername') })
    const tls = { ca, insecure: false, servername: 'gw.example.test' }
    expect(await send(targetAt(wire.origin, { tls }), raw)).toMatchObject({ status: 200 })
  })

  it('refuses a certificate that is out of date', async () => {
    const past = { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') }
    const wire = await serveTls(certify(['127.0.0.1'], past))
    const answer = await send(targetAt(wire.origin, { tls: { ca, insecure: false } }), raw)
    expect(answer).toMatchObject({ loss: 'tls', detail: expect.stringContaining('CERT_HAS_EXPIRED') })
  })

  it('shows the certificate of the client, and tells where one is missing', async () => {
    const wire = await serveTls({
      ...certify(['127.0.0.1']),
      ca,
      requestCert: true,
      rejectUnauthorized: true,
    })
    const answer = await send(targetAt(wire.origin, { tls: { ca, insecure: false } }), raw)
    expect(answer).toMatchObject({
      kind: 'lost',
      loss: 'tls',
      detail: expect.stringContaining('target.tls.cert'),
    })
    const tls = { ca, insecure: false, ...certify(['client']) }
    expect(await send(targetAt(wire.origin, { tls }), raw)).toMatchObject({ status: 200 })
  })

  it('that the server does not speak is told as such', async () => {
    const wire = opening(await serveBytes((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
    const answer = await send(targetAt(wire.origin.replace('http:', 'https:')), raw)
    expect(answer).toMatchObject({ loss: 'tls', detail: expect.stringContaining('does not speak TLS') })
  })

  it('whose handshake hangs is no time-out of an answer', async () => {
    const wire = opening(await serveBytes(() => undefined))
    const answer = await send(targetAt(wire.origin.replace('http:', 'https:'), { timeoutMs: 400 }), raw)
    expect(answer).toMatchObject({ loss: 'tls', detail: expect.stringContaining('took longer than 400 ms') })
  })
})

describe('HTTP/2', () => {
  const serveHttp2 = async (allowHTTP1: boolean): Promise<Wire & { versions: string[] }> => {
    const versions: string[] = []
    const server = createSecureServer({ ...certify(['127.0.0.1']), allowHTTP1 }, (request, response) => {
      versions.push(request.httpVersion)
      if (request.url === '/reset') response.stream.close(2)
      else response.writeHead(401, { 'x-a': '\xe9', 'www-authenticate': 'Bearer' }).end('no')
    })
    const wire = opening(await listenOn(server))
    return { ...wire, versions, origin: wire.origin.replace('http:', 'https:') }
  }
  const tls = { ca, insecure: false }

  it('is spoken where it is asked for, or where nothing else is', async () => {
    const both = await serveHttp2(true)
    expect(await send(targetAt(both.origin, { tls, http: '2' }), false)).toMatchObject({ status: 401 })
    await send(targetAt(both.origin, { tls }), false)
    await send(targetAt(both.origin, { tls, http: '2' }), true)
    expect(both.versions).toEqual(['2.0', '1.1', '1.1'])
    const only = await serveHttp2(false)
    const answer = await send(targetAt(only.origin, { tls }), false)
    expect(answer).toMatchObject({ status: 401, body: { excerpt: 'no' } })
    expect(answer).toHaveProperty(
      'headers',
      expect.arrayContaining([
        ['x-a', '\xe9'],
        ['www-authenticate', 'Bearer'],
      ]),
    )
    expect(only.versions).toEqual(['2.0'])
  })

  it.each([
    [true, 'auto', '1.1', '1.1'],
    [false, 'auto', '1.1', '2'],
    [true, '2', '2', '2'],
    [true, '1.1', '1.1', '1.1'],
  ] as const)(
    'or not is known once there was a connection (HTTP/1.1 %s, %s)',
    async (both, http, ...told) => {
      const wire = await serveHttp2(both)
      const exchange = opening(openExchange(targetAt(wire.origin, { tls, http }), { now: Date.now }))
      const before = exchange.version()
      await exchange.send(requestTo('/'))
      expect([before, exchange.version()]).toEqual(told)
    },
  )

  it('that was asked for and is not spoken is told as such', async () => {
    const wire = await serveTls(certify(['127.0.0.1']))
    expect(await send(targetAt(wire.origin, { tls, http: '2' }), false)).toMatchObject({ loss: 'tls' })
    expect(await send(targetAt('http://127.0.0.1:1', { http: '2' }), false)).toMatchObject({
      loss: 'unreachable',
    })
  })

  it('loses a stream that is reset, and the next is served', async () => {
    const wire = await serveHttp2(false)
    const exchange = opening(openExchange(targetAt(wire.origin, { tls, http: '2' }), { now: Date.now }))
    expect(await exchange.send(requestTo('/reset'))).toMatchObject({ kind: 'lost', loss: 'reset' })
    expect(await exchange.send(requestTo('/'))).toMatchObject({ status: 401 })
    expect(await exchange.send(requestTo('/'))).toMatchObject({ status: 401 })
  })
})

describe.each([
  ['through the client', false],
  ['over a bare socket', true],
])('a proxy %s', (_, raw) => {
  const serveProxy = async (status = 200): Promise<Wire & { seen: string[] }> => {
    const seen: string[] = []
    const server = createHttp()
    server.on('connect', (request, near: Socket) => {
      seen.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim())
      if (status !== 200) return void near.end(`HTTP/1.1 ${status} No\r\n\r\n`)
      const [host, port] = String(request.url).split(':')
      const far = connect(Number(port), host, () => {
        near.write('HTTP/1.1 200 Connection established\r\n\r\n')
        near.pipe(far).pipe(near)
      })
      far.on('error', () => near.destroy())
      near.on('error', () => far.destroy()).on('close', () => far.destroy())
    })
    return { ...opening(await listenOn(server)), seen }
  }
  const plain = async (): Promise<Wire> => opening(await serveBytes((socket) => void socket.write(ok)))

  it('is asked for a tunnel, with its credentials and never with a trace of them', async () => {
    const [wire, proxy, full] = [await plain(), await serveProxy(), await serveProxy(407)]
    const url = (port: number) => `http://user:pass%20word@127.0.0.1:${port}`
    const through = (port: number) => targetAt(wire.origin, { proxy: { kind: 'url', url: url(port) } })
    expect(await send(through(proxy.port), raw)).toMatchObject({ status: 200 })
    expect(proxy.seen).toEqual([`127.0.0.1:${wire.port} Basic ${btoa('user:pass word')}`])
    const refused = await send(through(full.port), raw)
    expect(refused).toMatchObject({ loss: 'unreachable', detail: expect.stringContaining('407') })
    expect(JSON.stringify(refused)).not.toMatch(/pass|dXNlcjpwYXNz/)
  })

  it('carries TLS, which is still verified', async () => {
    const [wire, proxy] = [await serveTls(certify(['127.0.0.1'])), await serveProxy()]
    const through = { proxy: { kind: 'url', url: proxy.origin } } as const
    expect(
      await send(targetAt(wire.origin, { ...through, tls: { ca, insecure: false } }), raw),
    ).toMatchObject({ status: 200 })
    expect(await send(targetAt(wire.origin, through), raw)).toMatchObject({ loss: 'tls' })
  })

  it('of the environment is used unless NO_PROXY exempts the target', async () => {
    const [wire, proxy] = [await plain(), await serveProxy()]
    const target = targetAt(wire.origin, { proxy: { kind: 'environment' } })
    expect(await send(target, raw, { HTTP_PROXY: proxy.origin })).toMatchObject({ status: 200 })
    expect(proxy.seen).toHaveLength(1)
    expect(
      await send(target, raw, { HTTP_PROXY: proxy.origin, NO_PROXY: 'localhost, 127.0.0.1' }),
    ).toMatchObject({ status: 200 })
    expect(await send(targetAt(wire.origin), raw, { HTTP_PROXY: proxy.origin })).toMatchObject({
      status: 200,
    })
    expect(proxy.seen).toHaveLength(1)
  })

  it('that is gone or hangs makes the target unreachable', async () => {
    const wire = await listenOn(createTcp())
    await wire.close()
    const gone = targetAt('http://127.0.0.1:1', { proxy: { kind: 'url', url: wire.origin } })
    const answer = await send(gone, raw)
    expect(answer).toMatchObject({
      loss: 'unreachable',
      detail: `connect ECONNREFUSED proxy 127.0.0.1:${wire.port}`,
    })
    const silent = opening(await serveBytes(() => undefined))
    const hanging = targetAt('http://127.0.0.1:1', {
      timeoutMs: 400,
      proxy: { kind: 'url', url: silent.origin },
    })
    expect(await send(hanging, raw)).toMatchObject({ loss: 'unreachable' })
  })
})
