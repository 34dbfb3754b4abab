import { generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Tls } from '../config/config.ts'
import { certificatePem, makeCertificate } from '../forge/certificate.ts'
import { autocannonEngine } from './autocannon.ts'
import { endpointOf } from './endpoint.ts'
import type { Engine } from './engine.ts'
import { nativeEngine } from './native.ts'
import { runPhase, type PhaseResult } from './phase.ts'

const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const hour = 3_600_000
const validity = { notBefore: new Date(Date.now() - hour), notAfter: new Date(Date.now() + hour) }
const signWith = authority.privateKey
const ca = certificatePem(
  makeCertificate({ subject: 'authority', publicKey: authority.publicKey, signWith, validity, ca: true }),
)
const certificate = certificatePem(
  makeCertificate({
    subject: 'gateway',
    publicKey: keys.publicKey,
    issuer: 'authority',
    signWith,
    validity,
    altNames: ['gateway.test', '127.0.0.1'],
    ca: false,
  }),
)
let server: Server
let served = 0

beforeAll(async () => {
  const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' })
  server = createServer({ key, cert: certificate }, (_request, response) => {
    served++
    response.end('ok')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const port = (): number => (server.address() as AddressInfo).port

const fireWith = (engine: Engine, origin: string, tls: Partial<Tls>, at = port()): Promise<PhaseResult> => {
  const endpoint = endpointOf({
    origin,
    tls: { insecure: false, ...tls },
    connect: { host: '127.0.0.1', port: at },
  })
  return runPhase(
    engine,
    {
      name: 'load',
      endpoint,
      connections: 3,
      maxConnections: 3,
      keepAlive: true,
      timeoutMs: 5000,
      warmupMs: 0,
      durationMs: 400,
      seed: 1,
    },
    {
      classes: [
        {
          name: 'valid',
          expect: 'accept',
          weight: 1,
          requests: [Buffer.from('GET / HTTP/1.1\r\nHost: t\r\n\r\n')],
        },
      ],
      judge: { bodyBytes: 0, read: ({ status }) => (status < 300 ? 'let-in' : 'refused') },
    },
    { signal: new AbortController().signal },
  )
}

describe.each([
  ['autocannon', autocannonEngine],
  ['native', nativeEngine],
] as const)('load over TLS with %s', (_name, engine) => {
  const fire = (origin: string, tls: Partial<Tls>, at?: number) => fireWith(engine, origin, tls, at)

  it('sends nothing to a gateway whose certificate nobody vouches for', async () => {
    served = 0
    const result = await fire('https://gateway.test', {})
    expect(result.end).toEqual({
      kind: 'untrusted',
      detail: `127.0.0.1:${port()}: the certificate is not trusted: UNABLE_TO_VERIFY_LEAF_SIGNATURE`,
    })
    expect(result).toMatchObject({ sent: 0, connected: 0 })
    expect(served).toBe(0)
  })

  it('sends nothing to a gateway whose certificate is for another name', async () => {
    served = 0
    const { end } = await fire('https://other.test', { ca })
    expect(end).toMatchObject({ kind: 'untrusted' })
    expect(served).toBe(0)
  })

  it.each([
    ['the name of the URL', 'https://gateway.test', {}],
    ['the address of the URL', 'https://127.0.0.1', {}],
    ['the name that is asked for instead', 'https://other.test', { servername: 'gateway.test' }],
  ])('goes on where a trusted certificate is for %s', async (_what, origin, tls) => {
    const result = await fire(origin, { ca, ...tls })
    expect(result.end).toEqual({ kind: 'finished' })
    expect(result.judged).toBeGreaterThan(0)
    expect(result.lost).toBe(0)
  })

  it('goes on with any certificate only where the user said so', async () => {
    const result = await fire('https://other.test', { insecure: true })
    expect(result.end).toEqual({ kind: 'finished' })
    expect(result.judged).toBeGreaterThan(0)
  })

  it('shows the client certificate of the target, where there is one', async () => {
    const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const asking = createServer(
      { key, cert: certificate, ca, requestCert: true, rejectUnauthorized: true },
      (_request, response) => response.end('ok'),
    )
    await new Promise<void>((resolve) => asking.listen(0, '127.0.0.1', resolve))
    try {
      const at = (asking.address() as AddressInfo).port
      const shown = await fire('https://gateway.test', { ca, cert: certificate, key }, at)
      expect(shown).toMatchObject({ end: { kind: 'finished' }, lost: 0 })
      expect(shown.judged).toBeGreaterThan(0)
      const hidden = await fire('https://gateway.test', { ca }, at)
      expect(hidden.answered).toBe(0)
    } finally {
      asking.closeAllConnections()
      asking.close()
    }
  })
})
