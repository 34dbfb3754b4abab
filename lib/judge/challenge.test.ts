import { describe, expect, test } from 'vitest'
import { challengeOf, paramOf, readChallenges } from './challenge.ts'

/** Each challenge as its scheme and its parameters. */
const read = (...values: string[]) =>
  readChallenges(values).challenges.map(({ scheme, params }) => [scheme, Object.fromEntries(params)])

const faults = (...values: string[]) => readChallenges(values).faults

describe('the examples of RFC 6750 section 3', () => {
  test.each([
    ['Bearer realm="example"', { realm: 'example' }],
    [
      'Bearer realm="example",\r\n error="invalid_token",\r\n error_description="The access token expired"'.replaceAll(
        '\r\n',
        '',
      ),
      { realm: 'example', error: 'invalid_token', error_description: 'The access token expired' },
    ],
  ])('%s', (value, params) => {
    expect(read(value)).toEqual([['Bearer', params]])
    expect(faults(value)).toEqual([])
  })
})

describe('of several challenges', () => {
  test('in one value each has its own parameters (the example of RFC 9110 section 11.6.1)', () => {
    const value = 'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"'
    expect(read(value)).toEqual([
      ['Newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }],
      ['Basic', { realm: 'simple' }],
    ])
    expect(faults(value)).toEqual([])
  })

  test('in several values each is read', () => {
    expect(read('Negotiate', 'Bearer realm="x"', 'Basic')).toEqual([
      ['Negotiate', {}],
      ['Bearer', { realm: 'x' }],
      ['Basic', {}],
    ])
  })

  test('a token68 is no parameter and no scheme (RFC 9110 section 11.2)', () => {
    expect(read('Negotiate oRQwEqADCgEAoQsGCSqGSIb3EgECAg==, Bearer error="invalid_token"')).toEqual([
      ['Negotiate', {}],
      ['Bearer', { error: 'invalid_token' }],
    ])
    expect(faults('NTLM TlRMTVNTUAAC+/=')).toEqual([])
  })

  test('the one of a scheme is found whatever its letter case', () => {
    const all = readChallenges(['Basic realm="a", bEARER ERROR="invalid_token"'])
    expect(paramOf(challengeOf(all, 'Bearer'), 'error')).toBe('invalid_token')
    expect(challengeOf(all, 'DPoP')).toBeUndefined()
    expect(paramOf(undefined, 'error')).toBeUndefined()
  })
})

describe('oddly written challenges are read all the same', () => {
  const both = [['Bearer', { realm: 'x', error: 'invalid_token' }]]
  test.each([
    [
      'separated by spaces',
      'Bearer realm="x" error="invalid_token"',
      'has parameters that no comma separates',
    ],
    [
      'separated by semicolons',
      'Bearer realm="x"; error="invalid_token"',
      'has characters that no challenge has',
    ],
    [
      'with a value that needs quotes',
      'Bearer realm=x, error=invalid_token/',
      'has a value that needs quotes',
    ],
  ])('%s', (_, value, fault) => {
    const [first] = read(value)
    expect(first?.[0]).toBe('Bearer')
    expect(first?.[1]).toMatchObject({ realm: 'x', error: expect.stringMatching(/^invalid_token/) as string })
    expect(faults(value)).toContain(fault)
  })

  test.each([
    ['empty members', 'Bearer realm="x",, ,error="invalid_token",'],
    ['blanks around the equals sign', 'Bearer realm = "x" , error\t=\t"invalid_token"'],
    ['no quotes where none are needed', 'Bearer realm=x,error=invalid_token'],
    ['tabs and doubled spaces', 'Bearer  realm="x",\t error="invalid_token"'],
  ])('%s', (_, value) => {
    expect(read(value)).toEqual(both)
    expect(faults(value)).toEqual([])
  })

  test('a comma or a quote inside of quotes is text', () => {
    expect(read('Bearer error_description="no, \\"not\\" now", realm="a\\\\b"')).toEqual([
      ['Bearer', { error_description: 'no, "not" now', realm: 'a\\b' }],
    ])
  })

  test('a repeated parameter stays repeated, and its first value counts', () => {
    const all = readChallenges(['Bearer error="invalid_token", error="insufficient_scope"'])
    expect(all.challenges[0]?.params).toHaveLength(2)
    expect(paramOf(all.challenges[0], 'error')).toBe('invalid_token')
  })

  test.each([
    ['a quoted text without an end', 'Bearer realm="x, error=invalid'],
    ['a quote in quotes', 'Bearer realm="x, error="invalid'],
    ['a challenge that no comma separates from the next', 'Bearer realm="x" Basic realm="y"'],
    ['a parameter before any scheme', 'error="invalid_token"'],
    ['bytes that no challenge has', 'Bearer realm="x" \xff\xfe'],
  ])('%s is a fault', (_, value) => {
    expect(faults(value)).not.toEqual([])
  })

  test.each(['', ' ', ',', '\t, ,'])('nothing (%j) is no challenge', (value) => {
    expect(read(value)).toEqual([])
  })
})

describe('what is hostile', () => {
  // Work that grew with the square of these lengths would take minutes, beyond any test's time.
  const long = 4_000_000
  test.each<[string, string]>([
    ['blanks', ' '.repeat(long)],
    ['a scheme without an end', 'B'.repeat(long)],
    ['blanks between two words', `Bearer${' '.repeat(long)}x`],
    ['a token68 that is none', `Bearer ${'a'.repeat(long)}!`],
    ['equals signs', `Bearer ${'='.repeat(long)}x`],
    ['commas', ','.repeat(long)],
    ['quotes', '"'.repeat(long)],
    ['backslashes in quotes', `Bearer a="${'\\'.repeat(long)}`],
    ['many schemes', 'a '.repeat(long / 2)],
    ['many parameters', `Bearer ${'a=b,'.repeat(long / 4)}`],
    ['bytes that no challenge has', '\xff'.repeat(long)],
  ])('%s: millions of characters are read up to a bound, in no time', (_, value) => {
    const { challenges, faults: found } = readChallenges([value])
    expect(found).toContain('longer than 8 KiB')
    expect(challenges.length).toBeLessThanOrEqual(8192)
  })
})
