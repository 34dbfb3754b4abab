import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:https'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import type { Listen } from '../config/config.ts'
import { certificatePem, makeCertificate } from '../forge/certificate.ts'
import { serverNameOf } from './client-hello.ts'
import { lookUp } from '../reference/gateway/faults/ldap-lookup.ts'
import { startListener, type Listener } from './listener.ts'

const standing: Listener[] = []
afterEach(async () => {
  for (const listener of standing.splice(0)) await listener.close()
})
const start = async (changes: Partial<Listen> = {}): Promise<Listener> => {
  const listener = await startListener({ host: '127.0.0.1', port: 0, ...changes }, () => 42)
  standing.push(listener)
  return listener
}
const certificate = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const validity = { notBefore: new Date('2020-01-01'), notAfter: new Date('2049-01-01') }
  const names = { subject: 'listener', altNames: ['keys.example.test'] }
  const der = makeCertificate({ ...names, publicKey, signWith: privateKey, validity, ca: false })
  return { cert: certificatePem(der), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}
const sendBytes = async ({ port }: Listener, bytes: string): Promise<void> => {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  socket.resume().end(bytes, 'latin1')
  await once(socket, 'close')
}

describe('the listener', () => {
  it('tells of an HTTP request with its path', async () => {
    const listener = await start()
    expect((await fetch(`${listener.url}/jku/case-1`)).status).toBe(404)
    expect(listener.contacts()).toMatchObject([
      { protocol: 'http', requests: [{ method: 'GET', path: '/jku/case-1' }], from: '127.0.0.1', at: 42 },
    ])
    expect(listener.contacts()[0]?.firstBytes).toMatch(/^GET \/jku\/case-1 HTTP/)
  })

  it('tells of a TLS client that finds no certificate, with the name that it asked for', async () => {
    const listener = await start()
    const socket = connectTls({ host: '127.0.0.1', port: listener.port, servername: 'keys.example.test' })
    await once(socket, 'error')
    expect(listener.contacts()).toMatchObject([
      { protocol: 'tls', serverName: 'keys.example.test', requests: [] },
    ])
  })

  it('tells of a TLS client that does not trust the certificate', async () => {
    const listener = await start({ tls: certificate() })
    const socket = connectTls({ host: '127.0.0.1', port: listener.port, servername: 'keys.example.test' })
    await once(socket, 'error')
    expect(listener.contacts()).toMatchObject([{ protocol: 'tls', serverName: 'keys.example.test' }])
  })

  it('takes HTTP within TLS and beside it', async () => {
    const tls = certificate()
    const listener = await start({ tls })
    expect(listener.url).toMatch(/^https:/)
    const options = { host: '127.0.0.1', port: listener.port, servername: 'keys.example.test', ca: tls.cert }
    const asking = request({ ...options, path: '/x5u' })
    asking.end()
    const [response] = await once(asking, 'response')
    response.resume()
    await fetch(`http://127.0.0.1:${listener.port}/plain`)
    expect(listener.contacts()).toMatchObject([
      { protocol: 'https', serverName: 'keys.example.test', requests: [{ path: '/x5u' }] },
      { protocol: 'http', requests: [{ path: '/plain' }] },
    ])
  })

  it.each([
    ['other bytes', '\x01\x02hello', '\x01\x02hello'],
    ['something like HTTP', 'LDAP bind\n', 'LDAP bind\n'],
    ['more than it keeps', `x${'y'.repeat(500)}`, `x${'y'.repeat(63)}`],
    ['nothing', '', ''],
  ])('tells of a connection that brings %s', async (_, bytes, firstBytes) => {
    const listener = await start()
    await sendBytes(listener, bytes)
    expect(listener.contacts()).toMatchObject([{ protocol: 'tcp', firstBytes, requests: [] }])
  })

  it('serves what it is told to, from then on', async () => {
    const listener = await start()
    listener.serve((path) => (path === '/jwks?x' ? { type: 'text/x', body: 'keys' } : undefined))
    const found = await fetch(`${listener.url}/jwks?x`)
    expect([found.status, found.headers.get('content-type'), await found.text()]).toEqual([
      200,
      'text/x',
      'keys',
    ])
    expect((await fetch(`${listener.url}/jwks`)).status).toBe(404)
    expect(listener.contacts()).toHaveLength(2)
  })

  it('hears which object an LDAP client looks for', async () => {
    const listener = await start()
    await lookUp({ hostname: '127.0.0.1', port: listener.port, name: 'gateproof/jndi' })
    expect(listener.contacts()).toMatchObject([
      { protocol: 'ldap', requests: [{ method: 'SEARCH', path: 'gateproof/jndi' }] },
    ])
  })

  it('tells of an LDAP client that looks for nothing', async () => {
    const listener = await start()
    const socket = connect(listener.port, '127.0.0.1').on('error', () => undefined)
    socket.once('data', () => socket.end('?'))
    socket.write(Buffer.from('300c020101600702010304008000', 'hex'))
    await once(socket, 'close')
    expect(listener.contacts()).toMatchObject([{ protocol: 'ldap', requests: [] }])
  })

  it('forgets the oldest contacts, but not that they came', async () => {
    const listener = await start()
    for (let at = 0; at < 1_001; at += 1) await sendBytes(listener, '')
    expect([listener.counted(), listener.contacts().length]).toEqual([1_001, 1_000])
  })

  it('ends what is still open when it closes', async () => {
    const listener = await start()
    const socket = connect(listener.port, '127.0.0.1').on('error', () => undefined)
    await once(socket, 'connect')
    while (listener.counted() === 0) await new Promise((resolve) => setImmediate(resolve))
    await Promise.all([once(socket.resume(), 'close'), listener.close()])
  })
})

describe('the name in a client’s first bytes', () => {
  it('is not found in broken ones, which do no harm', async () => {
    const listener = await start()
    const hellos: Buffer[] = []
    const socket = connectTls({ host: '127.0.0.1', port: listener.port, servername: 'keys.example.test' })
    await once(socket, 'error')
    const first = listener.contacts()[0]?.firstBytes ?? ''
    const start64 = Buffer.from(first, 'latin1')
    for (let at = 0; at <= start64.length; at += 1) hellos.push(start64.subarray(0, at))
    for (let at = 0; at < start64.length; at += 1) {
      const broken = Buffer.concat([start64, Buffer.alloc(64, 0xff)])
      broken[at] = 0xff
      hellos.push(broken)
    }
    for (const hello of hellos) expect(serverNameOf(hello)).toBeUndefined()
  })
})
