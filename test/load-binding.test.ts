import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, afterAll, describe, expect, it } from 'vitest'
import { runIn } from '../lib/cli/fixture.ts'
import type { SigningKey } from '../lib/config/config.ts'
import type { FaultName } from '../lib/reference/gateway/faults.ts'
import { startGateway, type Gateway } from '../lib/reference/gateway/gateway.ts'
import { audience, authentication, issuer, jwkOf, routes } from '../lib/reference/gateway/testing/rig.ts'
import { parseReport, type Load } from '../lib/report/report.ts'
import { localCertificate, signingKey } from './worlds/standing.ts'

/** Load with tokens that are bound to a client certificate (RFC 8705): all connections have it. */

const { authority, certificate } = localCertificate()
let cwd: string
let key: SigningKey
const running: Gateway[] = []

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'gateproof-bound-'))
  key = await signingKey('gateproof')
  const jwk = { ...key.privateKey.export({ format: 'jwk' }), kid: key.kid, alg: key.alg, use: 'sig' }
  write('private.jwks.json', JSON.stringify({ keys: [jwk] }))
  write('authority.pem', authority)
  for (const name of ['own', 'other']) {
    const client = localCertificate().certificate
    write(`${name}.pem`, client.cert)
    write(`${name}.key`, client.key)
  }
})
afterEach(async () => {
  for (const gateway of running.splice(0)) await gateway.close()
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text)

const start = async (faults: readonly FaultName[]): Promise<Gateway> => {
  const keys = [{ format: 'JSON_WEB_KEY', ...jwkOf(key.publicKey, key.kid) }]
  const gateway = await startGateway({
    specification: {
      requestPolicies: {
        authentication: { ...authentication, publicKeys: { type: 'STATIC_KEYS', keys } },
      },
      routes,
    },
    pathPrefix: '/v1',
    now: () => Date.now(),
    faults,
    beyond: { clientCertificates: certificate },
  })
  running.push(gateway)
  return gateway
}

const bound =
  'binding: { certificate: { cert: own.pem, key: own.key }, otherCertificate: { cert: other.pem, key: other.key } }'

const configOf = ({ origin }: Gateway, settings: string, mix: string, binding = bound): string => `
target: { url: ${origin}/v1, routes: { protected: /hello, public: /ping }, tls: { ca: authority.pem } }
policy: { issuer: ${issuer}, audience: ${audience}, algorithms: [RS256], clockSkew: 0s, enforces: [bound-tokens] }
tokens: { keys: private.jwks.json, ${binding} }
thresholds: [misjudged = 0]
load: { tokens: 100, connections: 4, warmup: 50ms, duration: 500ms, mix: { ${mix} }, ${settings} }
`

const mixed = 'valid: 80, pop-cnf-unknown-method: 20'

let runs = 0
const load = async (text: string) => {
  const folder = `run${++runs}`
  write(`${folder}.yaml`, text)
  const told = await runIn(cwd, ['load', '-c', `${folder}.yaml`, '--out', folder])
  const read = (): Load => {
    const text = readFileSync(join(cwd, folder, 'report.json'), 'utf8')
    expect(text).not.toContain('PRIVATE KEY')
    const parsed = parseReport(text)
    if (parsed.kind === 'faulty' || parsed.report.load === undefined) throw new Error('there is no report')
    return parsed.report.load
  }
  return { ...told, read }
}

describe('load with tokens that are bound to a client certificate', () => {
  it.each(['model: closed', 'model: open, rate: 100, workers: 2'])(
    'goes over connections with it: %s',
    async (settings) => {
      const { read } = await load(configOf(await start([]), settings, mixed))
      const { phases, validation, run } = read()
      expect(phases[0]?.judged).toBeGreaterThan(10)
      expect(phases[0]?.classes.map(({ misjudged }) => misjudged)).toEqual([0, 0])
      expect(phases[0]?.classes[0]?.tokens?.distinct).toBeGreaterThan(10)
      expect(phases[0]?.lost).toBe(0)
      expect(validation?.blocks).toBeGreaterThan(0)
      expect(run?.http).toBe('1.1')
    },
  )

  it('finds a gateway that lets in what is bound in a way that it does not know', async () => {
    const gateway = await start(['cnf-unknown-ignored'])
    const { read } = await load(configOf(gateway, 'model: closed', mixed))
    const [valid, other] = read().phases[0]?.classes ?? []
    expect(valid?.misjudged).toBe(0)
    expect(other?.falseAccepts).toBe(other?.judged)
    expect(other?.judged).toBeGreaterThan(0)
  })

  it('refuses a case that needs another connection, and tokens that are bound by DPoP', async () => {
    const gateway = await start([])
    const other = await load(configOf(gateway, 'model: closed', 'valid: 9, pop-mtls-other-cert: 1'))
    expect(other.code).toBe(64)
    expect(other.err).toContain('another client certificate')
    const dpop = await load(configOf(gateway, 'model: closed', 'valid: 1', 'binding: { dpop: true }'))
    expect(dpop.code).toBe(64)
    expect(dpop.err).toContain('tokens.binding.dpop needs a proof signed for each request')
  })
})
