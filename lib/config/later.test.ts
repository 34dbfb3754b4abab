import { expect, test } from 'vitest'
import { configOf, smallConfig } from '../../test/fixtures/config-folder.ts'
import { checkEnforces } from './enforces.ts'
import { ConfigError, formatFaults, type Fault } from './fault.ts'
import { faultIn } from './later.ts'
import { checkWaivers } from './waivers.ts'

const lines = (faults: readonly Fault[]) =>
  faults.length === 0 ? [] : formatFaults(new ConfigError(faults)).split('\n')

const waivable = {
  cases: new Set(['alg-none', 'aud-wrong']),
  topics: new Set(['audience', 'alg']),
  kinds: { 'let-in': { safety: 'fails-open' }, 'wrong-status': { safety: 'protocol' } },
} as const

const waive = (waivers: string) =>
  lines(checkWaivers(configOf(`${smallConfig}waivers:\n  - ${waivers}\n`), waivable))

test.each([
  '{ case: alg-none, kind: let-in, reason: r }',
  '{ case: aud-wrong, kind: wrong-status, reason: r }',
  '{ topic: alg, kind: wrong-status, reason: r }',
])('the waiver %s is of something that there is', (waiver) => {
  expect(waive(waiver)).toEqual([])
})

test.each([
  [
    '{ case: alg-nome, kind: let-in, reason: r }',
    'c.yaml:7:13: unknown case `alg-nome`; did you mean `alg-none`?',
  ],
  ['{ case: nothing-near, kind: let-in, reason: r }', 'c.yaml:7:13: unknown case `nothing-near`'],
  [
    '{ topic: audiences, kind: wrong-status, reason: r }',
    'c.yaml:7:14: unknown topic `audiences`; did you mean `audience`?',
  ],
  [
    '{ case: alg-none, kind: wrong-state, reason: r }',
    'c.yaml:7:29: unknown kind `wrong-state`; did you mean `wrong-status`?',
  ],
  ['{ case: alg-none, kind: constructor, reason: r }', 'c.yaml:7:29: unknown kind `constructor`'],
  [
    '{ topic: alg, kind: let-in, reason: r }',
    'c.yaml:7:14: `let-in` fails open: it cannot be waived for a whole topic',
  ],
])('the waiver %s is told', (waiver, message) => {
  expect(waive(waiver)[0]).toBe(message)
})

const features = {
  upstream: { kind: 'supply', title: 't', unlock: 'u' },
  'typ-at-jwt': { kind: 'policy', title: 't', unlock: 'u' },
  'max-lifetime': { kind: 'policy', title: 't', unlock: 'u', value: 'duration' },
  'max-count': { kind: 'policy', title: 't', unlock: 'u', value: 'number' },
  'subject-pattern': { kind: 'policy', title: 't', unlock: 'u', value: 'text' },
  'protected-resource-metadata': { kind: 'policy', title: 't', unlock: 'u', value: 'text' },
} as const

const enforce = (entry: string) =>
  lines(
    checkEnforces(
      configOf(smallConfig.replace('[RS256]', `[RS256], enforces: [typ-at-jwt, ${entry}]`)),
      features,
    ),
  )

test.each([
  'max-lifetime: 1h',
  'max-count: 3',
  "subject-pattern: 'svc-[a-z]+'",
  "protected-resource-metadata: 'https://a.test/v1'",
])('{ %s } is a policy feature with its value', (entry) => {
  expect(enforce(`{ ${entry} }`)).toEqual([])
})

test.each([
  ['typ-at-jtw', 'unknown policy feature `typ-at-jtw`; did you mean `typ-at-jwt`?'],
  ['upstream', 'unknown policy feature `upstream`'],
  ['max-lifetime', '`max-lifetime` needs a value: { max-lifetime: 1h }'],
  ['{ max-lifetime: soon }', '`max-lifetime`: expected a duration such as 10s, 500ms, 1h'],
  ['{ max-lifetime: 3600 }', '`max-lifetime`: expected a duration such as 10s, 500ms, 1h'],
  ['{ max-count: many }', '`max-count` must be a number'],
  ['subject-pattern', '`subject-pattern` needs a value: { subject-pattern: text }'],
  [
    "{ protected-resource-metadata: 'https://a.test/#b' }",
    '`protected-resource-metadata`: expected the URL of the resource, without a fragment',
  ],
  [
    '{ protected-resource-metadata: /v1 }',
    '`protected-resource-metadata`: expected the URL of the resource, without a fragment',
  ],
  ["{ subject-pattern: 'svc-[' }", '`subject-pattern` is no regular expression'],
])('policy.enforces with %s is told, since its cases would be left out unseen', (entry, message) => {
  expect(enforce(entry)[0]).toContain(message)
  expect(enforce(entry)[0]).toMatch(/^c\.yaml:4:\d+: /)
})

test('a fault that shows later stands where its node does, or the nearest one above', () => {
  const config = configOf(`${smallConfig}thresholds: [p99 < 50ms, p99 < soon]\n`)
  expect(faultIn(config, '/thresholds/1', 'm')).toMatchObject({ file: 'c.yaml', line: 6, column: 26 })
  expect(faultIn(config, '/thresholds/1/x', 'm')).toMatchObject({ line: 6, column: 26 })
})
