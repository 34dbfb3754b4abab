import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { SigningKey } from '../lib/config/config.ts'
import type { TokenSource } from '../lib/config/token-source.ts'
import { mintGood } from '../lib/forge/good.ts'
import type { Passing } from './front.ts'
import { play, verdictOn, withStatus, type Played, type StageOptions } from './stage.ts'

const include = ['controls', 'alg', 'audience', 'scope']

/** The `alg` that a request's token names. */
const algOf = ({ headers }: IncomingMessage): unknown => {
  const [segment = ''] = (headers.authorization ?? '').replace(/^\S+ /, '').split('.')
  try {
    const header: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString())
    return typeof header === 'object' && header !== null && 'alg' in header ? header.alg : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The reasons for which nothing was said of a case. */
const reasonsIn = ({ results }: Played) => [
  ...new Set(results.flatMap(({ verdict }) => (verdict.status === 'inconclusive' ? [verdict.reason] : []))),
]

const judged = (played: Played) => withStatus(played, 'pass', 'fail', 'warn', 'observed')

describe('where nothing can be judged', () => {
  test.each<[string, Omit<StageOptions, 'include'>, string, RegExp]>([
    ['nobody listens', { dead: true }, 'unreachable', /cannot be tested: .*ECONNREFUSED/],
    ['every token and none gets in', { faults: ['accept-all'] }, 'accepts-everything', /without any token/],
    [
      'the good token is refused',
      { faults: ['refuse-all'] },
      'good-refused',
      /the token says iss "https:\/\/idp/,
    ],
    [
      'no request is answered',
      { front: { fate: () => 'hang' }, target: { timeoutMs: 100 } },
      'no-answer',
      /raise target.timeout/,
    ],
    ['every connection is dropped', { front: { fate: () => 'drop' } }, 'no-answer', /cannot be tested/],
    ['every request is one too many', { front: { fate: () => busy } }, 'rate-limited', /429 or 503/],
    [
      'good and none are answered alike',
      { front: { fate: () => gone } },
      'indistinguishable',
      /answered as a bad one or none is \(it answered 410\)/,
    ],
  ])('because %s, the report holds every planned case and says why', async (_, options, reason, sentence) => {
    const played = await play({ ...options, include })
    expect(judged(played)).toEqual([])
    expect(reasonsIn(played)).toEqual([reason])
    expect(played.results.length).toBeGreaterThan(30)
    expect(played.run.trouble).toMatchObject({ kind: reason })
    expect(played.code).toBe(2)
    expect(played.reasons.join('\n')).toMatch(sentence)
  })
})

const busy: Passing = { status: 429, headers: ['Retry-After', '3600'], body: Buffer.alloc(0) }
const gone: Passing = { status: 410, headers: ['Content-Type', 'text/plain'], body: Buffer.from('gone') }

describe('a gateway that breaks on one sort of token', () => {
  test('by dropping the connection has a failure there and nowhere else', async () => {
    const played = await play({
      front: { fate: (request) => (algOf(request) === 'none' ? 'drop' : 'pass') },
      include: ['alg', 'audience'],
    })
    expect(verdictOn(played, 'alg-none')).toMatchObject({ status: 'fail', mismatches: [{ kind: 'crashes' }] })
    expect(withStatus(played, 'inconclusive')).toEqual([])
    for (const id of withStatus(played, 'fail', 'warn'))
      expect(verdictOn(played, id)).toMatchObject({ mismatches: [{ kind: 'crashes' }] })
    expect(played.code).toBe(1)
  })

  test('by never answering it hangs', async () => {
    const played = await play({
      front: { fate: (request) => (algOf(request) === 'none' ? 'hang' : 'pass') },
      target: { timeoutMs: 150 },
      include: ['alg-none'],
    })
    expect(verdictOn(played, 'alg-none')).toMatchObject({ status: 'fail', mismatches: [{ kind: 'hangs' }] })
  })

  test('in half of its answers is caught all the same, and once in a while is not', async () => {
    const dropping = (drops: (turn: number) => boolean): StageOptions => {
      let bad = 0
      return {
        front: { fate: (request) => (algOf(request) === 'none' && drops(++bad) ? 'drop' : 'pass') },
        include: ['alg-none'],
      }
    }
    const often = await play(dropping((turn) => turn % 4 !== 0))
    expect(verdictOn(often, 'alg-none')).toMatchObject({ status: 'fail', mismatches: [{ kind: 'crashes' }] })
    const once = await play(dropping((turn) => turn <= 3))
    expect(verdictOn(once, 'alg-none')).toMatchObject({ status: 'pass', notes: ['lost-once'] })
  })

  test('as it breaks on good ones tells nothing of either', async () => {
    let count = 0
    const played = await play({
      front: { fate: (request) => (algOf(request) === 'none' || ++count > 11 ? 'drop' : 'pass') },
      include: ['alg-none'],
    })
    expect(withStatus(played, 'fail', 'warn')).toEqual([])
    expect(played.code).toBe(2)
  })
})

describe('a lock-out', () => {
  test('that lasts leaves its victims without a verdict, and ends the run', async () => {
    const played = await play({ odd: { lockOut: { after: 5, seconds: 3600 } }, include })
    expect(withStatus(played, 'fail', 'warn')).toEqual([])
    expect(reasonsIn(played)).toContain('locked-out')
    expect(played.run.trouble).toEqual({ kind: 'locked-out' })
    expect(played.code).toBe(2)
    expect(played.reasons.join()).toMatch(/locked us out twice: lower target.pace/)
  })

  test('does not take back what was let in before it', async () => {
    const played = await play({
      faults: ['alg-none'],
      odd: { lockOut: { after: 5, seconds: 3600 } },
      target: { pace: { concurrency: 1 } },
      include: ['alg-none', 'audience'],
    })
    expect(verdictOn(played, 'alg-none')).toMatchObject({ status: 'fail', mismatches: [{ kind: 'let-in' }] })
    expect(played.code).toBe(1)
  })
})

describe('what happens while the run lasts', () => {
  test('the target goes: what came before stands, the rest was unreachable', async () => {
    const played = await play({
      front: { fate: (_, count) => (count > 70 ? 'close' : 'pass') },
      include,
    })
    expect(judged(played)).not.toEqual([])
    expect(reasonsIn(played)).toEqual(['unreachable'])
    expect(played.run.trouble).toMatchObject({ kind: 'unreachable' })
    expect(played.code).toBe(2)
  })

  test('a rate limit sets in for good: patience has a bound, for all cases together', async () => {
    const played = await play({ front: { fate: (_, count) => (count > 70 ? busy : 'pass') }, include })
    expect(judged(played)).not.toEqual([])
    expect(withStatus(played, 'fail', 'warn')).toEqual([])
    expect(reasonsIn(played)).toEqual(['rate-limited'])
    expect(played.run.trouble).toMatchObject({ kind: 'rate-limited' })
    expect(played.arrived).toBeLessThan(200)
    expect(played.code).toBe(2)
  })

  test('the issued token ends: what comes after has that reason', async () => {
    const played = await play({
      front: (clock) => ({
        fate: (_, count) => {
          if (count === 75) clock.skip(3_600_000)
          return 'pass'
        },
      }),
      tokens: issued,
      include,
    })
    expect(judged(played)).not.toEqual([])
    expect(withStatus(played, 'fail', 'warn')).toEqual([])
    expect(reasonsIn(played)).toEqual(['token-expired'])
    expect(played.code).toBe(2)
    expect(played.reasons.join()).toMatch(/the good token ended before the run did/)
  })

  test('it is called off: what was finished stays, the rest was interrupted', async () => {
    const controller = new AbortController()
    const played = await play({
      front: {
        fate: (_, count) => {
          if (count === 70) controller.abort()
          return 'pass'
        },
      },
      signal: () => controller.signal,
      include,
    })
    expect(judged(played)).not.toEqual([])
    expect(withStatus(played, 'fail', 'warn')).toEqual([])
    expect(reasonsIn(played)).toEqual(['interrupted'])
    expect(played.run.interrupted).toBe(true)
    expect(played.run.trouble).toBeUndefined()
    expect(played.code).toBe(130)
  })

  test.each([1, 3])('it is called off within the controls, with request %i', async (at) => {
    const controller = new AbortController()
    const played = await play({
      front: {
        fate: (_, count) => {
          if (count < at) return 'pass'
          controller.abort()
          return 'hang'
        },
      },
      signal: () => controller.signal,
      target: { timeoutMs: 100 },
      include,
    })
    expect(judged(played)).toEqual([])
    expect(reasonsIn(played)).toEqual(['interrupted'])
    expect(played.code).toBe(130)
  })

  test('it is called off while everybody waits for a rate limit, and nobody waits on', async () => {
    const controller = new AbortController()
    const played = await play({
      front: {
        fate: (_, count) => {
          if (count === 60) controller.abort()
          return count > 50 ? busy : 'pass'
        },
      },
      signal: () => controller.signal,
      include,
    })
    expect(reasonsIn(played)).toEqual(['interrupted'])
    expect(played.arrived).toBeLessThan(70)
    expect(played.code).toBe(130)
  })
})

/** The same good token all along, for ten minutes. */
const issued = (key: SigningKey, clock: { now(): number }): TokenSource => {
  const source = {
    kind: 'keys',
    keys: [key],
    claims: {},
    header: {},
    lifetimeSeconds: 600,
    others: {},
  } as const
  const { text } = mintGood(
    source,
    {
      issuers: ['https://idp.example.test/'],
      audiences: ['https://api.example.test/'],
      algorithms: ['RS256'],
      providers: [],
      scopeClaims: [{ path: ['scope'], format: 'string' }],
      requiredClaims: [],
      enforces: new Map(),
    },
    ['orders.read'],
    { now: Math.floor(clock.now() / 1000), jti: 'the only one' },
  )
  return { kind: 'token', token: text, others: {} }
}
