import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runIn } from '../lib/cli/fixture.ts'
import type { Terminal } from '../lib/cli/terminal.ts'
import { algorithmOf, freshKey } from '../lib/forge/algorithm.ts'
import type { SigningKey } from '../lib/config/config.ts'
import type { FaultName } from '../lib/reference/gateway/faults.ts'
import { startStack, type Stack } from '../lib/reference/stack.ts'
import { parseReport } from '../lib/report/report.ts'

let cwd: string
let key: SigningKey
let stack: Stack
/** Too lax about expiry, so that a load test has something to misjudge. */
let lax: Stack

const stackWith = (faults: readonly FaultName[]): Promise<Stack> =>
  startStack({ now: () => Date.now(), signingKeys: [key], faults })

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'gateproof-cli-'))
  const algorithm = algorithmOf('RS256')
  if (algorithm === undefined) throw new Error('RS256 is not known')
  key = { kid: 'gateproof', alg: 'RS256', ...(await freshKey(algorithm)) }
  const jwk = { ...key.privateKey.export({ format: 'jwk' }), kid: key.kid, alg: key.alg, use: 'sig' }
  writeFileSync(join(cwd, 'private.jwks.json'), JSON.stringify({ keys: [jwk] }))
  stack = await stackWith([])
  lax = await stackWith(['exp-unchecked'])
  for (const [name, { gatewayUrl }] of [
    ['good', stack],
    ['lax', lax],
  ] as const)
    write(`${name}.yaml`, configOf(gatewayUrl))
})
afterAll(async () => {
  await Promise.all([stack.close(), lax.close()])
  rmSync(cwd, { recursive: true, force: true })
})

const write = (name: string, text: string): string => {
  writeFileSync(join(cwd, name), text)
  return name
}

const configOf = (url: string): string => `
target:
  url: ${url}
  routes: { protected: /hello, scoped: { path: /orders, scope: orders.read }, public: /ping }
policy: { issuer: ${stack.issuer}, audience: ${stack.audience}, algorithms: [RS256], clockSkew: 0s }
tokens: { keys: private.jwks.json }
load: { connections: 4, warmup: 50ms, duration: 300ms, tokens: 200, mix: { valid: 80, time-exp-past: 20 } }
`

/** Runs a command line in the folder of these tests. */
const gateproof = (args: readonly string[], changes: Partial<Terminal> = {}) => runIn(cwd, args, changes)

const reportIn = (folder: string) => {
  const parsed = parseReport(readFileSync(join(cwd, folder, 'report.json'), 'utf8'))
  if (parsed.kind === 'faulty') throw new Error(parsed.faults.join('; '))
  return parsed.report
}

/** A compact JWS with a signature that could be one. */
const usable = /eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]{20,}/

describe('the command line', () => {
  it.each(['demo', 'test', 'load', 'list', 'explain', 'token', 'init', 'keys', 'serve', 'report', 'compare'])(
    'tells of %s in its help, and of its options in its own',
    async (name) => {
      expect((await gateproof(['--help'])).out).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
      expect(await gateproof([name, '--help'])).toMatchObject({ code: 0, err: '' })
    },
  )

  it.each([
    [['frobnicate'], /frobnicate/],
    [['test', '--frobnicate'], /frobnicate/],
    [['test', '-c', 'nowhere.yaml'], /nowhere\.yaml/],
    [['test', '-c', 'good.yaml', '--include', 'aud-wrng'], /did you mean `aud-wrong`/],
    [['test', '-c', 'good.yaml', '--include', 'time', '--exclude', 'time'], /no case/],
    [['test', '-c', 'good.yaml', '--format', 'pdf'], /json, html, junit, sarif, markdown/],
    [['demo', '--fault', 'nonsense'], /no fault `nonsense`/],
    [['explain', 'nonsense', '-c', 'good.yaml'], /no case is called `nonsense`/],
    [['explain', 'aud-prefix/nonsense', '-c', 'good.yaml'], /word, path, domain/],
    [['token', 'cred-no-header', '-c', 'good.yaml'], /sends no token/],
    [['report', 'private.jwks.json'], /no report/],
    [['serve', '-c', 'good.yaml'], /serves nothing/],
  ] as const)('refuses %j with 64, and says what would be right', async (args, words) => {
    const { code, out, err } = await gateproof(args)
    expect(code).toBe(64)
    expect(out + err).toMatch(words)
    expect(out + err).not.toMatch(/\n\s+at .*:\d+:\d+/)
  })

  it.each([
    ['policy: {', 'enforces: [typ-at-jtw], ', /typ-at-jwt/],
    ['tokens:', 'waivers: [{ case: aud-wrong, kind: let-inn, reason: x }]\ntokens:', /let-in/],
    ['load: {', 'workers: 2000, ', /workers/],
    ['mix: {', ' aud-wrng: 1,', /aud-wrng/],
    ['load:', 'thresholds: [q98 < 5ms]\nload:', /q98/],
  ])('tells what is wrong with %j followed by %j', async (at, put, words) => {
    const text = configOf(stack.gatewayUrl).replace(at, at.endsWith('{') ? at + put : put)
    const { code, err } = await gateproof(['load', '-c', write('wrong.yaml', text), '--out', 'wrong'])
    expect(code).toBe(64)
    expect(err).toMatch(words)
  })
})

