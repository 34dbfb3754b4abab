import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { requestTo } from '../exchange/fixture.ts'
import { answered, lost } from '../judge/fixture.ts'
import type { Sent } from './attempt.ts'
import { orders, sleepAlone, sleepBeside, type Sleeper } from './delay-trial.ts'
import { control, openSlowIo, type SlowGateway } from './fixture.ts'
import type { Exchanges } from './trial.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const sleeperOf = (name = '/sleep'): Sleeper => ({
  make: (delaySeconds) => requestTo(name, { delaySeconds }),
  control: {
    make: control,
    isThrough: (sent: readonly Sent[]) =>
      sent.some(({ answer }) => answer.kind === 'answered' && answer.status === 200),
  },
  manner: { counting: [], mayRepeat: () => true, newConnection: false, closes: false },
})

const finish = async <T>(pending: Promise<T>): Promise<T> => {
  await vi.runAllTimersAsync()
  return pending
}

const alone = async (gateway: SlowGateway) => {
  const io = openSlowIo(gateway)
  return { ...(await finish(sleepAlone(sleeperOf(), io))), log: io.log.join(' ') }
}

const executing: SlowGateway = ({ seconds }) => seconds * 1000 + 20
const slowly =
  (ms: number): SlowGateway =>
  ({ seconds }) =>
    seconds === 0 ? 20 : ms

test('each order has three of each sleep, begins with a short one and is no other', () => {
  expect(new Set(orders.map((order) => order.join())).size).toBe(9)
  for (const order of orders) {
    expect(order.toSorted((one, other) => one - other)).toEqual([5, 5, 5, 10, 10, 10])
    expect(order[0]).toBe(5)
    expect(order).not.toEqual([5, 5, 5, 10, 10, 10])
  }
})

describe('alone', () => {
  test('a sleep that is slept as long as it says, three times each, is proof', async () => {
    const { executed, notes, log } = await alone(executing)
    expect(executed).toBe(true)
    expect(notes).toEqual([])
    expect(log).toBe('5 good 10 good 5 good 10 good 10 good 5 good')
  })

  test('an answer at once costs a sound gateway one exchange', async () => {
    const { executed, reason, notes, log } = await alone(slowly(20))
    expect({ executed, reason, notes, log }).toEqual({
      executed: undefined,
      reason: undefined,
      notes: [],
      log: '5',
    })
  })

  test.each<[string, SlowGateway, string]>([
    ['everything is slow', () => 5_400, '5 good'],
    ['all bad tokens take seven seconds', slowly(7_000), '5'],
    ['all bad tokens take as long as the short sleep', slowly(5_400), '5 good 10'],
    [
      'an answer is late by chance',
      ({ seconds, turn }) => (seconds > 0 && turn === 1 ? 5_300 : 20),
      '5 good 10',
    ],
    [
      'the long sleep ends early',
      ({ seconds }) => (seconds === 10 ? 8_000 : seconds * 1000 + 20),
      '5 good 10',
    ],
    [
      'the last answer is late',
      ({ seconds, turn }) => seconds * 1000 + (seconds > 0 && turn === 6 ? 1_000 : 20),
      '5 good 10 good 5 good 10 good 10 good 5',
    ],
    [
      'a good one is slow',
      (taken) => (taken.seconds === 0 && taken.turn === 3 ? 1_000 : executing(taken)),
      '5 good 10 good 5 good',
    ],
    [
      'a good one is lost, and answered when it is sent again',
      (taken) => (taken.seconds === 0 && taken.turn === 2 ? lost('reset') : executing(taken)),
      '5 good 10 good good',
    ],
    [
      'a good one is refused',
      (taken) => (taken.seconds === 0 && taken.turn === 2 ? answered(401) : executing(taken)),
      '5 good 10 good',
    ],
  ])('%s: a note, and no proof', async (_, gateway, wanted) => {
    const { executed, reason, proven, notes, log } = await alone(gateway)
    expect({ executed, reason, proven, notes, log }).toEqual({
      ...{ executed: undefined, reason: undefined, proven: undefined },
      ...{ notes: ['slow'], log: wanted },
    })
  })

  test('answers may come a little later than the sleep ends, each at its own time', async () => {
    const { executed } = await alone(({ seconds, turn }) => seconds * 1000 + ((turn * 397) % 950))
    expect(executed).toBe(true)
  })

  test('an answer that is lost once is asked for again', async () => {
    const { executed, notes } = await alone((taken) =>
      taken.seconds === 10 && taken.turn === 2 ? lost('reset') : executing(taken),
    )
    expect({ executed, notes }).toEqual({ executed: true, notes: ['lost-once'] })
  })

  test('one that never comes is a hang, as of any other request', async () => {
    const hanging: SlowGateway = (taken) => (taken.seconds === 10 ? lost('timeout') : executing(taken))
    expect(await alone(hanging)).toMatchObject({ proven: 'hangs' })
    expect((await alone(hanging)).executed).toBeUndefined()
  })

  test('where good requests are lost as well, nothing can be told', async () => {
    const { executed, reason } = await alone((taken) =>
      taken.seconds === 0 ? lost('timeout') : executing(taken),
    )
    expect({ executed, reason }).toEqual({ executed: undefined, reason: 'control-lost' })
  })
})

