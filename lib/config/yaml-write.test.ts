import { expect, test } from 'vitest'
import { writeYaml, type Plain } from './yaml-write.ts'
import { readYaml } from './yaml.ts'

test('writes sections, lists and comments as people would', () => {
  const text = writeYaml(['the head'], {
    entries: [
      {
        key: 'target',
        section: {
          entries: [
            { key: 'url', value: 'https://gw.example.test/v1', beside: 'where it is' },
            { key: 'credential', value: { in: 'header', scheme: null } },
            { key: 'others', items: { items: [{ item: { path: '/a' }, above: ['one'] }] } },
          ],
          after: ['? which', 'public: /ping'],
        },
      },
      { key: 'policy', section: { entries: [{ key: 'algorithms', value: ['RS256'] }] } },
    ],
  })
  expect(text).toBe(`# the head

target:
  url: https://gw.example.test/v1 # where it is
  credential: { in: header, scheme: null }
  others:
    # one
    - { path: /a }
  # ? which
  # public: /ping

policy:
  algorithms: [ RS256 ]
`)
})

test.each<[string, Plain]>([
  ['a text with a line break', 'a\nb: c'],
  ['a text like a number', '007'],
  ['a text like a comment', 'a # b'],
  ['a text like a list', '[a]'],
  ['an empty text', ''],
  ['a map whose keys are of this writer', { entries: ['a'], section: [], items: [] }],
  ['a long list', Array.from({ length: 50 }, (_, at) => `https://issuer.example.test/${at}`)],
])('%s stays what it is', (_, value) => {
  const text = writeYaml([], { entries: [{ key: 'a', value }] })
  expect(readYaml('f.yaml', text).value).toEqual({ a: value })
})

test.each(['\n', '\r', '\r\n', '\u2028', '\u0085'])(
  'a line break %j in a remark does not end it',
  (lineBreak) => {
    const remark = `a${lineBreak}evil: true`
    const section = { entries: [{ key: 'a', value: 1, above: [remark], beside: remark }], after: [remark] }
    expect(readYaml('f.yaml', writeYaml([remark], section)).value).toEqual({ a: 1 })
  },
)
