import { expect, it } from 'vitest'
import { requestTo } from '../exchange/fixture.ts'
import { answered } from '../judge/fixture.ts'
import { rehearse } from './fixture.ts'
import { teach } from './teach.ts'
import { noWitness } from './witness.ts'

/** Teaches a route whose good requests are answered so, the last answer for ever; without a token 401, elsewhere 404. */
const taught = async (statuses: readonly number[]) => {
  let turn = 0
  const io = rehearse(({ target }) => {
    if (target !== '/good') return answered(target === '/none' ? 401 : 404)
    turn += 1
    return answered(statuses[Math.min(turn, statuses.length) - 1] ?? 200)
  })
  const result = await teach(
    {
      name: 'protected',
      route: { path: '/', method: 'GET', methodDeclared: false, headers: [] },
      hopeless: { sign: 'attacker' },
    },
    ({ carry, request, sign }) =>
      requestTo(
        request?.route === 'unrouted' ? '/unrouted' : (carry ?? sign) === undefined ? '/good' : '/none',
      ),
    { io, witness: noWitness },
  )
  const status = result.kind === 'taught' ? result.lesson.good.status : result.trouble
  return { status, slept: io.slept }
}

it.each<[string, readonly number[], unknown, readonly number[]]>([
  ['is 200', [200], 200, []],
  ['is 500 for a moment', [500, 500, 200], 200, [500]],
  ['is 502 and then 500 before it is 204', [502, 502, 500, 204, 204], 204, [500, 1500]],
  ['is 500 for ever', [500], 500, [500, 1500, 3000]],
])('a good answer that %s', async (_, statuses, status, slept) => {
  expect(await taught(statuses)).toEqual({ status, slept })
})
