import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttp, type Server } from 'node:http'
import { createServer as createHttps, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runIn } from '../lib/cli/fixture.ts'
import { certificatePem, makeCertificate } from '../lib/forge/certificate.ts'

let cwd: string
const standing: Server[] = []
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'gateproof-doors-'))
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' }
  writeFileSync(join(cwd, 'keys.json'), JSON.stringify({ keys: [jwk] }))
  for (const name of ['server', 'client']) {
    const { cert, key } = pair()
    writeFileSync(join(cwd, `${name}.pem`), cert)
    writeFileSync(join(cwd, `${name}.key`), key)
  }
})
afterEach(async () => {
  for (const server of standing.splice(0)) {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  rmSync(cwd, { recursive: true, force: true })
})

const pair = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) }
  const names = { subject: 'door', altNames: ['127.0.0.1'] }
  const der = makeCertificate({ ...names, publicKey, signWith: privateKey, validity, ca: false })
  return { cert: certificatePem(der), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

const listen = async (server: Server): Promise<number> => {
  standing.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** What the command says of a target, and with which code it ends. */
const tell = async (url: string, tls = '') => {
  writeFileSync(
    join(cwd, 'gateproof.yaml'),
    `
target: { url: "${url}", routes: { protected: /hello }${tls} }
policy: { issuer: https://idp.example.test/, audience: https://api.example.test/, algorithms: [ES256] }
tokens: { keys: keys.json }
`,
  )
  return runIn(cwd, ['test', '--include', 'audience', '--quiet'])
}

const own = ', tls: { ca: server.pem, cert: client.pem, key: client.key }'
const none = ', tls: { ca: server.pem }'
const server = () => {
  const { cert, key } = pair()
  writeFileSync(join(cwd, 'server.pem'), cert)
  return { cert, key }
}

test('a server that wants a client certificate, and says so by an answer', async () => {
  const options: ServerOptions = { ...server(), requestCert: true, rejectUnauthorized: false }
  const port = await listen(
    createHttps(options, (_, response) => response.writeHead(400).end('no certificate')),
  )
  const url = `https://127.0.0.1:${port}/`
  expect(await tell(url, none)).toMatchObject({
    code: 2,
    err: expect.stringMatching(/set target\.tls\.cert/),
  })
  expect(await tell(url, own)).toMatchObject({
    code: 2,
    err: expect.stringMatching(/may not trust .*target\.tls\.cert/),
  })
})

test('a server that wants a client certificate, and ends the handshake', async () => {
  const options: ServerOptions = { ...server(), requestCert: true, rejectUnauthorized: true }
  const port = await listen(createHttps(options, (_, response) => response.end()))
  const { code, err } = await tell(`https://127.0.0.1:${port}/`, none)
  expect(code).toBe(2)
  expect(err).toMatch(/cannot be tested/)
  expect(err).not.toMatch(/target\.tls\.ca/)
})

test('a firewall that stops every request', async () => {
  const port = await listen(createHttp((_, response) => response.writeHead(403).end('Forbidden')))
  const { code, err } = await tell(`http://127.0.0.1:${port}/`)
  expect(code).toBe(2)
  expect(err).toMatch(/may be a firewall’s.*target\.headers/)
})
