import { describe, expect, it } from 'vitest'
import { encodeHistogram } from './histogram-codec.ts'
import { Histogram } from './histogram.ts'
import { joinResults } from './join.ts'
import { readResult, writeResult } from './phase-message.ts'
import { nothingFired, type PhaseResult, type PhaseSettings } from './phase.ts'
import { seededRandom } from './random.ts'
import { Recorder, type LoadClass, type LoadJudge } from './record.ts'

const settings: PhaseSettings = {
  name: 'load',
  endpoint: { host: '127.0.0.1', port: 1 },
  connections: 8,
  maxConnections: 8,
  keepAlive: true,
  timeoutMs: 1000,
  warmupMs: 0,
  durationMs: 1000,
  seed: 7,
}
const judge: LoadJudge = { bodyBytes: 0, read: ({ status }) => (status === 200 ? 'let-in' : 'refused') }
const classes: readonly LoadClass[] = (['good', 'bad'] as const).map((name) => ({
  name,
  expect: name === 'good' ? 'accept' : 'refuse',
  weight: 1,
  requests: Array.from({ length: 10 }, () => Buffer.from('GET / HTTP/1.1\r\n\r\n')),
}))
const shot = (at: number, index: number) => ({ class: at, index, bytes: Buffer.alloc(0), isHead: false })

/** Ends a request in all of the recorders, as it would have ended in each. */
const record = (recorders: readonly Recorder[], random: () => number): void => {
  const at = random() < 0.7 ? 0 : 1
  const dueAt = random() * 1000
  const sentAt = dueAt + random() ** 4 * 10
  const span = { dueAt, freeAt: dueAt, sentAt, endedAt: sentAt + random() ** 6 * 30_000 }
  const status = random() < 0.001 ? 500 : at === 0 ? 200 : 401
  for (const recorder of recorders) {
    recorder.send(shot(at, 0), true)
    if (status === 500) recorder.lose(shot(at, 0), 'timeout', span)
    else recorder.answer(shot(at, 0), { status, headers: [], body: Buffer.alloc(0) }, span)
  }
}

const resultOf = (recorder: Recorder, more: Partial<PhaseResult> = {}): PhaseResult => ({
  ...nothingFired(settings, { classes, judge }),
  classes: recorder.classes,
  service: recorder.service,
  lateness: recorder.lateness,
  answered: recorder.answered,
  errors: Object.fromEntries(recorder.errors),
  end: { kind: 'finished' },
  ...more,
})

describe('the results of several threads', () => {
  it('have, bucket by bucket, the histograms that a single thread would have recorded', () => {
    const random = seededRandom(1)
    const single = new Recorder(classes, judge)
    const several = Array.from({ length: 4 }, () => new Recorder(classes, judge))
    for (let count = 0; count < 40_000; count++) {
      const one = several[Math.floor(random() * 4)]
      if (one !== undefined) record([single, one], random)
    }
    const [first, ...more] = several.map((each) => readResult(structuredClone(writeResult(resultOf(each)))))
    if (first === undefined) throw new Error('there is no part')
    const joint = joinResults([first, ...more], settings)
    const whole = resultOf(single)
    expect(joint.classes.map(({ latency }) => encodeHistogram(latency))).toEqual(
      whole.classes.map(({ latency }) => encodeHistogram(latency)),
    )
    expect([...(joint.classes[0]?.latency.buckets() ?? [])]).toEqual([
      ...(whole.classes[0]?.latency.buckets() ?? []),
    ])
    expect(encodeHistogram(joint.service)).toBe(encodeHistogram(whole.service))
    expect(encodeHistogram(joint.lateness)).toBe(encodeHistogram(whole.lateness))
    expect(joint.classes.map(({ sent, judged }) => [sent, judged])).toEqual(
      whole.classes.map(({ sent, judged }) => [sent, judged]),
    )
    expect(joint.errors).toEqual(whole.errors)
    expect(joint.answered).toBe(whole.answered)
  })

  it('are told as those of the whole, with what strained the generator most', () => {
    const empty = () => new Recorder(classes, judge)
    const joint = joinResults(
      [
        resultOf(empty(), {
          busy: 0.2,
          loopDelayP99Ms: null,
          connections: 4,
          sent: 1,
          connected: 4,
          ms: 900,
        }),
        resultOf(empty(), { busy: 0.9, loopDelayP99Ms: 3, connections: 4, sent: 2, connected: 5, ms: 1000 }),
      ],
      settings,
    )
    expect(joint).toMatchObject({
      ...{ name: 'load', connections: 8, seed: 7, workers: 2, busy: 0.9, loopDelayP99Ms: 3 },
      ...{ sent: 3, connected: 9, ms: 1000, end: { kind: 'finished' } },
    })
  })

  it('end as the worst of them', () => {
    const ending = (end: PhaseResult['end']) => resultOf(new Recorder(classes, judge), { end })
    const [finished, interrupted, gone] = [
      ending({ kind: 'finished' }),
      ending({ kind: 'interrupted' }),
      ending({ kind: 'unreachable', detail: 'nobody' }),
    ]
    expect(joinResults([finished, interrupted], settings).end.kind).toBe('interrupted')
    expect(joinResults([interrupted, gone], settings).end.kind).toBe('unreachable')
  })

  it('show the first ten that were misjudged, of each thread in turn', () => {
    const wrong = (indexes: readonly number[]) => {
      const recorder = new Recorder(classes, judge)
      const span = { dueAt: 0, freeAt: 0, sentAt: 0, endedAt: 1 }
      for (const index of indexes)
        recorder.answer(shot(1, index), { status: 200, headers: [], body: Buffer.alloc(0) }, span)
      return resultOf(recorder)
    }
    const joint = joinResults([wrong([0, 1, 2]), wrong([9]), wrong([5, 6, 7, 8, 5, 6, 7, 8])], settings)
    const bad = joint.classes[1]
    expect(bad?.falseAccepts).toBe(12)
    expect(bad?.offenders.map(({ index }) => index)).toEqual([0, 9, 5, 1, 6, 2, 7, 8, 5, 6])
  })

  it('count each token once, where every thread has tokens of its own, and where all share a few', () => {
    const taken = (count: number, isShared: boolean) => {
      const recorder = new Recorder(classes, judge)
      for (let at = 0; at < count; at++) recorder.send(shot(0, 0), true)
      return resultOf(recorder, { classes: recorder.classes.map((one) => ({ ...one, isShared })) })
    }
    const own = joinResults([taken(30, false), taken(4, false)], settings).classes[0]
    expect(own).toMatchObject({ pool: 20, taken: 34, spread: { distinct: 14, timesEach: 3 } })
    const shared = joinResults([taken(30, true), taken(4, true)], settings).classes[0]
    expect(shared).toMatchObject({ pool: 10, taken: 34 })
    expect(shared?.spread).toBeUndefined()
  })
})

describe('an empty histogram', () => {
  it('is joined as such', () => {
    const joint = joinResults([resultOf(new Recorder(classes, judge))], settings)
    expect(encodeHistogram(joint.service)).toBe(encodeHistogram(new Histogram()))
  })
})
