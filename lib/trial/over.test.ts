import { expect, it } from 'vitest'
import { requestTo } from '../exchange/fixture.ts'
import { answered } from '../judge/fixture.ts'
import { commonFingerprint } from '../judge/fingerprint.ts'
import type { Lesson } from '../judge/side.ts'
import type { KeySetStage } from './key-set-stage.ts'
import { unlessOver, type Asked } from './over.ts'
import { rehearse } from './fixture.ts'
import { noWitness } from './witness.ts'

const now = 1_800_000_000
const print = (status: number) => {
  const found = commonFingerprint([answered(status)])
  if (found === undefined) throw new Error('an answer without a fingerprint')
  return found
}
const lesson: Lesson = {
  good: print(200),
  none: print(401),
  unrouted: print(404),
  hopeless: undefined,
  witnessed: false,
}
const setting = (maxAgeMs?: number) => ({
  io: rehearse(() => answered(200)),
  make: () => requestTo('/'),
  witness: noWitness,
  lessons: new Map([['protected' as const, { lesson }]]),
  now: () => now,
  lasting: { endOf: () => undefined, isRenewable: () => false, renew: () => Promise.resolve(false) },
  tools: {
    policy: {
      issuers: [],
      audiences: [],
      algorithms: [],
      providers: [],
      scopeClaims: [{ path: ['scope'], format: 'string' }] as const,
      requiredClaims: [],
      enforces: new Map(),
      ...(maxAgeMs === undefined ? {} : { keySet: { maxAgeMs } }),
    },
  },
})

const stageWithoutKeys = (ms: number): KeySetStage => ({
  change: () => Promise.resolve(),
  probe: () => Promise.reject(new Error('no probe here')),
  published: new Map(),
  fetches: () => 0,
  sinceChangeMs: () => 0,
  countAnew: () => undefined,
  isBroken: () => ms > 0,
  withoutKeysMs: () => ms,
  restore: () => undefined,
})

const outcome = (status: number, exp: unknown, asked: Partial<Asked>, maxAgeMs?: number) => {
  const request = requestTo('/', { token: { recipe: 'baseline', claims: { exp } } })
  const exchanges = { sent: [{ request, id: '1', answer: answered(status) }], notes: [] }
  const whole: Asked = { deviation: {}, words: ['accept'], route: 'protected', ...asked }
  const { reason, missing } = unlessOver(exchanges, whole, setting(maxAgeMs))
  return reason ?? missing ?? 'judged'
}

it.each<[string, string, ReturnType<typeof outcome>]>([
  ['has a token that lasts', 'judged', outcome(401, now + 60, {})],
  ['has a token that ended', 'token-expired', outcome(401, now, {})],
  ['has a token that ends within a second', 'token-expired', outcome(401, now + 0.5, {})],
  ['has a token that nobody can read', 'judged', outcome(401, 'later', {})],
  [
    'has a token that was made to end',
    'judged',
    outcome(401, now - 1, { deviation: { claims: { exp: 0 } } }),
  ],
  ['might as well be refused', 'judged', outcome(401, now - 1, { words: ['accept', 'reject'] })],
  ['came while keys were held', 'judged', outcome(500, now + 60, { stage: stageWithoutKeys(499) }, 500)],
  ['came when their time was up', 'time', outcome(500, now + 60, { stage: stageWithoutKeys(500) }, 500)],
  ['came while they could be had', 'judged', outcome(500, now + 60, { stage: stageWithoutKeys(0) }, 500)],
  ['came when nobody knows their time', 'judged', outcome(500, now + 60, { stage: stageWithoutKeys(900) })],
])('a good request that was refused and %s is %s', (_, wanted, found) => {
  expect(found).toBe(wanted)
})

it('what was let in stands, whatever has ended', () => {
  expect(outcome(200, now - 1, {})).toBe('judged')
})
