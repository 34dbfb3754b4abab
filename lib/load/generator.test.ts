import { describe, expect, it } from 'vitest'
import { createStrainMeter, paceDoubts, type Pace } from './generator.ts'
import { Histogram } from './histogram.ts'

const histogramOf = (...microseconds: number[]): Histogram => {
  const histogram = new Histogram()
  for (const each of microseconds) histogram.record(each)
  return histogram
}

const sound: Pace = { lateness: histogramOf(20), latencyP99: 500, busy: 0.5, sent: 1000, waited: 0 }

describe('an open phase is doubted', () => {
  it('not where the generator was in time', () => {
    expect(paceDoubts(sound)).toEqual([])
  })

  it('not where requests waited for connections that the gateway held', () => {
    expect(paceDoubts({ ...sound, waited: 900, latencyP99: 900_000 })).toEqual([])
  })

  it('where requests were sent late though connections were free', () => {
    expect(paceDoubts({ ...sound, lateness: histogramOf(8000) })).toEqual([
      'the generator sent late by 8.0 ms (p99) while connections were free: it does not keep this rate here',
    ])
  })

  it('not where that is little of the latency that was measured', () => {
    expect(paceDoubts({ ...sound, lateness: histogramOf(8000), latencyP99: 100_000 })).toEqual([])
  })

  it('where requests waited while the generator had no time left, as it may have held the connections', () => {
    expect(paceDoubts({ ...sound, busy: 0.99, waited: 500 })).toEqual([
      'the generator had no time left (99 % busy) while 500 requests waited for a connection: it does not keep this rate here',
    ])
    expect(paceDoubts({ ...sound, busy: 0.99, waited: 5 })).toEqual([])
  })
})

describe('the strain of the generator', () => {
  it('is next to nothing where it sleeps, and less by the time in which it watched the clock', async () => {
    const asleep = createStrainMeter(0, 10_000)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const strain = asleep.read()
    asleep.stop()
    expect(strain.busy).toBeLessThan(0.9)

    const watching = createStrainMeter(0, 10_000)
    const until = performance.now() + 200
    await new Promise((resolve) => setTimeout(resolve, 5))
    while (performance.now() < until);
    watching.idled(150)
    const watched = watching.read()
    watching.stop()
    expect(watched.busy).toBeGreaterThan(0)
    expect(watched.busy).toBeLessThan(0.6)
  })

  it('is unknown where nothing was measured', () => {
    const meter = createStrainMeter(10_000, 20_000)
    expect(meter.read()).toEqual({ loopDelayP99Ms: null, busy: null })
    meter.stop()
  })
})
