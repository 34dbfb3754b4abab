import { expect, test } from 'vitest'
import { signatureFor } from './shape.ts'

test('where chance is in a signature, one is looked for that the shape makes a difference to', () => {
  const signatures = [Buffer.of(1, 1), Buffer.of(1, 2), Buffer.of(1, 0)]
  expect(signatureFor('ecdsa-stripped', () => signatures.shift() ?? Buffer.of(9, 9))).toEqual(Buffer.of(1, 0))
  expect(signatures).toEqual([])
})

test('any signature will do for a shape that makes a difference to all of them', () => {
  expect(signatureFor('zero', () => Buffer.of(1, 1))).toEqual(Buffer.of(1, 1))
})
