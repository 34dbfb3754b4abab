import { describe, expect, it } from 'vitest'
import { readGood } from '../forge/good.ts'
import { endsTooSoon, keepFresh, neededSeconds } from './lifetime.ts'
import type { Traffic } from './traffic.ts'

describe('fresh traffic', () => {
  const setup = () => {
    let [now, made] = [1000, 0]
    const make = async (): Promise<Traffic> => Promise.resolve({ classes: [], pool: ++made })
    return {
      fresh: keepFresh(make, { lifetimeSeconds: () => 300, now: () => now }),
      pass: (seconds: number) => {
        now += seconds
      },
    }
  }

  it('is the same as long as its tokens last', async () => {
    const { fresh, pass } = setup()
    expect((await fresh(60_000)).pool).toBe(1)
    pass(120)
    expect((await fresh(60_000)).pool).toBe(1)
  })

  it('is made anew before a phase in which its tokens would end', async () => {
    const { fresh, pass } = setup()
    await fresh(60_000)
    pass(181)
    expect((await fresh(60_000)).pool).toBe(2)
    expect((await fresh(60_000)).pool).toBe(2)
  })

  it('leaves a margin', () => {
    expect(neededSeconds(1500)).toBe(62)
  })
})

describe('a good token of somebody else', () => {
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = (claims: object) => readGood(`${encoded({ alg: 'RS256' })}.${encoded(claims)}.c2ln`)

  it('may end before the run does, which is said', () => {
    expect(endsTooSoon(token({ exp: 940 }), 1000)).toBe('the good token ends 60 s before the run does')
    expect(endsTooSoon(token({ exp: 1000 }), 1000)).toBeUndefined()
  })

  it('tells nothing where it has no end or cannot be read', () => {
    expect(endsTooSoon(token({}), 1000)).toBeUndefined()
    expect(endsTooSoon(readGood('opaque'), 1000)).toBeUndefined()
  })
})
