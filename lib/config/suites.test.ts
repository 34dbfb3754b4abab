import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { folderWith, linesOf } from '../../test/fixtures/config-folder.ts'
import { loadSuites, suiteVersion } from './suites.ts'

const features = `
signing-key: { kind: supply, title: A key, unlock: give it }
typ-at-jwt: { kind: policy, title: The type, unlock: declare it }
max-age: { kind: policy, title: The age, unlock: declare it, value: duration }
`
const suite = `id: audience.exact-match
title: A title
spec: { document: RFC 7519, section: '4.1.3' }
level: must
features: [signing-key]
cases:
  - id: aud-wrong
    title: Another
    deviation: { claims: { aud: x } }
    expect: reject
  - id: aud-prefix
    title: Longer
    variants:
      word: { claims: { aud: xy } }
      path: { claims: { aud: x/y }, expect: [reject, accept], features: [typ-at-jwt] }
    expect: { declared: typ-at-jwt, then: reject, otherwise: observe }
`
const own = suite.replace('.exact', '.x-exact').replaceAll('id: aud-', 'id: x-aud-')

type Files = Readonly<Record<string, string>>
const catalogue = (files: Files = {}): string =>
  folderWith({ 'features.yaml': features, 'audience/exact-match.yaml': suite, ...files })
const load = (files: Files = {}) => loadSuites(catalogue(files), [])
const told = (files: Files) => linesOf(() => load(files))
const toldOf = (text: string) => told({ 'audience/exact-match.yaml': text })
const toldOfOwn = (text: string) => {
  const folder = catalogue({ '../own.yaml': text })
  return linesOf(() => loadSuites(folder, [join(folder, '../own.yaml')])).map((line) =>
    line.replace(/^.*own\.yaml/, 'own.yaml'),
  )
}

test('a requirement takes its topic from its id, and each case has a digest', () => {
  const { version, digest, requirements, features } = load({ 'README.md': '', 'audience/notes.md': '' })
  expect(version).toBe(suiteVersion)
  expect(digest).toMatch(/^[0-9a-f]{64}$/)
  expect(requirements).toEqual([
    expect.objectContaining({
      id: 'audience.exact-match',
      topic: 'audience',
      file: 'audience/exact-match.yaml',
      features: ['signing-key'],
      advisories: [],
      cases: [
        expect.objectContaining({ id: 'aud-wrong', digest: expect.stringMatching(/^[0-9a-f]{16}$/) }),
        expect.objectContaining({ id: 'aud-prefix' }),
      ],
    }),
  ])
  expect(features['max-age']).toEqual({
    kind: 'policy',
    title: 'The age',
    unlock: 'declare it',
    value: 'duration',
  })
})

test('the digest of a case is of what is sent and expected, not of its words or its layout', () => {
  const digests = (text: string) =>
    load({ 'audience/exact-match.yaml': text }).requirements[0]!.cases.map((c) => c.digest)
  const before = digests(suite)
  expect(digests(suite.replace('title: Another', 'title: Otherwise'))).toEqual(before)
  expect(digests(suite.replace('{ aud: x }', '{ "aud":   "x" }'))).toEqual(before)
  expect(digests(suite.replace('{ aud: x }', '{ aud: z }'))).toEqual([
    expect.not.stringContaining(before[0]!),
    before[1],
  ])
  expect(digests(suite.replace('expect: reject', 'expect: refuse'))[0]).not.toBe(before[0])
})

test('the digest of the suite is of every word of it, and of no file name', () => {
  const { digest } = load()
  expect(load().digest).toBe(digest)
  expect(load({ 'audience/exact-match.yaml': suite.replace('Another', 'Other') }).digest).not.toBe(digest)
  expect(load({ 'features.yaml': features.replace('A key', 'The key') }).digest).not.toBe(digest)
})

test('a file of the user’s own joins the catalogue', () => {
  const folder = catalogue({ '../own.yaml': own })
  const { requirements } = loadSuites(folder, [join(folder, '../own.yaml')])
  expect(requirements.map(({ id }) => id)).toEqual(['audience.exact-match', 'audience.x-exact-match'])
})

