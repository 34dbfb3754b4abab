import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configOf, faultsOf, folderWith, smallConfig } from '../../test/fixtures/config-folder.ts'
import { loadConfig } from './load.ts'

const told = (section: string, files: Readonly<Record<string, string>> = {}) =>
  faultsOf(smallConfig + section, { files }).filter((line) => line.startsWith('c.yaml'))

test.each([
  ['jwks: 127.0.0.1:9401', { jwks: { host: '127.0.0.1', port: 9401 } }],
  [
    'upstream: { listen: "[::1]:0", url: http://host.docker.internal:9402/, idHeader: x-id }',
    { upstream: { host: '::1', port: 0, url: 'http://host.docker.internal:9402', idHeader: 'x-id' } },
  ],
  ['upstream: 0.0.0.0:9402', { upstream: { host: '0.0.0.0', port: 9402, idHeader: 'x-gateproof-id' } }],
  ['listener: 127.0.0.1:1', { listener: { host: '127.0.0.1', port: 1, reachable: false } }],
  ['listener: { listen: a:1, reachable: true }', { listener: { host: 'a', port: 1, reachable: true } }],
])('serve.%s is understood', (serve, expected) => {
  expect(configOf(`${smallConfig}serve: { ${serve} }\n`).serve).toEqual(expected)
})

test.each([
  ['serve: { jwks: 9401 }', 'must be text or a map, not a number'],
  ['serve: { jwks: localhost }', 'expected HOST:PORT'],
  ['serve: { jwks: localhost:70000 }', 'at most 65535'],
  ['serve: { jwks: { listen: a:1, ulr: http://x } }', 'did you mean `url`?'],
  ['serve: { jwks: { listen: a:1, tls: { cert: c.pem } } }', 'missing key `key`'],
  ['serve: { jwks: a:1, listener: a:1 }', '`listener` and `jwks` listen at one port'],
  ['load: { model: closed, rate: 5 }', 'a `rate` is for the open model'],
  ['load: { mix: { valid: 0 } }', 'at least one weight must be more than 0'],
  ['load: { mix: { valid: -1 } }', 'must be at least 0'],
  ['load: { connections: 1.5 }', 'must be a whole number, not a number'],
  ['load: { duration: 0s }', 'nothing is measured in no time'],
  ['thresholds: [""]', 'must not be empty'],
  ['report: { formats: [] }', 'must not be empty'],
  ['cases: { maxInconclusive: -1 }', 'must be at least 0'],
  ['cases: { files: [more/x.yaml] }', 'cannot read `more/x.yaml`'],
  ['cases: { files: ["m*/x.yaml"] }', '`*` may stand in the last part of a path only'],
  ['cases: { files: ["*.yml"] }', 'no file matches `*.yml`'],
  ['cases: { files: ["gone/*"] }', 'no file matches `gone/*`'],
  ['waivers: [{ kind: k, reason: r }]', 'it has neither'],
  ['waivers: [{ case: c, kind: k, reason: r, until: soon }]', 'expected a date'],
  ['waivers: [{ case: c, kind: k, reason: r, until: 2027-02-29 }]', 'no such day'],
])('%s is told once: %s', (section, message) => {
  expect(told(`${section}\n`)).toEqual([expect.stringContaining(`c.yaml:6:`)])
  expect(told(`${section}\n`)[0]).toContain(message)
})

test('a load section keeps what it says, and the defaults for the rest', () => {
  const { load } = configOf(
    `${smallConfig}load: { model: open, rate: 100, mix: { valid: 9, alg-none: 1 } }\n`,
  )
  expect(load).toMatchObject({
    model: 'open',
    rate: 100,
    connections: 50,
    mix: { valid: 9, 'alg-none': 1 },
    tokens: 1000,
  })
})

test('waivers are of a case or of a topic', () => {
  const text = `${smallConfig}waivers:\n  - { case: c, kind: k, reason: r, until: 2028-02-29 }\n  - { topic: t, kind: k, reason: r }\n`
  expect(configOf(text).waivers).toEqual([
    { on: { case: 'c' }, kind: 'k', reason: 'r', until: '2028-02-29' },
    { on: { topic: 't' }, kind: 'k', reason: 'r' },
  ])
})

test('a pattern of suite files stands for the files that match, sorted, each once', () => {
  const folder = folderWith({
    'c.yaml': `${smallConfig}cases: { files: [more/*.yaml, more/b.yaml] }\n`,
    ...Object.fromEntries(
      ['b.yaml', 'a.yaml', 'a.yml', '.c.yaml', 'axyaml', 'd/e.yaml'].map((name) => [`more/${name}`, '']),
    ),
  })
  expect(loadConfig('c.yaml', { env: {}, cwd: folder }).cases.files).toEqual([
    join(folder, 'more/a.yaml'),
    join(folder, 'more/b.yaml'),
  ])
})
