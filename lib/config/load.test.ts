import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { configOf, faultsOf, folderWith, linesOf, smallConfig } from '../../test/fixtures/config-folder.ts'
import { loadConfig } from './load.ts'

describe('a configuration that is right', () => {
  test('of six lines has every default in its place', () => {
    const { target, policy, tokens, cases, load, report, ...rest } = configOf(smallConfig)
    expect(target).toEqual({
      name: '127.0.0.1:9',
      origin: 'http://127.0.0.1:9',
      basePath: '/v1',
      routes: {
        protected: { path: '/hello', method: 'GET', methodDeclared: false, headers: [] },
        others: [],
      },
      credentials: [{ in: 'header', name: 'Authorization', scheme: 'Bearer' }],
      proxy: { kind: 'environment' },
      http: 'auto',
      tls: { insecure: false },
      headers: [],
      timeoutMs: 10_000,
      pace: { concurrency: 8 },
      unsafeMethods: false,
      hooks: {},
    })
    expect(policy).toEqual({
      issuers: ['i'],
      audiences: ['a'],
      algorithms: ['RS256'],
      providers: [],
      scopeClaims: [{ path: ['scope'], format: 'string' }],
      requiredClaims: [],
      enforces: new Map(),
    })
    expect(tokens).toMatchObject({ kind: 'keys', claims: {}, header: {}, lifetimeSeconds: 300, others: {} })
    expect(cases).toEqual({
      include: [],
      exclude: [],
      files: [],
      require: [],
      maxInconclusive: 0,
      maxWaitMs: 60_000,
    })
    expect(load).toMatchObject({
      model: 'closed',
      connections: 50,
      workers: 1,
      warmupMs: 2_000,
      engine: 'autocannon',
      phases: [{ name: 'constant', durationMs: 10_000, connections: 50 }],
    })
    expect(report.formats).toEqual(['json', 'html'])
    expect(rest).toMatchObject({ file: 'c.yaml', serve: {}, waivers: [], thresholds: [], secrets: [] })
  })

  test('may be JSON', () => {
    const folder = folderWith({
      'c.json': JSON.stringify({
        target: { url: 'http://x', routes: { protected: '/a' } },
        tokens: { token: 'T' },
      }),
    })
    expect(loadConfig('c.json', { env: {}, cwd: folder }).target.origin).toBe('http://x')
  })

  test('takes relative paths as relative to itself, and is called as the user called it', () => {
    const folder = folderWith({ 'deep/c.yaml': smallConfig.replace('private', '../private') })
    const config = loadConfig('deep/c.yaml', { env: {}, cwd: folder })
    expect(config.file).toBe('deep/c.yaml')
    expect(config.report.dir).toBe(join(folder, 'deep/reports'))
  })

  test('is filled from the environment, whose values are secrets', () => {
    const text = smallConfig
      .replace('issuer: i', 'issuer: "https://${HOST}/"')
      .replace('private.jwks.json', '"${KEY}"')
    const config = configOf(text, { env: { HOST: 'idp.test', KEY: 'private.jwks.json' } })
    expect(config.policy.issuers).toEqual(['https://idp.test/'])
    expect(config.secrets).toEqual(['idp.test', 'private.jwks.json'])
  })

  test('keeps an issued token and a client secret that it holds itself among the secrets', () => {
    const tokens =
      'tokens:\n  oauth2: { issuer: https://i, clientId: c, clientSecret: s1 }\n  others: { second: { token: t2 } }\n'
    expect(configOf(smallConfig.replace(/tokens.*\n/, tokens)).secrets).toEqual(['s1', 't2'])
  })
})

