import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { request as requestTls } from 'node:https'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { certificatePem, makeCertificate } from '../../forge/certificate.ts'
import { type Gateway, startGateway } from './gateway.ts'
import { mint, now, specificationWith } from './testing/rig.ts'

const certify = (subject: string) => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const validity = { notBefore: new Date('2020-01-01'), notAfter: new Date('2049-01-01') }
  const der = makeCertificate({ subject, publicKey, signWith: privateKey, validity, ca: true })
  return { cert: certificatePem(der), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}
const own = certify('own')
const bound = mint(
  {},
  {
    cnf: {
      'x5t#S256': createHash('sha256').update(new X509Certificate(own.cert).raw).digest('base64url'),
    },
  },
)

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({
    specification: specificationWith(),
    pathPrefix: '/v1',
    now,
    beyond: { clientCertificates: certify('gateway') },
  })
})
afterAll(() => gateway.close())

const statusFor = (
  token: string,
  client: object = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const request = requestTls(`${gateway.url}/hello`, {
      agent: false,
      rejectUnauthorized: false,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...client,
    })
    request.on('error', reject)
    request.on('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    request.end()
  })

it('a token that is bound to a certificate gets in on a connection with it alone', async () => {
  expect(await statusFor(bound, own)).toBe(200)
  expect(await statusFor(bound, certify('own'))).toBe(401)
  expect(await statusFor(bound)).toBe(401)
})

it('what a header says of a certificate is not believed', async () => {
  expect(await statusFor(bound, {}, { 'x-ssl-client-cert': encodeURIComponent(own.cert) })).toBe(401)
})

it('a token that is bound to nothing gets in with any certificate and without', async () => {
  expect(await statusFor(mint())).toBe(200)
  expect(await statusFor(mint(), own)).toBe(200)
})

it('a binding by two methods is taken for neither', async () => {
  const cnf = { jkt: 'x', 'x5t#S256': 'y' }
  expect(await statusFor(mint({}, { cnf }), own)).toBe(401)
})
