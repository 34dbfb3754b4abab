import Type from 'typebox'
import { expect, test } from 'vitest'
import { duration } from './duration.ts'
import { listFaults } from './fault-list.ts'
import { ConfigError, formatFaults } from './fault.ts'
import { closed } from './fields.ts'
import { validate } from './validate.ts'
import { readYaml } from './yaml.ts'

const Route = Type.Union([
  Type.String({ pattern: '^/', patternErrorMessage: 'expected a path such as /hello' }),
  Type.Object({ path: Type.String(), method: Type.Optional(Type.Enum(['GET', 'POST'])) }, closed),
  Type.Array(Type.Integer({ minimum: 1 })),
])
const Schema = Type.Object(
  {
    url: Type.String({ examples: ['http://x'] }),
    routes: Type.Object({ protected: Route, public: Type.Optional(Route) }, closed),
    timeout: Type.Optional(duration('a timeout')),
    pick: Type.Optional(
      Type.Object(
        { all: Type.Optional(Type.Boolean()), any: Type.Optional(Type.Boolean()) },
        { ...closed, minProperties: 1, maxProperties: 1 },
      ),
    ),
    list: Type.Optional(Type.Array(Type.Enum(['json', 'html']), { minItems: 1 })),
    nothing: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  },
  closed,
)

const check = (text: string) => {
  const document = readYaml('f.yaml', text)
  const list = listFaults(document)
  const value = validate(Schema, document.value, list)
  const told = list.faults.length === 0 ? [] : formatFaults(new ConfigError(list.faults)).split('\n')
  return { value, told }
}

const good = 'url: http://x\nroutes:\n  protected: /a\n'

test('a value that fits is returned as it is', () => {
  expect(check(`${good}nothing: null`)).toEqual({
    value: { url: 'http://x', routes: { protected: '/a' }, nothing: null },
    told: [],
  })
})

test.each([
  ['a wrong type', 'timeout: [1]', '4:1: `timeout`: expected a duration such as 10s, 500ms, 1h'],
  ['a wrong form', 'timeout: 10', '4:10: `timeout`: expected a duration such as 10s, 500ms, 1h'],
  ['an empty value', 'list:', '4:6: `list` is empty: it must be a list'],
  ['an empty list', 'list: []', '4:1: `list` must not be empty'],
  ['a wrong choice', 'list: [jsn]', '4:8: `list[0]` must be one of json, html; did you mean `json`?'],
  [
    'too many keys',
    'pick: { all: true, any: true }',
    '4:1: `pick` must have exactly one of the keys all, any',
  ],
  ['too few keys', 'pick: {}', '4:1: `pick` must have exactly one of the keys all, any'],
  [
    'a misspelt key where one is needed',
    'pick: { al: true }',
    '4:9: unknown key `al` in `pick`; did you mean `all`?',
  ],
  ['a number for text or null', 'nothing: 1', '4:10: `nothing` must be text or null, not a number'],
])('%s is told once', (_, line, message) => {
  expect(check(good + line).told[0]).toBe(`f.yaml:${message}`)
  expect(check(good + line).told.filter((told) => told.startsWith('f.yaml'))).toHaveLength(1)
})

test.each([
  ['text', 'hello', '3:14: `routes.protected`: expected a path such as /hello'],
  [
    'a map',
    '{ path: /a, metod: GET }',
    '3:26: unknown key `metod` in `routes.protected`; did you mean `method`?',
  ],
  [
    'a map',
    '{ path: /a, method: got }',
    '3:34: `routes.protected.method` must be one of GET, POST; did you mean `GET`?',
  ],
  ['a list', '[1, 0]', '3:18: `routes.protected[1]` must be at least 1'],
  ['nothing it can be', 'true', '3:14: `routes.protected` must be text, a map or a list, not true or false'],
])('a union whose value is %s tells what is wrong with that alone: %s', (_, value, message) => {
  expect(check(`url: http://x\nroutes:\n  protected: ${value}\n`).told.slice(0, 1)).toEqual([
    `f.yaml:${message}`,
  ])
})

test('a number where text is needed is to be quoted', () => {
  expect(check(good.replace('http://x', '3.10')).told).toEqual([
    'f.yaml:1:6: `url` must be text, not a number',
    '    put it in quotes',
  ])
})

test('a missing key is told at its parent, with what it is for', () => {
  expect(check('url: http://x\nroutes:\n  public: /a\n').told[0]).toBe(
    'f.yaml:2:1: missing key `protected` in `routes`',
  )
})

test('a misspelt required key is told as that, and not as missing too', () => {
  expect(check(good.replace('routes', 'routs')).told).toEqual([
    'f.yaml:2:1: unknown key `routs`; did you mean `routes`?',
  ])
})

test('what lies below a misspelt key is looked at, and told where it is written', () => {
  expect(check('url: http://x\nrouts:\n  protcted: hello\n').told).toEqual([
    'f.yaml:2:1: unknown key `routs`; did you mean `routes`?',
    'f.yaml:3:3: unknown key `protcted` in `routes`; did you mean `protected`?',
    'f.yaml:3:13: `routes.protected`: expected a path such as /hello',
  ])
})

test('a key that is near none gets the list of those there are', () => {
  expect(check(`${good}xyzzy: 1`).told).toEqual([
    'f.yaml:4:1: unknown key `xyzzy`',
    '    known keys: url, routes, timeout, pick, list, nothing',
  ])
})

test('a key that is there already is no guess for a misspelt one', () => {
  expect(check(`${good}url2: 1`).told[0]).toBe('f.yaml:4:1: unknown key `url2`')
})

test('a faulty value is mended, so that the rest can be checked', () => {
  const { value, told } = check('routs: { protected: /a, public: 5 }\ntimeout: soon\n')
  expect(told.filter((line) => line.startsWith('f.yaml'))).toHaveLength(4)
  expect(value).toEqual({ url: 'http://x', routes: { protected: '/a' } })
})

test('where nothing is left after mending there is no value', () => {
  expect(check('url: http://x\nroutes: []\n').value).toBeUndefined()
  expect(check('- 1').value).toBeUndefined()
})
