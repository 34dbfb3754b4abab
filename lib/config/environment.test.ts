import { expect, test } from 'vitest'
import { substitute } from './environment.ts'

const environment = { NAME: 'value', EMPTY: '', NESTED: '${NAME}', YAML: '{ a: [1] }' }

test('variables are filled into scalars at any depth, and never into keys', () => {
  const { value } = substitute(
    { '${NAME}': ['x ${NAME} y ${NAME}', 1, null, { a: '${EMPTY}' }] },
    environment,
  )
  expect(value).toEqual({ '${NAME}': ['x value y value', 1, null, { a: '' }] })
})

test('what comes in is text: neither variables nor YAML in it are looked at', () => {
  expect(substitute(['${NESTED}', '${YAML}'], environment).value).toEqual(['${NAME}', '{ a: [1] }'])
})

test('two dollars make a literal', () => {
  expect(substitute(['$${NAME}', '$$', '$NAME', '$$${NAME}'], environment).value).toEqual([
    '${NAME}',
    '$$',
    '$NAME',
    '$${NAME}',
  ])
})

test('every value that came in is a secret, once, and an empty one is none', () => {
  const { secrets } = substitute(['${NAME}', 'a${NAME}', '${EMPTY}', '${YAML}'], environment)
  expect(secrets).toEqual(['value', '{ a: [1] }'])
})

test('an unset variable is told with its name and its node', () => {
  const { mistakes, value } = substitute({ a: ['${NOPE}/x'] }, environment)
  expect(mistakes).toEqual([
    { at: '/a/0', message: 'the environment variable `NOPE` is not set', hint: 'set it: export NOPE=…' },
  ])
  expect(value).toEqual({ a: ['${NOPE}/x'] })
})

test.each(['${}', '${1X}', '${NAME:-default}', '${NAME', '${ NAME }'])(
  '%s is no variable, and told',
  (text) => {
    const { mistakes } = substitute(text, environment)
    expect(mistakes).toEqual([expect.objectContaining({ at: '', hint: 'write `$${` for a literal `${`' })])
  },
)

test('the text as it stood is kept for messages, which must not hold values', () => {
  expect(substitute({ a: '${NAME}/x', b: 'plain' }, environment).written).toEqual(
    new Map([['/a', '${NAME}/x']]),
  )
})

test('a blank that `gateproof init` has left is told as one', () => {
  const { mistakes } = substitute({ a: '${FILL_IN_ISSUER}' }, {})
  expect(mistakes).toEqual([
    {
      at: '/a',
      message: '`${FILL_IN_ISSUER}` is still to be filled in',
      hint: expect.stringContaining('comment'),
    },
  ])
})
