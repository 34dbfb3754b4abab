import { expect, it, vi } from 'vitest'
import type { KeySet } from '../serve/key-set.ts'
import { watchFetches } from './fetch-watch.ts'

const policyOf = (cooldownMs: number) => ({ keySet: { cooldownMs } }) as never

const keySetWith = (counts: readonly number[]): KeySet => {
  const left = [...counts]
  return { counted: (of?: string) => (of === 'keys' ? (left.shift() ?? 0) : -1) } as unknown as KeySet
}

it('counts the fetches from its beginning on', () => {
  const fetched = watchFetches({ keySet: keySetWith([7, 7, 9]), policy: policyOf(60_000) })
  expect(fetched()).toEqual({ fetches: 0 })
  expect(fetched()).toEqual({ fetches: 2 })
})

it('leaves out one for each cool-down that went by', () => {
  const clock = vi
    .spyOn(performance, 'now')
    .mockReturnValueOnce(0)
    .mockReturnValueOnce(520)
    .mockReturnValue(5000)
  const fetched = watchFetches({ keySet: keySetWith([0, 3, 3]), policy: policyOf(250) })
  expect(fetched()).toEqual({ fetches: 1 })
  expect(fetched()).toEqual({ fetches: 0 })
  clock.mockRestore()
})

it('says nothing where no key set is served', () => {
  expect(watchFetches({ policy: policyOf(250) })()).toEqual({})
})
