import { describe, expect, it } from 'vitest'
import { bindResponse, searchedName } from './ldap.ts'

const bind = Buffer.from('300c020101600702010304008000', 'hex')
const search = Buffer.from(
  '302c020102632704076f3d6669727374' + '0a01000a0103020100020100010100870b6f626a656374436c617373' + '3000',
  'hex',
)

describe('a client that binds', () => {
  it('is told of success under the id of its message', () => {
    expect(bindResponse(bind)?.toString('hex')).toBe('300c02010161070a010004000400')
    expect(
      bindResponse(Buffer.from('300e0203010203600702010304008000', 'hex'))?.subarray(2, 7).toString('hex'),
    ).toBe('0203010203')
  })

  it('is told so by nobody else, and no broken message does harm', () => {
    expect(bindResponse(search)).toBeUndefined()
    for (let length = 0; length < bind.length; length += 1)
      expect(bindResponse(bind.subarray(0, length))).toBeUndefined()
    for (let at = 0; at < bind.length; at += 1) {
      const broken = Buffer.from(bind)
      broken[at] = 0xff
      expect(() => bindResponse(broken)).not.toThrow()
    }
  })
})

describe('a client that searches', () => {
  it('names its object', () => {
    expect(searchedName(search)).toBe('o=first')
  })

  it('is the only one that does, and no broken message does harm', () => {
    expect(searchedName(bind)).toBeUndefined()
    for (let length = 0; length < search.length; length += 1)
      expect(searchedName(search.subarray(0, length))).toBeUndefined()
  })
})