describe('gateproof test', () => {
  it('finds the sound gateway conformant, in 80 columns and without control characters', async () => {
    const { code, out, err } = await gateproof([
      'test',
      '-c',
      'good.yaml',
      '--out',
      'good',
      '--format',
      'json,html,junit,sarif,markdown',
    ])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(out).not.toContain('\u001b')
    const { conformance, complete } = reportIn('good')
    expect(complete).toBe(true)
    expect(conformance?.summary).toMatchObject({ fail: 0, warn: 0, inconclusive: 0 })
    for (const file of ['report.json', 'report.html', 'junit.xml', 'report.sarif', 'summary.md'])
      expect(readFileSync(join(cwd, 'good', file), 'utf8'), file).not.toMatch(usable)
  })

  it('finds the five founding flaws let in where they are', async () => {
    const faulty = await stackWith([
      'aud-unchecked',
      'exp-unchecked',
      'scope-unchecked',
      'kid-ignored',
      'scheme-any',
    ])
    const config = write('faulty.yaml', configOf(faulty.gatewayUrl))
    const { code, out } = await gateproof(['test', '-c', config, '--out', 'faulty'])
    await faulty.close()
    expect(code).toBe(1)
    expect(out).toMatch(/Not conformant/)
    const found = reportIn('faulty').conformance?.results.filter(
      ({ verdict }) => verdict.status === 'fail' || verdict.status === 'warn',
    )
    for (const id of [
      'aud-wrong',
      'time-exp-past',
      'kid-unknown',
      'scope-insufficient',
      'cred-scheme-token-jwt',
    ])
      expect(found?.map((result) => result.case)).toContain(id)
  })

  it('tells who came to the listener, in every form of the report', async () => {
    const faulty = await stackWith(['jku-followed'])
    const serve = 'serve: { listener: { listen: "127.0.0.1:0", reachable: true } }'
    const config = write('listener.yaml', `${configOf(faulty.gatewayUrl)}${serve}\n`)
    const include = 'key-jku-pingback,key-x5u-pingback,kid-command-oob'
    const formats = ['--format', 'json,html,junit,sarif,markdown']
    const { code, out } = await gateproof([
      'test',
      '-c',
      config,
      '--out',
      'listener',
      '--include',
      include,
      ...formats,
    ])
    await faulty.close()
    expect(code).toBe(1)
    expect(out).toContain('The gateway followed what the token names')
    const [followed, ...others] = reportIn('listener').conformance?.results ?? []
    expect(followed).toMatchObject({
      verdict: {
        mismatches: [{ kind: 'fetched', detail: expect.stringMatching(/^http: "GET" "\/gateproof-/) }],
      },
      evidence: [{ contacts: [{ protocol: 'http' }] }],
    })
    expect(others.map(({ verdict }) => verdict)).toEqual(others.map(() => ({ status: 'pass', notes: [] })))
    expect(readFileSync(join(cwd, 'listener', 'report.html'), 'utf8')).toContain('At the listener: 1 contact')
    for (const file of ['junit.xml', 'report.sarif', 'summary.md'])
      expect(readFileSync(join(cwd, 'listener', file), 'utf8'), file).toContain(
        'followed what the token names',
      )
  })

  it('fails by what --fail-on names, and not where the finding is waived', async () => {
    const faulty = await stackWith(['no-error-code'])
    const config = write('style.yaml', configOf(faulty.gatewayUrl))
    const args = ['test', '-c', config, '--out', 'style', '--include', 'responses', '--quiet']
    expect((await gateproof(args)).code).toBe(0)
    expect((await gateproof([...args, '--fail-on', 'should'])).code).toBe(1)
    const waived = `${configOf(faulty.gatewayUrl)}waivers: [{ topic: responses, kind: wrong-error, reason: accepted }]\n`
    const quiet = await gateproof([
      'test',
      '-c',
      write('waived.yaml', waived),
      ...args.slice(3),
      '--fail-on',
      'should',
    ])
    await faulty.close()
    expect(quiet).toEqual({ code: 0, out: '', err: '' })
    expect(reportIn('style').conformance?.summary.waived).toBeGreaterThan(0)
  })

  it.each([
    [
      'a wrong issuer',
      (text: string) => text.replace('issuer: ', 'issuer: https://other.example.test/#'),
      /the token says iss/,
    ],
    [
      'an open route',
      (text: string) => text.replace('protected: /hello', 'protected: /ping').replace(', public: /ping', ''),
      /without any token/,
    ],
    [
      'a dead target',
      (text: string) => text.replace(/url: .*/, 'url: http://127.0.0.1:9/v1'),
      /127\.0\.0\.1:9/,
    ],
  ])('cannot tell of %s, says why, and reports every case', async (name, change, words) => {
    const config = write('trouble.yaml', change(configOf(stack.gatewayUrl)))
    const folder = name.replaceAll(' ', '-')
    const { code, out } = await gateproof(['test', '-c', config, '--out', folder])
    expect(code).toBe(2)
    expect(out).toMatch(words)
    const { conformance } = reportIn(folder)
    expect(conformance?.summary).toMatchObject({ pass: 0, fail: 0 })
    expect(conformance?.summary.inconclusive).toBeGreaterThan(100)
  })

  it('leaves a partial report where it is interrupted', async () => {
    const stop = new AbortController()
    const told = gateproof(['test', '-c', 'good.yaml', '--out', 'partial'], { signal: stop.signal })
    stop.abort()
    expect((await told).code).toBe(130)
    const report = reportIn('partial')
    expect(report.complete).toBe(false)
    expect(
      report.conformance?.results.every(({ verdict }) =>
        ['inconclusive', 'not-applicable'].includes(verdict.status),
      ),
    ).toBe(true)
  })

  it('shows progress on a terminal, and nowhere else', async () => {
    const shown = await gateproof(['test', '-c', 'good.yaml', '--out', 'shown', '--include', 'audience'], {
      errIsTerminal: true,
    })
    expect(shown.err.split('\r\u001b[K').some((line) => line.endsWith('judged'))).toBe(true)
    expect(shown.err.endsWith('\r\u001b[K')).toBe(true)
  })
})

describe('tokens of an identity provider', () => {
  const oauth = () => `
target:
  url: ${stack.gatewayUrl}
  routes: { protected: /hello, public: /ping }
policy: { jwks: "${stack.identityUrl}/admin/v1/SigningCert/jwk" }
tokens:
  oauth2:
    tokenEndpoint: ${stack.identityUrl}/oauth2/v1/token
    clientId: ${stack.clientId}
    clientSecret: "\${CLIENT_SECRET}"
    scope: ${stack.audience}orders.read
`

  it('are good ones, and what needs a signing key says so', async () => {
    const env = { CLIENT_SECRET: stack.clientSecret }
    const { code, out } = await gateproof(['test', '-c', write('oauth.yaml', oauth()), '--out', 'oauth'], {
      env,
    })
    expect(code).toBe(0)
    expect(out).toMatch(/missing signing-key/)
    expect(out + readFileSync(join(cwd, 'oauth', 'report.json'), 'utf8')).not.toContain(stack.clientSecret)
  })

  it('are not to be had with a wrong secret, which is named nowhere', async () => {
    const env = { CLIENT_SECRET: 'a-secret-that-is-wrong' }
    const { code, out, err } = await gateproof(
      ['test', '-c', write('oauth.yaml', oauth()), '--out', 'refused'],
      { env },
    )
    expect(code).toBe(2)
    expect(out).toMatch(/invalid_client/)
    expect(out + err + readFileSync(join(cwd, 'refused', 'report.json'), 'utf8')).not.toContain(
      env.CLIENT_SECRET,
    )
  })
})

describe('gateproof load', () => {
  it('judges every answer, and holds thresholds', async () => {
    const text = `${configOf(stack.gatewayUrl)}thresholds: [misjudged = 0, perSecond > 1]\n`
    const { code } = await gateproof(['load', '-c', write('load.yaml', text), '--out', 'load'])
    expect(code).toBe(0)
    const { load } = reportIn('load')
    expect(load?.valid).toBe(true)
    expect(load?.thresholds.map(({ ok }) => ok)).toEqual([true, true])
    for (const each of load?.phases[0]?.classes ?? []) {
      expect(each.requests).toBeGreaterThan(0)
      expect(each.misjudged).toBe(0)
    }
    expect(load?.validation?.differences.map(({ name }) => name)).toContain('validation')
  })

  it('fails where bad requests are let in', async () => {
    const { code } = await gateproof(['load', '-c', 'lax.yaml', '--out', 'lax', '--quiet'])
    expect(code).toBe(1)
    const [valid, expired] = reportIn('lax').load?.phases[0]?.classes ?? []
    expect(valid?.misjudged).toBe(0)
    expect(expired?.falseAccepts).toBe(expired?.judged)
    expect(expired?.falseAccepts).toBeGreaterThan(0)
  })

  it('fails where a threshold is crossed', async () => {
    const text = `${configOf(stack.gatewayUrl)}thresholds: [p50 < 1us]\n`
    expect((await gateproof(['load', '-c', write('slow.yaml', text), '--out', 'slow', '--quiet'])).code).toBe(
      1,
    )
  })

  it('cannot tell of a dead target', async () => {
    const text = configOf(stack.gatewayUrl).replace(/url: .*/, 'url: http://127.0.0.1:9/v1')
    const { code, out } = await gateproof(['load', '-c', write('dead.yaml', text), '--out', 'dead'])
    expect(code).toBe(2)
    expect(out).toMatch(/127\.0\.0\.1:9/)
    expect(reportIn('dead').load?.valid).toBe(false)
  })
})

describe('the smaller commands', () => {
  it('list the cases, and what would unlock more of them', async () => {
    const listed = await gateproof(['list', 'audience'])
    expect(listed.out).toMatch(/aud-wrong · The audience is another service/)
    const planned = await gateproof(['list', '--plan', '-c', 'good.yaml'])
    expect(planned.out).toMatch(/^\d+ of \d+ cases run against /)
    expect(planned.out).toMatch(/second-key/)
  })

  it('explain a case without a usable token', async () => {
    for (const id of ['aud-prefix/word', 'cred-nul-in-header', 'cred-scheme-basic-token']) {
      const { code, out } = await gateproof(['explain', id, '-c', 'good.yaml'])
      expect(code).toBe(0)
      expect(out).toMatch(/How to repeat it/)
      expect(out).not.toMatch(usable)
      expect(out.match(/[\w-]{200,}/g)?.filter((run) => !run.startsWith('eyJ')) ?? []).toEqual([])
    }
  })

  it('print a token because it was asked for, and its request without it', async () => {
    expect((await gateproof(['token', 'aud-wrong', '-c', 'good.yaml'])).out).toMatch(usable)
    const { out } = await gateproof(['token', 'aud-wrong', '-c', 'good.yaml', '--curl'])
    expect(out).toMatch(/^curl -i/)
    expect(out).toContain('"$TOKEN"')
    expect(out).not.toMatch(/eyJ/)
  })

  it('make keys that nobody else reads or overwrites, and show the public half alone', async () => {
    expect((await gateproof(['keys', 'make', '--out', 'made.json'])).code).toBe(0)
    expect(statSync(join(cwd, 'made.json')).mode & 0o077).toBe(0)
    expect((await gateproof(['keys', 'make', '--out', 'made.json'])).code).toBe(64)
    for (const as of ['jwks', 'pem', 'oci']) {
      const { out } = await gateproof(['keys', 'show', 'made.json', '--as', as])
      expect(out).not.toMatch(/"d"|PRIVATE/)
      expect(out).toMatch(/"n"|BEGIN PUBLIC KEY/)
    }
  })

  it('render a report again', async () => {
    await gateproof(['test', '-c', 'good.yaml', '--out', 'again', '--include', 'issuer', '--quiet'])
    const file = join('again', 'report.json')
    expect((await gateproof(['report', file])).out).toMatch(/Conformant/)
    expect((await gateproof(['report', file, '--format', 'junit'])).out).toMatch(/<testsuites/)
  })

  it('take the cases of every --include', async () => {
    const twice = ['--include', 'iss-missing', '--include', 'aud-wrong,aud-case', '--exclude', 'aud-case']
    await gateproof(['test', '-c', 'good.yaml', '--out', 'twice', ...twice, '--quiet'])
    const results = reportIn('twice').conformance?.results ?? []
    expect(results.map((result) => result.case)).toEqual(['iss-missing', 'aud-wrong'])
  })

  it('test and load the embedded gateway', async () => {
    const { code, out } = await gateproof(['demo', '--include', 'audience,key-jku-rogue'])
    expect(code).toBe(0)
    expect(out).toMatch(/Validation cost/)
    expect(existsSync(join(cwd, 'reports', 'report.html'))).toBe(true)
  })
})
