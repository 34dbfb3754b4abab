import { expect, test } from 'vitest'
import { linesOf } from '../../test/fixtures/config-folder.ts'
import { readYaml, readYamlDocuments } from './yaml.ts'

const faults = (text: string) => linesOf(() => readYaml('f.yaml', text))

test('JSON is YAML', () => {
  expect(readYaml('f.json', '{"a":\n\t[1, "b", null, true]}').value).toEqual({ a: [1, 'b', null, true] })
})

test('a date stays text, and so do yes and no', () => {
  expect(readYaml('f.yaml', 'a: 2027-03-31\nb: no').value).toEqual({ a: '2027-03-31', b: 'no' })
})

test('each node has its place: a scalar its own, a collection and a key that of the key', () => {
  const { place, keyPlace } = readYaml('f.yaml', 'a:\n  b: x\n  c:\n    - 1\n    - d: 2\n"e/~": 3\n')
  expect(place('/a')).toEqual({ line: 1, column: 1 })
  expect(place('/a/b')).toEqual({ line: 2, column: 6 })
  expect(keyPlace('/a/b')).toEqual({ line: 2, column: 3 })
  expect(place('/a/c/0')).toEqual({ line: 4, column: 7 })
  expect(place('/a/c/1/d')).toEqual({ line: 5, column: 10 })
  expect(place('/e~1~0')).toEqual({ line: 6, column: 8 })
})

test('a node that is missing has the place of the nearest one above', () => {
  const { place } = readYaml('f.yaml', 'a: 1\nb:\n  c: { d: 1 }\n')
  expect(place('/b/c/x/y')).toEqual({ line: 3, column: 3 })
  expect(place('/z')).toEqual({ line: 1, column: 1 })
})

test('an empty file is null, at its first line', () => {
  const { value, place } = readYaml('f.yaml', '')
  expect(value).toBeNull()
  expect(place('')).toEqual({ line: 1, column: 1 })
})

test('what is no YAML is told once, with its place', () => {
  expect(faults('target: [\n  url: }')).toEqual([expect.stringMatching(/^f\.yaml:2:8: not valid YAML: /)])
  expect(faults('a: 1\n  b: 2\nc: : d\n')).toHaveLength(1)
})

test('every key that stands twice is told', () => {
  expect(faults('abc: 1\nx: { b: 1, b: 2 }\nabc: 3\n')).toEqual([
    'f.yaml:2:12: the key `b` stands twice in one map',
    'f.yaml:3:1: the key `abc` stands twice in one map',
  ])
})

test.each([
  ['a: { b: ${X} }', 'f.yaml:1:9: `${X}` lacks its quotes', '"${X}"'],
  ['a: [${X}, 2]', 'f.yaml:1:5: `${X}` lacks its quotes', '"${X}"'],
  [
    'a: { b: https://${HOST}/v1, c: 1 }',
    'f.yaml:1:9: `https://${HOST}/v1` lacks its quotes',
    '"https://${HOST}/v1"',
  ],
  ['a: { b: $${X} }', 'f.yaml:1:9: `$${X}` lacks its quotes', '"$${X}"'],
])('a variable without quotes in a flow collection gets its own hint: %s', (text, message, quoted) => {
  const [line, hint, ...more] = faults(text)
  expect(line).toContain(message)
  expect(hint).toBe(`    quote it: ${quoted}`)
  expect(more).toEqual([])
})

test('every variable without quotes is told, and none that has them or needs none', () => {
  const told = faults('a: { b: ${X} }\nc: "${Y}"\nd: ${Z}\ne: [ ${W} ]\n')
  expect(told.filter((line) => line.startsWith('f.yaml'))).toEqual([
    expect.stringContaining('f.yaml:1:9: `${X}`'),
    expect.stringContaining('f.yaml:4:6: `${W}`'),
  ])
})

test('anchors are followed, and a fault behind one stands where the anchor is', () => {
  const { value, place } = readYaml('f.yaml', 'a: &x { b: 1 }\nc: *x\n')
  expect(value).toEqual({ a: { b: 1 }, c: { b: 1 } })
  expect(place('/c/b')).toEqual({ line: 1, column: 12 })
})

test.each([
  ['an unknown anchor', 'a: *nope', 'f.yaml:1:4: the alias `*nope` stands for an anchor'],
  ['itself', 'a: &x [*x]', 'f.yaml:1:8: the alias `*x` stands for what it is itself a part of'],
])('an alias of %s is told', (_, text, message) => {
  expect(faults(text)).toEqual([expect.stringContaining(message)])
})

test('aliases of aliases do not blow up', () => {
  const level = (i: number) =>
    `l${i}: &l${i} [${Array.from({ length: 10 }, () => (i === 0 ? 'x' : `*l${i - 1}`)).join()}]`
  const bomb = Array.from({ length: 12 }, (_, i) => level(i)).join('\n')
  expect(faults(bomb)).toEqual(['f.yaml:1:1: its aliases make it larger than 100000 values'])
})

test.each([
  ['a tag', 'a: !include x', 'f.yaml:1:4: not valid YAML: Unresolved tag'],
  ['a number beyond JSON', 'a: .inf', 'f.yaml:1:4: `.inf` is no number'],
  ['a key that is a list', '? [a]\n: b', 'f.yaml:1:3: a key must be text'],
  ['a second document', 'a: 1\n---\nb: 2', 'f.yaml:2:1: a second YAML document begins here'],
])('%s is told', (_, text, message) => {
  expect(faults(text)).toEqual([expect.stringContaining(message)])
})

test('a key named __proto__ is a key like any other', () => {
  const { value } = readYaml('f.yaml', '__proto__: { polluted: true }')
  expect(Object.keys(value as object)).toEqual(['__proto__'])
  expect({}).not.toHaveProperty('polluted')
})

test('several documents of another program have their places, and their tags as maps', () => {
  const documents = readYamlDocuments('f.yaml', 'a: !Ref X\n---\nb: !Sub [c, { d: e }]\n')
  expect(documents.map(({ value }) => value)).toEqual([
    { a: { '!Ref': 'X' } },
    { b: { '!Sub': ['c', { d: 'e' }] } },
  ])
  expect(documents[1]?.place('/b')).toEqual({ line: 3, column: 1 })
})

test('what is no YAML is told in the second document too', () => {
  const told = linesOf(() => readYamlDocuments('f.yaml', 'a: 1\n---\nb: [\n'))
  expect(told).toEqual([expect.stringMatching(/^f\.yaml:4:1: not valid YAML/)])
})
