import { expect, test } from 'vitest'
import { requestTo } from '../exchange/fixture.ts'
import { answered, hit, lost } from '../judge/fixture.ts'
import type { Hit } from '../serve/hit.ts'
import { bad, control, rehearse } from './fixture.ts'
import { meetWitness } from './witness.ts'

/** A gateway that strips the ids of attempts, and lets in what it is told to. */
const strippedOf = async (lets: (target: string) => boolean, backend = answered(200)) => {
  const hits: Hit[] = []
  const upstream = { hits: () => hits, hitsOf: () => [], counted: () => hits.length }
  const io = rehearse(({ target }) => {
    if (!lets(target)) return answered(401)
    hits.push({ ...hit, target })
    return backend
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

test('without ids, the hit of a good request whose answer was lost is not that of the bad one beside', async () => {
  const hits: Hit[] = []
  const upstream = { hits: () => hits, hitsOf: () => [], counted: () => hits.length }
  const io = rehearse(({ target }, turn) => {
    if (target === '/control') hits.push({ ...hit, target })
    if (turn === 1) return answered(200)
    return target === '/control' ? lost('reset') : answered(401)
  })
  const met = await meetWitness(upstream, control, io)
  await met.io.sendTogether([control(), bad()], { ...together, subject: 1 })
  expect(met.witness.hitsFor({ id: 'b' })).toEqual([])
})

test('without ids, a backend that says no to good tokens does not leave its hit to the bad one beside', async () => {
  const { io, witness } = await strippedOf((target) => target !== '/bad', answered(500))
  await io.sendTogether([control(), bad()], { ...together, subject: 1 })
  expect(witness.hitsFor({ id: 'b' })).toEqual([])
})
