import { expect, it } from 'vitest'
import { fit, indented, wrap } from './wrap.ts'

it('breaks between words, and within one only where it is longer than a line', () => {
  expect(wrap('one two three', 8)).toEqual(['one two', 'three'])
  expect(wrap('abcdefghij kl', 4)).toEqual(['abcd', 'efgh', 'ij', 'kl'])
  expect(wrap('', 4)).toEqual([''])
})

it('begins each line with the same room', () => {
  expect(indented('one two three', 2, 8)).toEqual(['  one', '  two', '  three'])
})

it('cuts to a width, counting characters and not code units', () => {
  expect(fit('🙂🙂🙂🙂', 3)).toBe('🙂🙂…')
  expect(fit('abc', 3)).toBe('abc')
})

it('gives a stranger no line of its own', () => {
  expect(wrap('a\nb\u001b[2J', 80)).toEqual(['a\\nb\\x1b[2J'])
  expect(fit('a\nb', 80)).toBe('a\\nb')
})