/** What each of several comes to that are played side by side. */
const beside = async (
  gateway: SlowGateway,
  names: readonly string[],
  isOneByOne?: (name: string) => boolean,
): Promise<readonly string[]> => {
  const io = openSlowIo(gateway, isOneByOne)
  const all = await finish(Promise.all(names.map((name, at) => sleepBeside(sleeperOf(name), io, at))))
  return all.map(wordFor)
}

const wordFor = ({ executed, isDoubtful, reason }: Exchanges): string =>
  reason ?? (executed === true ? 'executed' : isDoubtful === true ? 'doubtful' : 'refused')

describe('side by side', () => {
  const names = ['/a', '/b', '/c', '/d', '/e', '/f']
  const executingOnly =
    (...those: readonly string[]): SlowGateway =>
    (taken) =>
      taken.seconds === 0 || !those.includes(taken.name) ? 5 : executing(taken)

  test('those that are slept are proven, and the others are refused', async () => {
    expect(await beside(executingOnly('/b', '/e'), names)).toEqual([
      ...['refused', 'executed', 'refused', 'refused', 'executed', 'refused'],
    ])
    expect(await beside(executing, names)).toEqual(names.map(() => 'executed'))
  })

  test('what is only slow is doubtful, unless it is too soon for the sleep', async () => {
    expect(await beside(slowly(7_000), ['/a', '/b'])).toEqual(['doubtful', 'doubtful'])
    expect(await beside(slowly(3_000), ['/a', '/b'])).toEqual(['refused', 'refused'])
    expect(await beside(() => lost('timeout'), ['/a'])).toEqual(['doubtful'])
    expect(await beside(() => answered(429), ['/a'])).toEqual(['doubtful'])
  })

  test('what is lost and may not be sent twice is not', async () => {
    const { make, control: other, manner } = sleeperOf('/a')
    const io = openSlowIo(() => lost('reset'))
    const sleeper = { make, control: other, manner: { ...manner, mayRepeat: () => false } }
    const { reason } = await finish(sleepBeside(sleeper, io, 0))
    expect(reason).toBe('lost')
    expect(io.log.filter((one) => one !== 'good')).toEqual(['5'])
  })

  test('a gateway that does one thing at a time proves nothing, though one is slept', async () => {
    const words = await beside(executingOnly('/a'), names, () => true)
    expect(words).not.toContain('executed')
    expect(words[0]).toBe('doubtful')
  })

  test('what waits behind the sleep of another is never taken for it', async () => {
    for (const slept of names) {
      const words = await beside(executingOnly(slept), names, (name) => name !== '/control')
      expect(words.filter((word, at) => word === 'executed' && names[at] !== slept)).toEqual([])
    }
  })
})
