import { expect, it } from 'vitest'
import { result } from '../../test/fixtures/report-parts.ts'
import { assertionOf } from './assertion.ts'
import { fail, inconclusive, judged, missing, pass } from './compare/fixture.ts'
import type { Result } from './report.ts'

const warn: Result['verdict'] = {
  status: 'warn',
  mismatches: [{ kind: 'wrong-status', safety: 'protocol', level: 'should', detail: '403' }],
  notes: [],
}
const waived = { waived: [{ kind: 'let-in', reason: 'ticket 1' }] }

it.each([
  ['a pass', judged('aud-a', pass), 'must', 'passes'],
  ['what was only observed', judged('aud-a', { status: 'observed', notes: [] }), 'should', 'passes'],
  ['a fail', judged('aud-a', fail('let-in')), 'must', 'fails'],
  ['a fail of protocol', judged('aud-a', fail('wrong-status')), 'must', 'fails'],
  ['a fail of protocol, by safety', judged('aud-a', fail('wrong-status')), 'safety', 'passes'],
  ['a bypass, by safety', judged('aud-a', fail('let-in')), 'safety', 'fails'],
  ['a warning', judged('aud-a', warn), 'must', 'passes'],
  ['a warning, by should', judged('aud-a', warn), 'should', 'fails'],
  ['a waived fail', judged('aud-a', fail('let-in'), waived), 'must', 'passes'],
  ['a fail waived in part', judged('aud-a', fail('let-in', 'wrong-status'), waived), 'must', 'fails'],
  ['what could not be judged', judged('aud-a', inconclusive), 'safety', 'fails'],
  ['what does not apply', judged('aud-a', missing), 'must', 'skips'],
] as const)('%s', (_, one, failOn, kind) => {
  expect(assertionOf(one, failOn).kind).toBe(kind)
})

it('tells the finding, why it could not be judged, what is missing, and what was waived', () => {
  const one = judged('aud-a', fail('let-in'), { expected: 'reject' })
  expect(assertionOf(one, 'must')).toMatchObject({
    message: expect.stringMatching(
      /^A bad request was let in\nlet-in \(fails-open, must\)[^]*expected: 401/,
    ) as string,
  })
  expect(assertionOf(judged('aud-a', inconclusive), 'must')).toMatchObject({
    message: expect.stringMatching(/^inconclusive: no answer came/) as string,
  })
  expect(assertionOf(judged('aud-a', missing), 'must')).toMatchObject({ reason: 'missing upstream: own it' })
  expect(assertionOf(judged('aud-a', fail('let-in'), waived), 'must')).toMatchObject({
    remark: 'waived: ticket 1',
  })
})

it('writes out what a gateway sent that would act on a terminal', () => {
  const one = result({
    ...judged('aud-a', fail('let-in')),
    observed: { status: 200, challenge: '\u001b[31m', reachedUpstream: null, ms: 1 },
  })
  const assertion = assertionOf(one, 'must')
  expect(assertion.kind === 'fails' && assertion.message).toMatch(/\\x1b\[31m/)
})
