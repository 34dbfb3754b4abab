import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { encodeHistogram } from '../load/histogram-codec.ts'
import { Histogram } from '../load/histogram.ts'
import type { PhaseProgress } from '../load/phase.ts'
import { createLoadProgress } from './progress.ts'

const second = (at: number): PhaseProgress => {
  const latency = new Histogram()
  for (let count = 0; count < 1000; count++) latency.record(count === 999 ? 40_000 : 800 + at)
  return {
    name: 'steady',
    stage: 'measure',
    ms: at * 1000,
    answered: at * 1000,
    lost: 0,
    misjudged: 0,
    second: {
      atMs: (at - 1) * 1000,
      ms: 1000,
      judged: 1000,
      errors: 2,
      misjudged: at === 3 ? 1 : 0,
      latencyMs: latency.latencyMs(),
      histogram: encodeHistogram(latency),
    },
  }
}

const told = (errIsTerminal: boolean, quiet: boolean, seconds: number): string => {
  let text = ''
  const progress = createLoadProgress(
    {
      env: {},
      cwd: '/',
      out: () => undefined,
      err: (piece) => {
        text += piece
      },
      outIsTerminal: false,
      errIsTerminal,
      columns: 100,
      now: () => 0,
      sleep: () => Promise.resolve(),
      random: (bytes) => randomBytes(bytes),
      newId: () => '',
      signal: new AbortController().signal,
    },
    quiet,
  )
  for (let at = 1; at <= seconds; at++) progress.show(second(at))
  return text
}

describe('the progress of a load run', () => {
  it('is a line a second on a terminal', () => {
    const lines = told(true, false, 3).replaceAll('\r\u001b[K', '').trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[2]).toBe('steady 3 s          1,000/s  p50 0.803 ms   p99 0.803 ms   errors 2  misjudged 1')
  })

  it('is a line every ten seconds elsewhere, of all ten, without control characters', () => {
    const text = told(false, false, 25)
    expect(text.split('\n')).toHaveLength(3)
    expect(text.split('\n')[0]).toMatch(/^steady 10 s +1,000\/s .* errors 20 {2}misjudged 1$/)
    expect(text).not.toContain('\u001b')
  })

  it('is nothing where it was asked to be quiet', () => {
    expect(told(true, true, 3)).toBe('')
    expect(told(false, true, 30)).toBe('')
  })
})
