import { expect, test } from 'vitest'
import type { Step } from '../config/steps.ts'
import { requestTo } from '../exchange/fixture.ts'
import { explainSteps, type StepSetting } from './explain-steps.ts'

const setting: StepSetting = {
  width: 78,
  origin: 'http://127.0.0.1:8480',
  expected: 'reject',
  make: ({ request }) =>
    request?.raw === true
      ? undefined
      : requestTo('/v1/hello', {
          headers: [['Authorization', 'Bearer a.good.token']],
          secrets: ['a.good.token'],
        }),
}

const told = (...steps: readonly Step[]): readonly string[] => explainSteps(steps, setting, 'some-case')
const inOneLine = (step: Step): string => told(step).join(' ').replaceAll(/ +/g, ' ')

test.each<[Step, string]>([
  [
    { send: { as: 'first', deviation: { sign: { as: 'gone' } }, expect: 'accept' } },
    '1. Send the good request, but signed with the key gone. Expected: let in. It is called first.',
  ],
  [
    { send: { deviation: { sign: 'attacker', request: { route: 'scoped' } } } },
    '1. Send the good request to the route scoped, but signed with the key of an attacker. Expected: 401 with a challenge, error="invalid_token".',
  ],
  [
    { send: { deviation: { token: { step: 'first' }, wire: [] }, expect: 'refuse' } },
    '1. Send the good request, but with the token of the request first; with its text edited: []. Expected: refused with a 4xx.',
  ],
  [
    { send: { deviation: { request: { raw: true } }, expect: 'refuse' } },
    '1. Send the good request, but with the request { "raw": true }. Expected: refused with a 4xx.',
  ],
  [
    { send: { again: 'first', proof: 'kept', expect: 'accept' } },
    '1. Send the request first once more, its DPoP proof as well. Expected: let in.',
  ],
  [
    { keySet: { add: [{ as: 'new', key: 'ES256', jwk: { use: 'enc' }, first: true }] } },
    '1. Key set: publish also a new ES256 key called new with { "use": "enc" } before the others. Wait until the gateway has taken that up.',
  ],
  [{ keySet: { replace: [], until: 'none' } }, '1. Key set: publish an empty set.'],
  [
    { keySet: { remove: ['issuer', 'old'], judged: 'removal' } },
    '1. Key set: withdraw the issuer’s key, the key old. Expected: from then on, tokens by that key are refused; how long that takes is noted.',
  ],
  [
    { keySet: { status: 500, delay: 'never', drop: true } },
    '1. Key set: answer 500; never answer; close the connection without an answer. Wait until the gateway has fetched it.',
  ],
  [{ wait: '5s' }, '1. Wait 5s.'],
  [
    { wait: { $policy: 'keySet.maxAge', plus: '2s' } },
    '1. Wait for the time for which keys are kept (policy.keySet.maxAge), and 2s more.',
  ],
  [{ wait: { $expiry: 'first' } }, '1. Wait until the token of the request first has ended.'],
  [
    { fetches: { atMost: 1 } },
    '1. Expected: the key set was fetched at most once since its change was taken up, and once more for each cool-down that went by.',
  ],
  [
    { measure: { leeway: 'exp' } },
    '1. Send tokens that ended so long ago, one after the other, until it shows for how long after its end a token is let in. Expected: longer ago than the leeway for clocks (policy.clockSkew; where it is not declared, 300 s) and the margin for clocks, it is refused.',
  ],
  [{ hook: 'restart' }, '1. Restart the gateway (target.hooks.restart).'],
  [
    { repeat: { times: 40, concurrency: 8, steps: [{ wait: '1s' }] } },
    '1. 40 times, 8 at a time: 1.1. Wait 1s.',
  ],
])('%j in plain words', (step, words) => {
  expect(inOneLine(step)).toBe(words)
})

test('the command for a good request stands beside it, with no credential in it', () => {
  const lines = told({ send: { expect: 'accept' } }, { send: { again: '1', expect: 'accept' } })
  expect(lines).toEqual([
    '1. Send the good request. Expected: let in.',
    '     curl -i --path-as-is -g \\',
    '       -H \'Authorization: Bearer \'"$TOKEN" \\',
    "       'http://127.0.0.1:8480/v1/hello'",
    '2. Send the request 1 once more. Expected: let in.',
    '',
    'A good token: TOKEN=$(gateproof token some-case)',
  ])
})
