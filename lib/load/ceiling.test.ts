import { describe, expect, it } from 'vitest'
import { searchCeiling, type Ceiling, type CeilingStep, type Trial } from './ceiling.ts'

const stepAt = (rate: number, trial: Trial): { trial: Trial; step: CeilingStep } => ({
  trial,
  step: {
    rate,
    perSecond: rate,
    p50Ms: 1,
    p99Ms: 2,
    errors: 0,
    misjudged: 0,
    ok: trial === 'held',
    reasons: trial === 'held' ? [] : [trial],
  },
})

const search = async (
  outcome: (rate: number, times: number) => Trial,
  settings: { from?: number; upTo?: number } = {},
): Promise<{ ceiling: Ceiling; tried: number[] }> => {
  const tried: number[] = []
  const ceiling = await searchCeiling(
    { from: 100, upTo: 100_000, stepMs: 1, withinPercent: 5, ...settings },
    (rate) => {
      tried.push(rate)
      return Promise.resolve(stepAt(rate, outcome(rate, tried.filter((each) => each === rate).length)))
    },
  )
  return { ceiling, tried }
}

describe('the search for the ceiling', () => {
  it('doubles, then halves the distance, and ends near below the first rate that fails', async () => {
    const { ceiling, tried } = await search((rate) => (rate <= 1234 ? 'held' : 'crossed'))
    expect(ceiling.highest).toBeLessThanOrEqual(1234)
    expect(ceiling.highest).toBeGreaterThan(1234 / 1.05)
    expect(ceiling.limit).toBe('crossed')
    expect(tried.slice(0, 6)).toEqual([100, 200, 400, 800, 1600, 1600])
  })

  it('yields the curve of all rates, lowest first, each once', async () => {
    const { ceiling, tried } = await search((rate) => (rate <= 1234 ? 'held' : 'crossed'))
    const rates = ceiling.curve.map(({ rate }) => rate)
    expect(rates).toEqual([...new Set(tried)].toSorted((a, b) => a - b))
    expect(ceiling.curve.every(({ rate, ok }) => ok === rate <= 1234)).toBe(true)
  })

  it('tries a rate again that failed, as one hiccup is no ceiling', async () => {
    const { ceiling } = await search((rate, times) =>
      rate > 1234 || (rate === 400 && times === 1) ? 'crossed' : 'held',
    )
    expect(ceiling.highest).toBeGreaterThan(1000)
    expect(ceiling.curve.find(({ rate }) => rate === 400)?.ok).toBe(true)
  })

  it('says where the generator was the limit and not the gateway', async () => {
    const { ceiling } = await search((rate) => (rate <= 500 ? 'held' : 'generator'))
    expect(ceiling.limit).toBe('generator')
  })

  it('goes no higher than it is told', async () => {
    const { ceiling, tried } = await search(() => 'held', { upTo: 500 })
    expect(ceiling).toMatchObject({ highest: 500, limit: 'upTo' })
    expect(tried).toEqual([100, 200, 400, 500])
  })

  it('finds none where the first rate fails', async () => {
    const { ceiling, tried } = await search(() => 'crossed')
    expect(ceiling).toMatchObject({ highest: null, limit: 'crossed' })
    expect(tried).toEqual([100, 100])
  })

  it('ends with what it has when the run is stopped', async () => {
    const { ceiling, tried } = await search((rate) => (rate < 400 ? 'held' : 'stopped'))
    expect(ceiling).toMatchObject({ highest: 200, limit: 'stopped' })
    expect(tried).toEqual([100, 200, 400])
  })
})
