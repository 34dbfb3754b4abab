import { expect, it } from 'vitest'
import { encodeHistogram } from './histogram-codec.ts'
import { Histogram } from './histogram.ts'
import { joinProgress } from './join-progress.ts'
import type { PhaseProgress } from './phase.ts'

const progress = (answered: number, judged?: number): PhaseProgress => {
  const latency = new Histogram()
  for (let at = 0; at < (judged ?? 0); at++) latency.record(500)
  const base = { name: 'load', stage: 'measure' as const, ms: 1000, answered, lost: 1, misjudged: 0 }
  if (judged === undefined) return base
  return {
    ...base,
    second: {
      ...{ atMs: 0, ms: 1000, judged, errors: 1, misjudged: 0, latencyMs: latency.latencyMs() },
      histogram: encodeHistogram(latency),
    },
  }
}

it('adds what threads have counted, and tells a second once all have told theirs', () => {
  const told: PhaseProgress[] = []
  const tell = joinProgress(2, (each) => told.push(each))
  tell(0, progress(10, 10))
  tell(0, progress(25, 15))
  tell(1, progress(7, 7))
  tell(1, progress(8))
  tell(1, progress(16, 8))
  expect(told.map(({ answered, lost }) => [answered, lost])).toEqual([
    ...[
      [10, 1],
      [25, 1],
      [32, 2],
      [33, 2],
      [41, 2],
    ],
  ])
  expect(told.map(({ second }) => second?.judged)).toEqual([undefined, undefined, 17, undefined, 23])
})
