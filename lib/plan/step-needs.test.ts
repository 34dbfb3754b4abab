import { expect, test } from 'vitest'
import type { Step } from '../config/steps.ts'
import { targetAt } from '../exchange/fixture.ts'
import { needsOfSteps } from './step-needs.ts'

test.each<[string, Step, readonly string[]]>([
  ['measures', { measure: { leeway: 'exp' } }, ['jwt', 'signing-key']],
  ['counts fetches', { send: { expect: { is: 'reject', fetches: 1 } } }, ['served-key-set']],
  ['asks for a header', { send: { expect: { is: 'reject', header: { Vary: null } } } }, []],
])('what a step that %s cannot do without', (_, step, needs) => {
  expect(needsOfSteps([step], targetAt('http://127.0.0.1'), undefined)).toEqual(needs)
})
