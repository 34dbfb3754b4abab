import { describe, expect, it } from 'vitest'
import { searchEdge, type Range, type Window } from './edge-search.ts'

const range: Range = { latest: 305, fine: 305, step: 5 }

type Answers = (seconds: number, turn: number) => boolean | undefined

const search = async (answers: Answers, changes: Partial<Range> = {}) => {
  const asked: number[] = []
  const window = await searchEdge({ ...range, ...changes }, (seconds) => {
    asked.push(seconds)
    return Promise.resolve(answers(seconds, asked.length))
  })
  return { window, asked }
}

/** What lets in less than so many seconds after the end. */
const leeway =
  (most: number): Answers =>
  (seconds) =>
    seconds < most

const steady = (letIn: number, refused: number): Window => ({ letIn, refused, isSteady: true })

describe('the edge', () => {
  it.each([
    [0, steady(0, 2)],
    [1, steady(0, 2)],
    [5, steady(2, 7)],
    [30, steady(27, 32)],
    [60, steady(57, 62)],
    [120, steady(117, 122)],
    [300, steady(297, 302)],
  ])('of %i seconds is found between two points that are no round values', async (most, window) => {
    const found = await search(leeway(most))
    expect(found.window).toEqual(window)
    expect(found.asked[0]).toBe(305)
    expect(found.asked.length).toBeLessThanOrEqual(12)
  })

  it('is looked for as closely as the clocks allow', async () => {
    const coarse = { latest: 330, fine: 330, step: 30 }
    expect((await search(leeway(60), coarse)).window).toEqual(steady(45, 75))
    expect((await search(leeway(0), coarse)).window).toEqual(steady(0, 15))
  })

  it.each([
    [400, steady(305, 600)],
    [1800, steady(600, 3600)],
    [7200, steady(3600, 86_400)],
    [Infinity, steady(86_400, Infinity)],
  ])('beyond what may be let in is told in a few steps (%d)', async (most, window) => {
    const found = await search(leeway(most))
    expect(found.window).toEqual(window)
    expect(found.asked.length).toBeLessThanOrEqual(8)
  })

  it('of a declared leeway is held to that first', async () => {
    const declared = { latest: 65, fine: 305 }
    expect(await search(leeway(60), declared)).toMatchObject({
      window: steady(57, 62),
      asked: [65, 32, 52, 62, 57, 57, 57, 62, 62],
    })
    expect((await search(leeway(120), declared)).window).toEqual(steady(117, 122))
    expect((await search(leeway(900), declared)).window).toEqual(steady(600, 3600))
    expect((await search(leeway(300), { latest: 605, fine: 605 })).window).toEqual(steady(297, 302))
  })
})

describe('answers that change', () => {
  it('at the very edge widen it by a point', async () => {
    let isFirst = true
    const found = await search((seconds) => {
      if (seconds !== 57) return seconds < 57
      const is = isFirst
      isFirst = false
      return is
    })
    expect(found.window).toEqual(steady(52, 62))
  })

  it('by chance are no window, however they fall', async () => {
    const once = await search((seconds) => seconds === 152).then(({ window }) => window)
    expect(once).toEqual(steady(152, 157))
    const byChance = await search((_, turn) => turn === 2)
    expect(byChance.window).toEqual({ letIn: 152, refused: 157, isSteady: false })
    expect(byChance.asked.slice(-8)).toEqual([152, 152, 157, 157, 147, 147, 157, 157])
    for (const every of [2, 3])
      expect((await search((_, turn) => turn % every === every - 1)).window?.isSteady).toBe(false)
  })

  it('end the search where they tell nothing', async () => {
    for (const turn of [1, 2, 5, 8, 9])
      expect((await search((seconds, at) => (at === turn ? undefined : seconds < 60))).asked).toHaveLength(
        turn,
      )
    expect((await search(() => undefined)).window).toBeUndefined()
  })
})
