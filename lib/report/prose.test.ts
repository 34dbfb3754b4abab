import { expect, it } from 'vitest'
import { paragraphsOf, proseParts } from './prose.ts'

it('parts a sentence at its pairs of backticks', () => {
  expect(proseParts('add `{ in: query }` to `x`')).toEqual([
    { kind: 'text', text: 'add ' },
    { kind: 'code', text: '{ in: query }' },
    { kind: 'text', text: ' to ' },
    { kind: 'code', text: 'x' },
  ])
  expect(proseParts('one ` alone')).toEqual([{ kind: 'text', text: 'one ` alone' }])
})

it('takes a break within a paragraph for a space', () => {
  expect(paragraphsOf('one\n  two\n\nthree\n')).toEqual(['one two', 'three'])
})
