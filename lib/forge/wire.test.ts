import { describe, expect, test } from 'vitest'
import type { WireEdit } from '../config/deviation.ts'
import { openSmithy } from './fixture.ts'
import { ValueError } from './scene.ts'
import { editWire } from './wire.ts'

const { scene, good } = await openSmithy('ES256')
const compact = good.text
const [header, payload, signature] = compact.split('.') as [string, string, string]
const edited = (edit: WireEdit) => editWire(compact, edit, scene)
const bytesOf = (text: string) => Buffer.from(text, 'base64url')

test.each<[WireEdit, string]>([
  [{ text: 'nonsense' }, 'nonsense'],
  [{ text: { $claim: 'sub' } }, 'gateproof'],
  [{ join: [{ $segment: 'header' }, { $segment: 'payload' }] }, `${header}.${payload}`],
  [{ join: ['', { $segment: 'payload' }, { $segment: 'signature' }] }, `.${payload}.${signature}`],
  [{ insert: { text: '.', in: 'token', at: 'end' } }, `${compact}.`],
  [{ insert: { text: ' ', in: 'token', at: 'start' } }, ` ${compact}`],
  [{ insert: { text: '=', in: 'payload', at: 'end' } }, `${header}.${payload}=.${signature}`],
  [{ keep: { in: 'signature', characters: 0 } }, `${header}.${payload}.`],
  [{ recode: { in: 'signature', as: 'padded' } }, `${header}.${payload}.${signature}==`],
])('%j', (edit, wanted) => {
  expect(edited(edit)).toBe(wanted)
})

describe('a segment', () => {
  const signatureOf = (edit: WireEdit) => edited(edit).slice(header.length + payload.length + 2)

  test('keeps so many bytes, all but so many, or half of them', () => {
    const whole = bytesOf(signature)
    expect(bytesOf(signatureOf({ keep: { in: 'signature', bytes: 10 } }))).toEqual(whole.subarray(0, 10))
    expect(bytesOf(signatureOf({ keep: { in: 'signature', bytes: -1 } }))).toEqual(whole.subarray(0, 63))
    expect(bytesOf(signatureOf({ keep: { in: 'signature', half: true } }))).toEqual(whole.subarray(0, 32))
  })

  test.each(['first', 'middle', 'last'] as const)('has its %s bit turned over, and no other', (bit) => {
    const before = bytesOf(signature)
    const after = bytesOf(signatureOf({ flip: { in: 'signature', bit } }))
    const differing = [...before].filter((byte, index) => byte !== after[index])
    expect(after).toHaveLength(before.length)
    expect(differing).toHaveLength(1)
    const at = { first: 0, middle: 32, last: 63 }[bit]
    expect((before[at] ?? 0) ^ (after[at] ?? 0)).toBe(bit === 'first' ? 0x80 : 1)
  })

  test('in another spelling decodes to the same bytes', () => {
    for (const as of ['padded', 'noncanonical'] as const) {
      const other = signatureOf({ recode: { in: 'signature', as } })
      expect(other).not.toBe(signature)
      expect(bytesOf(other)).toEqual(bytesOf(signature))
    }
  })

  test('without unused bits has no other spelling', () => {
    const four = 'AAAA.AAAA.AAAA'
    expect(() => editWire(four, { recode: { in: 'signature', as: 'noncanonical' } }, scene)).toThrow(
      ValueError,
    )
    expect(editWire(four, { recode: { in: 'signature', as: 'padded' } }, scene)).toBe('AAAA.AAAA.AAAA==')
  })

  test('has a name', () => {
    expect(() => edited({ join: [{ $segment: 'middle' }] })).toThrow(ValueError)
  })
})

describe('the JSON serialization (RFC 7515 section 7.2)', () => {
  test('flattened and general hold the same segments', () => {
    expect(JSON.parse(edited({ form: 'flattened' }))).toEqual({ protected: header, payload, signature })
    expect(JSON.parse(edited({ form: 'general' }))).toMatchObject({
      payload,
      signatures: [{ protected: header, signature }, {}],
    })
  })

  test('may read as compact to one parser and as JSON to another', () => {
    const text = edited({ form: 'polyglot' })
    expect(JSON.parse(text)).toMatchObject({ protected: header, payload, signature })
    const [first, second, third] = text.split('.') as [string, string, string]
    expect(text.split('.')).toHaveLength(3)
    expect(first).toContain(header)
    expect(JSON.parse(bytesOf(second).toString())).toMatchObject({ sub: 'gateproof-forged' })
    expect(third).toContain(signature)
  })
})
