import { expect, it } from 'vitest'
import { describeExpected, describeObserved } from './describe.ts'
import { specLink } from './spec-link.ts'
import { reasonOf } from './unlocks.ts'

it.each([
  [undefined, 'not said'],
  ['accept' as const, 'let in'],
  [['forbid', 'refuse'] as const, '403 with error="insufficient_scope", or refused with a 4xx'],
  [
    { is: 'reject', status: [401], error: null },
    '401 with a challenge, error="invalid_token"; status 401; no error code',
  ],
  [
    { declared: 'typ-at-jwt', then: 'reject', otherwise: ['accept', 'observe'] },
    '401 with a challenge, error="invalid_token" where typ-at-jwt is declared, else let in, or either; recorded, not judged',
  ],
  [
    { is: ['keep-out', 'accept'], hits: 0 },
    'refused, and nothing at the upstream, or let in; nothing at the upstream',
  ],
  [
    { is: 'accept', header: { Vary: null, 'X-A': 'b', 'X-C': { pattern: '^d' } }, fetches: 2 },
    'let in; no header Vary; the header X-A: b; the header X-C matching ^d; the key set fetched 2 times at most',
  ],
  [{ same: 'baseline' }, 'the same side as the good token'],
  [
    { same: 'aud-wrong', consistent: 'variants' },
    'the same side as aud-wrong; the same side for all variants',
  ],
  [
    { is: 'refuse', error: ['a', 'b'], check: ['no-store', 'no-leak'] },
    'refused with a 4xx; error code a or b; checked for no-store and no-leak',
  ],
  [{ is: 'accept', later: { a: 1 } }, 'let in; later: {"a":1}'],
])('says what was expected by %j', (expected, text) => {
  expect(describeExpected(expected)).toBe(text)
})

it('says what came', () => {
  expect(describeObserved(undefined)).toBe('nothing was sent')
  expect(describeObserved({ status: null, challenge: null, reachedUpstream: null, ms: null })).toBe(
    'no answer',
  )
  expect(
    describeObserved({
      status: 401,
      challenge: 'Bearer',
      reachedUpstream: true,
      ms: 1,
      measured: { leeway: 60 },
    }),
  ).toBe('401 · reached the upstream · challenge Bearer · leeway 60')
})

it('links to a section of an RFC, and to nothing else', () => {
  expect(specLink({ document: 'RFC 7519', section: '4.1.3' })).toBe(
    'https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3',
  )
  expect(specLink({ document: 'RFC 7519', section: 'Appendix A"' })).toBe(
    'https://www.rfc-editor.org/rfc/rfc7519',
  )
  expect(specLink({ document: 'OpenID Connect Core 1.0', section: '2' })).toBeUndefined()
  expect(specLink({ document: 'RFC 7519/../x', section: '2' })).toBeUndefined()
})

it('says what a reason means, and keeps what follows it', () => {
  expect(reasonOf('locked-out: 403 after 12 refusals').text).toBe(
    'good tokens were refused after bad ones (403 after 12 refusals)',
  )
  expect(reasonOf('something else')).toEqual({ text: 'something else', advice: '' })
})