test.each([
  [
    'an unknown key',
    ['title: Another', 'titel: Another'],
    '8:5: unknown key `titel` in `cases[0]`; did you mean `title`?',
  ],
  [
    'an unknown key of a variant',
    ['{ aud: xy } }', '{ aud: xy }, expct: reject }'],
    '14:36: unknown key `expct` in `cases[1].variants.word`; did you mean `expect`?',
  ],
  [
    'an unknown word',
    ['expect: reject', 'expect: rejct'],
    '10:13: `cases[0].expect` must be one of accept, challenge, reject, forbid, bad-request, refuse, keep-out, observe; did you mean `reject`?',
  ],
  ['no expectation', ['    expect: reject\n', ''], '7:5: missing key `expect` in `cases[0]`'],
  [
    'an expectation that says no side',
    ['expect: reject', 'expect: { status: [401] }'],
    '10:5: it must say which side is expected',
  ],
  [
    'two sides at once',
    ['{ declared', '{ is: reject, declared'],
    '16:37: either `is` or `declared`, not both',
  ],
  [
    'declared without otherwise',
    [', otherwise: observe', ''],
    '16:5: `declared` needs both `then` and `otherwise`',
  ],
  [
    'then without declared',
    ['declared: typ-at-jwt', 'is: reject'],
    '16:33: `then` and `otherwise` go with `declared`',
  ],
  [
    'a deviation beside variants',
    ['    variants:', '    deviation: { sign: none }\n    variants:'],
    '14:5: a case has either a `deviation` or `variants`',
  ],
  [
    'an unknown feature',
    ['[signing-key]', '[signing-keys]'],
    '5:12: unknown feature `signing-keys`; did you mean `signing-key`?',
  ],
  [
    'an unknown feature of a variant',
    ['[typ-at-jwt]', '[typ-at-jtw]'],
    '15:74: unknown feature `typ-at-jtw`; did you mean `typ-at-jwt`?',
  ],
  [
    'an unknown feature that is declared',
    ['declared: typ', 'declared: type'],
    '16:25: unknown feature `type-at-jwt`',
  ],
  [
    'an id that does not agree with the path',
    ['exact-match', 'exact'],
    '1:5: the id `audience.exact` does not agree with the path, which says `audience.exact-match`',
  ],
  ['an id of no topic', ['id: audience.', 'id: audiences.'], '1:5: `audiences.exact-match` is of no topic'],
  ['a case with the name of a topic', ['id: aud-wrong', 'id: scope'], '7:9: `scope` is the name of a topic'],
  [
    'a case of the catalogue with an id for others',
    ['id: aud-wrong', 'id: x-aud-wrong'],
    '7:9: ids that begin with `x-` are kept for files of the user’s own',
  ],
  ['a variant’s name with a slash', ['word:', 'a/b:'], '14:7: `a/b`: a variant is named by'],
  [
    'an id that is taken in the same file',
    ['id: aud-prefix', 'id: aud-wrong'],
    '11:9: the id `aud-wrong` stands in this file already',
  ],
  ['a section that is a number', ["'4.1.3'", '4.1'], '3:38: `spec.section` must be text, not a number'],
  [
    'a reference to no case',
    ['expect: reject', 'expect: { same: aud-nowhere }'],
    '10:21: `aud-nowhere` is neither `baseline` nor the id of a case',
  ],
] as const)('%s is told with file, line and column', (_, [from, to], message) => {
  const [line] = toldOf(suite.replace(from, to))
  expect(line).toContain(`audience/exact-match.yaml:${message}`)
})

test('an id that is taken in another file is told', () => {
  expect(
    told({ 'audience/other.yaml': suite.replace('exact-match', 'other').replace('aud-wrong', 'aud-two') }),
  ).toEqual(['audience/other.yaml:11:9: the id `aud-prefix` stands in audience/exact-match.yaml already'])
})

test('a reference to `baseline` or to a case of another file is good', () => {
  const other = suite
    .replace('exact-match', 'other')
    .replaceAll('id: aud-', 'id: two-')
    .replace('expect: reject', 'expect: { same: aud-wrong }')
  expect(told({ 'audience/other.yaml': other })).toEqual([])
  expect(toldOf(suite.replace('expect: reject', 'expect: { same: baseline }'))).toEqual([])
})

test('ids in files of the user’s own begin with x-', () => {
  expect(toldOfOwn(own)).toEqual([])
  expect(toldOfOwn(own.replace('x-exact-match', 'mine').replace('id: x-aud-wrong', 'id: aud-mine'))).toEqual([
    'own.yaml:1:5: in a file of your own the requirement’s name begins with `x-`: `audience.x-mine`',
    'own.yaml:7:9: in a file of your own a case’s id begins with `x-`: `x-aud-mine`',
  ])
})

test('the faults of all files are told at once', () => {
  const lines = told({
    'audience/exact-match.yaml': suite.replace('level: must', 'level: mast'),
    'audience/broken.yaml': 'a: [',
    'features.yaml': features.replace('supply', 'suply'),
  })
  expect(lines.map((line) => line.split(':', 2).join(':'))).toEqual([
    'audience/broken.yaml:1',
    'audience/exact-match.yaml:4',
    'features.yaml:2',
  ])
})

test('a suite file where none is looked for is told, and not passed over', () => {
  const files = {
    'audiance/exact-match.yaml': suite,
    'audience/b.yml': suite,
    'audience/more/a.yaml': suite,
    'c.yaml': suite,
  }
  expect(told(files).map((line) => line.split(': ')[0])).toEqual(Object.keys(files))
})

test.each([
  [
    'an unknown kind',
    ['supply', 'suply'],
    '2:22: `signing-key.kind` must be one of supply, capability, policy; did you mean `supply`?',
  ],
  ['a name in capitals', ['signing-key', 'Signing'], '2:1: `Signing`: expected a name of small letters'],
  [
    'a value of a feature that is not declared',
    ['give it', 'give it, value: number'],
    '2:68: only a policy feature is declared with a value',
  ],
] as const)('in features.yaml %s is told', (_, [from, to], message) => {
  expect(told({ 'features.yaml': features.replace(from, to) }).join('\n')).toContain(
    `features.yaml:${message}`,
  )
})

test('the catalogue that comes with gateproof is sound', () => {
  expect(linesOf(() => loadSuites(fileURLToPath(new URL('../../suites/', import.meta.url)), []))).toEqual([])
})
