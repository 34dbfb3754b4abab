import { expect, test } from 'vitest'
import { answered, lessonFrom, refusal } from '../judge/fixture.ts'
import type { Hit } from '../serve/hit.ts'
import { bad, jobOf } from './fixture.ts'
import type { Setting } from './conduct.ts'
import { noLookout } from './lookout.ts'
import type { Findings } from './settle.ts'
import { settleOnce } from './settle-late.ts'
import { noWitness } from './witness.ts'

const no = refusal(401, 'Bearer error="invalid_token"')
const good = answered(200, [], 'hello')
const lesson = { ...lessonFrom({ good, none: no, unrouted: answered(404) }), witnessed: true }
const hit: Hit = { at: 0, method: 'GET', target: '/', headers: [], bodyBytes: 0 }

/** What becomes of a refused case whose request reaches the upstream meanwhile, or never. */
const settled = async (comesLate: boolean, isWatched = true) => {
  const hits: Hit[] = []
  const slept: number[] = []
  const job = jobOf('a')
  const findings: Findings = {
    exchanges: new Map([[job, [{ sent: [{ request: bad(), id: 'id-0', answer: no }], notes: [] }]]]),
    unfit: new Map(),
    lessons: new Map([['protected', { lesson, good, goodHits: [], keepsApart: true }]]),
    style: {},
    witness: isWatched ? { hitsFor: () => hits } : noWitness,
    lookout: noLookout,
    features: new Set(),
    info: {},
    scheme: 'Bearer',
  }
  const run = {
    now: () => 0,
    upstream: { hits: () => hits, hitsOf: () => hits, counted: () => hits.length },
    sleep: (ms: number) => {
      slept.push(ms)
      if (comesLate) hits.push(hit)
      return Promise.resolve()
    },
  }
  const [one] = await settleOnce([job.planned], findings, { setting: {} as Setting, run })
  return { status: one?.verdict.status, slept }
}

test('a request that reaches the upstream after its refusal is let in', async () => {
  expect(await settled(false)).toEqual({ status: 'pass', slept: [150] })
  expect(await settled(true)).toEqual({ status: 'fail', slept: [150] })
})

test('where nobody watches the upstream nothing is waited for', async () => {
  expect(await settled(true, false)).toEqual({ status: 'pass', slept: [] })
})
