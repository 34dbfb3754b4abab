import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../config/load.ts'
import type { SigningKey } from '../config/config.ts'
import { algorithmOf, freshKey } from '../forge/algorithm.ts'
import { startStack } from '../reference/stack.ts'
import { runIn } from './fixture.ts'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'gateproof-init-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
})

const written = (name = 'gateproof.yaml'): string => readFileSync(join(cwd, name), 'utf8')

const deployment = readFileSync(new URL('../../config/embedded/deployment.json', import.meta.url), 'utf8')

const kong = `routes: [{ paths: [/hello] }]
plugins: [{ name: jwt, config: { claims_to_verify: [exp] } }]
consumers:
  - username: a
    jwt_secrets: [{ key: i, algorithm: RS256, rsa_public_key: "PEM" }]
`

describe('gateproof init --from', () => {
  it('writes a configuration that the reference gateway passes, as it stands', async () => {
    const algorithm = algorithmOf('RS256')
    if (algorithm === undefined) throw new Error('RS256 is not known')
    const key: SigningKey = { kid: 'gateproof', alg: 'RS256', ...(await freshKey(algorithm)) }
    const stack = await startStack({ now: () => Date.now(), signingKeys: [key] })
    onTestFinished(() => stack.close())
    const jwk = { ...key.privateKey.export({ format: 'jwk' }), kid: key.kid, alg: key.alg }
    writeFileSync(join(cwd, 'private.jwks.json'), JSON.stringify({ keys: [jwk] }))
    writeFileSync(join(cwd, 'deployment.json'), deployment)
    const told = await runIn(cwd, ['init', '--from', 'oci', 'deployment.json', '--url', stack.gatewayUrl])
    expect(told).toMatchObject({ code: 0, out: 'gateproof.yaml\n' })
    expect(told.err).not.toContain('still to be filled in')
    expect(written()).toMatch(/^# OCI API Gateway, read from deployment\.json\./)
    const { code, out } = await runIn(cwd, ['test', '--include', 'audience,issuer', '--out', 'reports'])
    expect(code).toBe(0)
    expect(out).toMatch(/Conformant/)
  })

  it('never overwrites what is there, unless it is told to', async () => {
    writeFileSync(join(cwd, 'deployment.json'), deployment)
    writeFileSync(join(cwd, 'gateproof.yaml'), 'mine')
    const args = ['init', '--from', 'oci', 'deployment.json']
    expect(await runIn(cwd, args)).toMatchObject({
      code: 64,
      err: expect.stringContaining('gateproof.yaml is there already; --force'),
    })
    expect(written()).toBe('mine')
    expect((await runIn(cwd, [...args, '--out', 'other.yaml'])).out).toBe('other.yaml\n')
    expect((await runIn(cwd, [...args, '--force'])).code).toBe(0)
    expect(written()).not.toBe('mine')
  })

  it('writes the gateway’s keys beside it, or nothing at all where their file is there', async () => {
    const { publicKey } = await freshKey(algorithmOf('RS256') ?? expect.fail())
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    writeFileSync(join(cwd, 'kong.yaml'), kong.replace('"PEM"', JSON.stringify(pem)))
    writeFileSync(join(cwd, 'a.jwks.json'), 'mine')
    expect((await runIn(cwd, ['init', '--from', 'kong', 'kong.yaml', '--out', 'a.yaml'])).code).toBe(64)
    expect(readdirSync(cwd)).not.toContain('a.yaml')
    const told = await runIn(cwd, [
      'init',
      '--from',
      'kong',
      'kong.yaml',
      '--out',
      'b.yaml',
      '--audience',
      'shop',
    ])
    expect(told.out).toBe('b.yaml\nb.jwks.json\n')
    expect(JSON.parse(written('b.jwks.json'))).toMatchObject({ keys: [{ kid: 'i', kty: 'RSA', use: 'sig' }] })
    expect(written('b.yaml')).toContain('audience: shop')
    expect(told.err).toContain('still to be filled in: FILL_IN_GATEWAY_URL\n')
  })

  it.each([
    [['init'], /--url URL.*--from KIND FILE/],
    [['init', 'envoy.yaml'], /--from oci \| envoy/],
    [['init', '--from', 'nginx', 'f'], /oci.*openapi/],
    [['init', '--from', 'envoy'], /a bootstrap with the filter jwt_authn/],
    [['init', '--from', 'envoy', 'nowhere.yaml'], /nowhere\.yaml: cannot be read/],
    [['init', '--url', 'gw.example.test'], /begins with http/],
    [['init', '--url', 'https://a:b@gw.example.test'], /no user name/],
    [['init', '--url', 'http://127.0.0.1:1', '--scoped', '/orders'], /a path and a scope/],
  ] as const)('refuses %j with 64, and says what would be right', async (args, words) => {
    const { code, err } = await runIn(cwd, args)
    expect(code).toBe(64)
    expect(err.replaceAll('\n', ' ')).toMatch(words)
    expect(readdirSync(cwd)).toEqual([])
  })
})

/** A gateway and an issuer in one, which see what they are asked. */
const gateway = async (): Promise<{ readonly url: string; readonly asked: IncomingMessage[] }> => {
  const asked: IncomingMessage[] = []
  const { publicKey } = await freshKey(algorithmOf('ES256') ?? expect.fail())
  const server = createServer((request, response) => {
    asked.push(request)
    const origin = `http://${request.headers.host ?? ''}`
    const documents: Readonly<Record<string, unknown>> = {
      '/.well-known/openid-configuration': { issuer: `${origin}/`, jwks_uri: `${origin}/keys` },
      '/keys': { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'e', alg: 'ES256' }] },
      '/v1/ping': 'pong',
    }
    const document = documents[request.url ?? '']
    const guarded = request.url === '/v1/hello' || request.url === '/v1/orders'
    if (guarded) response.setHeader('WWW-Authenticate', 'Bearer realm="shop"')
    response.writeHead(document !== undefined ? 200 : guarded ? 401 : 404).end(JSON.stringify(document ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

describe('gateproof init --url', () => {
  it('without a terminal takes flags, looks, and says what is missing', async () => {
    const { url, asked } = await gateway()
    const { code, err } = await runIn(cwd, ['init', '--url', `${url}/v1`, '--issuer', url])
    expect(code).toBe(0)
    expect(err).toContain('/hello: 401, challenge Bearer realm="shop"')
    expect(err).toContain('still to be filled in: FILL_IN_AUDIENCE\n')
    for (const { headers } of asked) expect(Object.keys(headers)).not.toContain('authorization')
    const text = written()
    expect(text).toContain('protected: /hello')
    expect(text).toContain('public: /ping')
    expect(text).toContain(`issuer: ${url}/\n`)
    expect(text).toContain('algorithms: [ ES256 ]')
    expect(text).toContain(`jwks: ${url}/keys`)
  })

  it('on a terminal asks what it can’t see, and suggests what it can', async () => {
    const { url } = await gateway()
    const answers: Readonly<Record<string, string>> = {
      'Where is the gateway': `${url}/v1`,
      'Paths below it': '/hello, /ping',
      'asks for a scope': '/orders orders.read',
      'The issuer': 'urn:issuer',
      'Their audience': 'shop',
      'Their algorithms': 'RS256',
    }
    const questions: string[] = []
    const ask = (question: string): Promise<string> => {
      questions.push(question)
      const [, answer = ''] = Object.entries(answers).find(([words]) => question.includes(words)) ?? []
      return Promise.resolve(answer)
    }
    expect((await runIn(cwd, ['init'], { ask })).code).toBe(0)
    expect(questions).toContain('A path that any good token gets into [/hello]: ')
    expect(questions).toContain('A path that needs no token, if there is one [/ping]: ')
    writeFileSync(join(cwd, 'private.jwks.json'), '{}')
    const { privateKey } = await freshKey(algorithmOf('RS256') ?? expect.fail())
    writeFileSync(
      join(cwd, 'private.jwks.json'),
      JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'k' }),
    )
    const { target, policy } = loadConfig('gateproof.yaml', { env: {}, cwd })
    expect(target).toMatchObject({
      basePath: '/v1',
      routes: { protected: { path: '/hello' }, scoped: { path: '/orders' }, public: { path: '/ping' } },
    })
    expect(policy).toMatchObject({ issuers: ['urn:issuer'], audiences: ['shop'], algorithms: ['RS256'] })
  })

  it('writes nothing where nobody answers, and nothing where it was interrupted', async () => {
    expect(await runIn(cwd, ['init', '--url', 'http://127.0.0.1:1'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/can’t be reached/),
    })
    const stop = new AbortController()
    const ask = (): Promise<string> => {
      stop.abort()
      return Promise.resolve('')
    }
    const { url } = await gateway()
    expect((await runIn(cwd, ['init', '--url', url], { ask, signal: stop.signal })).code).toBe(130)
    expect(readdirSync(cwd)).toEqual([])
  })
})

describe('gateproof keys export', () => {
  it('prints the static key of OCI API Gateway for a key set as IDCS shows it, from standard input', async () => {
    const { publicKey } = await freshKey(algorithmOf('RS256') ?? expect.fail())
    const { n, e } = publicKey.export({ format: 'jwk' })
    const idcs = {
      keys: [
        { kty: 'RSA', kid: 'SIGNING_KEY', alg: 'RS256', n, e, x5c: ['x'], key_ops: ['encrypt', 'sign'] },
      ],
    }
    const { code, out } = await runIn(cwd, ['keys', 'export', '-', '--for', 'oci'], {
      input: () => JSON.stringify(idcs),
    })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual([
      { format: 'JSON_WEB_KEY', kid: 'SIGNING_KEY', kty: 'RSA', use: 'sig', alg: 'RS256', n, e },
    ])
  })

  it('prints the public half of the key that `keys make` has made', async () => {
    await runIn(cwd, ['keys', 'make'])
    for (const kind of ['envoy', 'kong', 'pem', 'jwks', 'haproxy', 'oci']) {
      const { code, out } = await runIn(cwd, ['keys', 'export', '--for', kind])
      expect(code, kind).toBe(0)
      expect(out, kind).not.toMatch(/"d"|PRIVATE/)
    }
  })

  it.each([
    [['keys', 'export'], /--for <kind>/],
    [['keys', 'export', 'f.json', '--for', 'jwks', '--kid', 'other'], /no key other/],
    [['keys', 'export', 'f.txt', '--for', 'jwks'], /is not JSON/],
    [['keys', 'export', 'empty.json', '--for', 'jwks'], /no JWK Set/],
    [['keys', 'export', 'f.json', '--for', 'oci'], /RSA keys alone/],
  ] as const)('refuses %j', async (args, words) => {
    const { publicKey } = await freshKey(algorithmOf('ES256') ?? expect.fail())
    writeFileSync(join(cwd, 'f.json'), JSON.stringify({ ...publicKey.export({ format: 'jwk' }), kid: 'a' }))
    writeFileSync(join(cwd, 'f.txt'), 'no')
    writeFileSync(join(cwd, 'empty.json'), '{}')
    const { code, err } = await runIn(cwd, args)
    expect(code).toBe(64)
    expect(err).toMatch(words)
  })
})
