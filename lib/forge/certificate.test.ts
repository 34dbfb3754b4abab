import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { certificatePem, makeCertificate } from './certificate.ts'

const validity = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2060-01-01T00:00:00Z') }
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pairs = { rsa, ec }

function selfSigned(kind: keyof typeof pairs) {
  const { publicKey, privateKey } = pairs[kind]
  return makeCertificate({ subject: 'test root', publicKey, signWith: privateKey, validity, ca: true })
}

function leafOf(root: keyof typeof pairs, altNames: string[] = []) {
  const { publicKey } = root === 'rsa' ? ec : rsa
  const signWith = pairs[root].privateKey
  return makeCertificate({
    subject: 'leaf',
    publicKey,
    issuer: 'test root',
    signWith,
    validity,
    altNames,
    ca: false,
  })
}

describe.each(['rsa', 'ec'] as const)('with an issuer key of type %s', (kind) => {
  test('a root certificate verifies with its own key and may sign others', () => {
    const root = new X509Certificate(selfSigned(kind))
    expect(root.verify(pairs[kind].publicKey)).toBe(true)
    expect(root.checkIssued(root)).toBe(true)
    expect(root.ca).toBe(true)
    expect(root.subject).toBe('CN=test root')
  })

  test('a leaf is issued by the root, verifies with its key and with no other, and is no authority', () => {
    const root = new X509Certificate(selfSigned(kind))
    const leaf = new X509Certificate(leafOf(kind))
    expect(leaf.checkIssued(root)).toBe(true)
    expect(leaf.verify(pairs[kind].publicKey)).toBe(true)
    expect(leaf.verify(pairs[kind === 'rsa' ? 'ec' : 'rsa'].publicKey)).toBe(false)
    expect(leaf.ca).toBe(false)
    expect(leaf.issuer).toBe('CN=test root')
  })

  test('a TLS client that trusts the root alone accepts the leaf for its names and refuses it for others', async () => {
    const holder = kind === 'rsa' ? ec : rsa
    const server = createServer(
      {
        cert: certificatePem(leafOf(kind, ['localhost', '127.0.0.1'])),
        key: holder.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      },
      (socket) => socket.end('hello'),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const greet = async (servername: string) => {
      const socket = connect({ host: '127.0.0.1', port, servername, ca: certificatePem(selfSigned(kind)) })
      const [greeting] = (await once(socket, 'data')) as [Buffer]
      socket.destroy()
      return greeting.toString()
    }
    try {
      await expect(greet('localhost')).resolves.toBe('hello')
      await expect(greet('other.test')).rejects.toThrow("Hostname/IP does not match certificate's altnames")
    } finally {
      server.close()
    }
  })
})

test('alternative names tell addresses from DNS names', () => {
  const names = ['gw.example.test', '127.0.0.1', '::1', '2001:db8::ff00:42:8329', '::ffff:192.0.2.1']
  const { subjectAltName } = new X509Certificate(leafOf('ec', names))
  expect(subjectAltName).toBe(
    'DNS:gw.example.test, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, ' +
      'IP Address:2001:DB8:0:0:0:FF00:42:8329, IP Address:0:0:0:0:0:FFFF:C000:201',
  )
})

test('dates before and after 2050 are read back as they were given', () => {
  const { validFrom, validTo } = new X509Certificate(selfSigned('ec'))
  expect([new Date(validFrom), new Date(validTo)]).toEqual([validity.notBefore, validity.notAfter])
})

test('the serial number is positive, the same for the same content and another for other content', () => {
  const serial = (der: Buffer) => new X509Certificate(der).serialNumber
  expect(serial(selfSigned('ec'))).toBe(serial(selfSigned('ec')))
  expect(serial(selfSigned('ec'))).not.toBe(serial(selfSigned('rsa')))
  expect(serial(selfSigned('rsa'))).toMatch(/^[0-9A-F]{30,32}$/)
})

test('a key that cannot sign with SHA-256 is refused', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  expect(() =>
    makeCertificate({ subject: 'x', publicKey, signWith: privateKey, validity, ca: true }),
  ).toThrow('certificates are signed with RSA or EC keys, not ed25519')
})
