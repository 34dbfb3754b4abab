import { afterEach, describe, expect, it } from 'vitest'
import type { LoadSettings } from '../config/load-settings.ts'
import { closeServers, loadClass, response, serve, soundStatus, type Seen } from './fixture.ts'
import { measure, type Course } from './measure.ts'
import { parseThresholds } from './thresholds.ts'

afterEach(closeServers)

const settings: LoadSettings = {
  model: 'open',
  engine: 'native',
  connections: 5,
  maxConnections: 50,
  arrivals: 'uniform',
  keepAlive: true,
  workers: 1,
  warmupMs: 50,
  mix: {},
  tokens: 1,
  phases: [],
}

const measured = async (
  load: Partial<LoadSettings>,
  {
    answer = (request: Seen) => response(soundStatus(request)),
    thresholds = ['misjudged = 0'],
    signal = new AbortController().signal,
  }: { answer?: (request: Seen) => string; thresholds?: string[]; signal?: AbortSignal } = {},
): Promise<Course> => {
  const classes = [loadClass('good', 80, 50), loadClass('bad', 20, 50)]
  const parsed = parseThresholds(thresholds, { classes: ['good', 'bad'], validation: false })
  expect(parsed.faults).toEqual([])
  return await measure(
    {
      load: { ...settings, ...load },
      endpoint: await serve((request, socket) => socket.write(answer(request))),
      timeoutMs: 2000,
      traffic: () =>
        Promise.resolve({
          classes,
          judge: { bodyBytes: 0, read: ({ status }) => (status < 300 ? 'let-in' : 'refused') },
        }),
      thresholds: parsed.thresholds,
      seed: 1,
    },
    { signal },
  )
}

const even = (rate: number) => ({ from: rate, to: rate })

describe('the phases', () => {
  it('are run one after the other, each as it says', async () => {
    const { phases } = await measured({
      phases: [
        { name: 'constant', durationMs: 200, connections: 5, rate: even(100) },
        { name: 'ramp', durationMs: 200, connections: 5, rate: { from: 100, to: 300 } },
      ],
    })
    expect(phases.map(({ name, open }) => [name, open?.rate])).toEqual([
      ['constant', even(100)],
      ['ramp', { from: 100, to: 300 }],
    ])
    expect(Math.abs(phases[0]!.sent - 20)).toBeLessThan(2)
    expect(Math.abs(phases[1]!.sent - 40)).toBeLessThan(2)
  })

  it('of the closed model differ in their connections', async () => {
    const { phases } = await measured({
      model: 'closed',
      engine: 'autocannon',
      phases: [
        { name: 'few', durationMs: 150, connections: 1 },
        { name: 'many', durationMs: 150, connections: 6 },
      ],
    })
    expect(phases.map(({ connected }) => connected)).toEqual([1, 6])
    expect(phases.every(({ judged, model }) => judged > 0 && model === 'closed')).toBe(true)
  })

  it('end with the one that is interrupted', async () => {
    const phase = { durationMs: 10_000, connections: 5, rate: even(100) }
    const { phases } = await measured(
      {
        phases: [
          { name: 'first', ...phase },
          { name: 'second', ...phase },
        ],
      },
      { signal: AbortSignal.timeout(300) },
    )
    expect(phases.map(({ name, end }) => [name, end.kind])).toEqual([['first', 'interrupted']])
    expect(phases[0]!.judged).toBeGreaterThan(0)
  })
})

describe('the ceiling', () => {
  const ceiling = { from: 50, upTo: 100, stepMs: 200, withinPercent: 50 }

  it('is none where a threshold never holds, and the phase is shown that crossed it', async () => {
    const course = await measured({ ceiling }, { answer: () => response(200) })
    expect(course.ceiling).toMatchObject({ highest: null, limit: 'crossed' })
    expect(course.ceiling?.curve).toEqual([
      expect.objectContaining({
        rate: 50,
        ok: false,
        reasons: expect.arrayContaining([expect.stringMatching(/^misjudged = 0: measured/)]),
      }),
    ])
    expect(course.phases[0]!.classes[1]!.falseAccepts).toBeGreaterThan(0)
  })

  it('goes up to where it is told while the thresholds hold, or the generator keeps up', async () => {
    const course = await measured({ ceiling }, { thresholds: ['misjudged = 0', 'perSecond > 99999'] })
    expect(['upTo', 'generator']).toContain(course.ceiling?.limit)
    expect(course.ceiling?.curve.map(({ misjudged }) => misjudged).every((count) => count === 0)).toBe(true)
    expect(course.ceiling?.curve[0]).toMatchObject({ rate: 50 })
    expect(course.phases).toHaveLength(1)
  })

  it('is searched no further when the run is interrupted', async () => {
    const course = await measured(
      { ceiling: { ...ceiling, stepMs: 10_000 } },
      { signal: AbortSignal.timeout(300) },
    )
    expect(course.ceiling).toMatchObject({ highest: null, limit: 'stopped' })
    expect(course.phases[0]!.end.kind).toBe('interrupted')
  })
})
