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
  ['load: { keepAlive: false, engine: autocannon }', 'autocannon has the closed model alone'],
  ['load: { model: open, rate: 9, engine: autocannon }', 'autocannon has the closed model alone'],
  ['load: { arrivals: uniform }', 'a `arrivals` is for the open model'],
  ['load: { ceiling: {} }', 'a `ceiling` is for the open model'],
  ['load: { model: open, ceiling: {}, phases: [{ rate: 3 }] }', 'either phases or a search for the ceiling'],
  ['load: { model: open, ceiling: { from: 5, upTo: 5 } }', '`upTo` must be more than `from`'],
  ['load: { model: open, phases: [{ to: 5 }] }', 'the phase needs a `rate` to begin with'],
  ['load: { model: open, phases: [{ rate: 5, steps: 3 }] }', '`steps` need the rate at which they end'],
  ['load: { model: open, phases: [{ rate: 5, connections: 3 }] }', 'makes the connections that it needs'],
  ['load: { model: open, phases: [{ rate: 5, duration: 0s }] }', 'nothing is measured in no time'],
  ['load: { phases: [{ to: 5 }] }', 'a `to` is for the open model'],
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
    engine: 'native',
    connections: 50,
    maxConnections: 1000,
    phases: [{ name: 'constant', durationMs: 10_000, connections: 50, rate: { from: 100, to: 100 } }],
    mix: { valid: 9, 'alg-none': 1 },
    tokens: 1000,
  })
})

test('phases are constant, a ramp, or steps of one phase each, and names stay apart', () => {
  const phases = (load: string) => configOf(`${smallConfig}load: ${load}\n`).load.phases
  expect(
    phases(
      '{ model: open, duration: 3s, rate: 10, phases: [{}, { rate: 20, to: 40, duration: 1s }, { name: up, rate: 10, to: 30, steps: 3 }] }',
    ),
  ).toEqual([
    { name: 'constant', durationMs: 3000, connections: 50, rate: { from: 10, to: 10 } },
    { name: 'ramp', durationMs: 1000, connections: 50, rate: { from: 20, to: 40 } },
    { name: 'up 10/s', durationMs: 3000, connections: 50, rate: { from: 10, to: 10 } },
    { name: 'up 20/s', durationMs: 3000, connections: 50, rate: { from: 20, to: 20 } },
    { name: 'up 30/s', durationMs: 3000, connections: 50, rate: { from: 30, to: 30 } },
  ])
  expect(phases('{ connections: 5, phases: [{}, { connections: 9 }] }').map(({ name }) => name)).toEqual([
    'constant 5 connections',
    'constant 9 connections',
  ])
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
