import { expect, test } from 'vitest'
import { ConfigError, formatFaults } from './fault.ts'

test('faults are printed in the order of the text, each once, hints below them', () => {
  const error = new ConfigError([
    { file: 'b.yaml', line: 10, column: 1, message: 'fourth' },
    { file: 'b.yaml', line: 9, column: 12, message: 'third' },
    { file: 'b.yaml', line: 9, column: 2, message: 'second', hint: 'do this' },
    { file: 'a.yaml', message: 'first' },
    { file: 'b.yaml', line: 10, column: 1, message: 'fourth' },
  ])
  expect(formatFaults(error)).toBe(
    ['a.yaml: first', 'b.yaml:9:2: second', '    do this', 'b.yaml:9:12: third', 'b.yaml:10:1: fourth'].join(
      '\n',
    ),
  )
})

test('what stands in a file cannot steer the terminal', () => {
  const error = new ConfigError([
    { file: 'a.yaml', message: 'unknown key `\u001b[2J\r\n\u009b`', hint: '\u0007' },
  ])
  expect(formatFaults(error)).toBe('a.yaml: unknown key `?[2J???`\n    ?')
})
