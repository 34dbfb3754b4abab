import { expect, test } from 'vitest'
import { requestTo } from '../exchange/fixture.ts'
import { answered, hit } from '../judge/fixture.ts'
import type { Hit } from '../serve/hit.ts'
import { bad, control, rehearse } from './fixture.ts'
import { meetWitness } from './witness.ts'

/** A gateway that strips the ids of attempts, and lets in what it is told to. */
const strippedOf = async (lets: (target: string) => boolean) => {
  const hits: Hit[] = []
  const upstream = { hits: () => hits, hitsOf: () => [], counted: () => hits.length }
  const io = rehearse(({ target }) => {
    if (!lets(target)) return answered(401)
    hits.push({ ...hit, target })
    return answered(200)
  })
  return meetWitness(upstream, control, io)
}
const together = { attemptIds: ['a', 'b'], connection: 'same' } as const

test.each([
  ['let in', () => true, ['/bad']],
  ['refused', (target: string) => target !== '/bad', []],
])('without ids, what follows a good request and is %s has its own hits alone', async (_, lets, wanted) => {
  const { io, witness } = await strippedOf(lets)
  await io.sendTogether([control(), bad()], { ...together, subject: 1 })
  expect(witness.hitsFor({ id: 'b' }).map(({ target }) => target)).toEqual(wanted)
})

test.each([
  ['let in', () => true, ['/bad']],
  ['refused', (target: string) => target !== '/bad', []],
])(
  'without ids, what goes before a good request and is %s has its own hits alone',
  async (_, lets, wanted) => {
    const { io, witness } = await strippedOf(lets)
    await io.sendTogether([bad(), requestTo('/control')], { ...together, subject: 0 })
    expect(witness.hitsFor({ id: 'a' }).map(({ target }) => target)).toEqual(wanted)
  },
)
