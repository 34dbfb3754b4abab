import { expect, test } from 'vitest'
import type { Answer } from '../exchange/answer.ts'
import { answered, lessonFrom, refusal } from '../judge/fixture.ts'
import { bad, controlSetting, rehearse } from './fixture.ts'
import { unlessLockedOut, type GoodStep } from './unless-locked-out.ts'

const yes = answered(200)
const no = refusal(401, 'Bearer')
const lesson = lessonFrom({ good: yes, none: no })
const step: GoodStep = { words: ['accept'], route: 'protected', isIdle: false, make: bad }

test.each<[string, GoodStep, Answer, Answer, Answer, string | undefined, number]>([
  ['let in, needs no control', step, yes, yes, yes, undefined, 0],
  ['refused twice, while its control is let in, was refused', step, no, yes, no, undefined, 2],
  ['refused, and let in after its control, was locked out', step, no, yes, yes, 'locked-out', 2],
  [
    'refused, that may not be sent twice, was refused',
    { ...step, make: undefined },
    no,
    yes,
    yes,
    undefined,
    1,
  ],
  ['refused as its control is, was locked out', step, no, no, no, 'locked-out', 1],
  ['that is to be refused needs no control', { ...step, words: ['reject'] }, no, no, no, undefined, 0],
  ['after a change of the key set has none', { ...step, isIdle: true }, no, no, no, undefined, 0],
])('a step %s', async (_, given, answer, beside, again, reason, controls) => {
  const io = rehearse(({ target }) => (target === '/bad' ? again : beside))
  const sent = [{ request: bad(), id: 'id-0', answer }]
  const result = await unlessLockedOut({ sent, notes: [] }, given, {
    ...controlSetting(io, lesson),
  })
  expect(result.reason).toBe(reason)
  expect(io.sent).toHaveLength(controls)
})