describe('what is wrong with a configuration', () => {
  test('is told with file, line and the nearest known key', () => {
    expect(faultsOf(smallConfig.replace('routes:', 'routs:'))).toEqual([
      'c.yaml:3:3: unknown key `routs` in `target`; did you mean `routes`?',
    ])
  })

  test('is told at once: two typos, at their lines', () => {
    expect(faultsOf(smallConfig.replace('routes:', 'routs:').replace('audience:', 'audiense:'))).toEqual([
      'c.yaml:3:3: unknown key `routs` in `target`; did you mean `routes`?',
      'c.yaml:4:22: unknown key `audiense` in `policy`; did you mean `audience`?',
    ])
  })

  test('is told of broken YAML with its line', () => {
    expect(faultsOf('target: [\n  url: }')).toEqual([expect.stringMatching(/^c\.yaml:2:8: not valid YAML/)])
  })

  test('is told of a configuration that is not there, by its name', () => {
    const lines = linesOf(() => loadConfig('nowhere.yaml', { env: {}, cwd: '/' }))
    expect(lines[0]).toBe('nowhere.yaml: cannot be read: there is no such file')
  })

  test('is told of a folder in its place', () => {
    const lines = linesOf(() => loadConfig('.', { env: {}, cwd: '/' }))
    expect(lines[0]).toBe('.: cannot be read: it is a folder')
  })

  test('is told of a key file that is not there, by its name', () => {
    expect(faultsOf(smallConfig.replace('private.jwks.json', 'missing.json'))).toEqual([
      'c.yaml:5:17: cannot read `missing.json`: there is no such file',
    ])
  })

  test.each(['${NOT_SET_ANYWHERE}', '"${NOT_SET_ANYWHERE}"'])('names an unset variable in %s', (value) => {
    const [line, hint, ...more] = faultsOf(smallConfig.replace('private.jwks.json', value))
    expect(line).toMatch(/^c\.yaml:5:17: .*NOT_SET_ANYWHERE/)
    expect(hint).toContain('NOT_SET_ANYWHERE')
    expect(more).toEqual([])
  })

  test('never shows the value of a variable', () => {
    const text = smallConfig
      .replace('private.jwks.json', '"${SECRET}"')
      .replace('http://127.0.0.1:9/v1', '"${SECRET}"')
      .replace('[RS256]', '["${SECRET}"]')
      .replace('/hello', '"${SECRET}"')
    const lines = faultsOf(text, { env: { SECRET: 'hush hush' } })
    expect(lines.length).toBeGreaterThan(2)
    expect(lines.join('\n')).not.toContain('hush')
    expect(lines).toContainEqual(expect.stringContaining('cannot read `${SECRET}`'))
  })

  test('is all told at once: schema, variables, files and rules', () => {
    const lines = faultsOf(`target:
  url: https://u:p@gw.example.test/?x#y
  routs: { protcted: /hello, public: /hello }
  tls: { ca: missing.pem }
  timeout: soon
policy: { issuer: "\${ISS}", algorithms: [none] }
tokens: { kes: missing.json, lifetme: 300s }
waivers: [{ topic: a, case: b, kind: let-in, reason: x, until: 2027-02-30 }, { case: a }]
cases: { files: [more/*.yaml] }
load: { model: open }
xyzzy: 1
`).filter((line) => line.startsWith('c.yaml'))
    expect(lines.map((line) => line.replace(/^c\.yaml:(\d+):\d+: /, '$1 '))).toEqual([
      '2 the URL must have no query',
      '2 the URL must have no fragment',
      '2 the URL must hold no user name or password',
      '3 unknown key `routs` in `target`; did you mean `routes`?',
      '3 unknown key `protcted` in `target.routes`; did you mean `protected`?',
      '3 `public` sends the same request as `protected`, and can’t have another answer',
      '4 cannot read `missing.pem`: there is no such file',
      '5 `target.timeout`: expected a duration such as 10s, 500ms, 1h',
      '6 with `tokens.keys` the policy needs `audience`: it goes into every token that we sign',
      '6 the environment variable `ISS` is not set',
      expect.stringContaining('6 `policy.algorithms[0]` must be one of RS256'),
      '7 unknown key `kes` in `tokens`; did you mean `keys`?',
      '7 cannot read `missing.json`: there is no such file',
      '7 unknown key `lifetme` in `tokens`; did you mean `lifetime`?',
      '8 a waiver is of either a `case` or a `topic`, and it has both',
      '8 there is no such day in the calendar',
      '8 missing key `kind` in `waivers[1]`',
      '8 missing key `reason` in `waivers[1]`',
      '9 no file matches `more/*.yaml`',
      '10 the open model needs a `rate`, in requests a second',
      '11 unknown key `xyzzy`',
    ])
  })
})
