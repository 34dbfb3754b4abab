import { describe, expect, test } from 'vitest'
import type { Deviation } from '../config/deviation.ts'
import type { Answer, Answered } from '../exchange/answer.ts'
import { requestTo } from '../exchange/fixture.ts'
import { answered, lessonFrom, lost, refusal } from '../judge/fixture.ts'
import { rehearse } from './fixture.ts'
import { teach } from './teach.ts'
import { noWitness } from './witness.ts'

/** What the controls of a route teach, and where they teach nothing. */

const yes = answered(200, [], 'hello')
const no = refusal(401, 'Bearer error="invalid_token"')
const notFound = answered(404, [['Content-Type', 'application/json']], '{"code":404}')
const backend = answered(404, [['Content-Type', 'text/plain']], 'from the backend')
const hopeless: Deviation = { sign: 'attacker' }

type Gateway = Readonly<Record<'good' | 'none' | 'unrouted' | 'hopeless', Answer>>

const kindOf = ({ carry, request, sign }: Deviation): keyof Gateway => {
  if (request?.route === 'unrouted') return 'unrouted'
  if (carry === 'none') return 'none'
  return sign === undefined ? 'good' : 'hopeless'
}

/** What is learned of a gateway, and the controls that it got. */
const learn = async (gateway: Gateway, name: 'protected' | 'public' = 'protected') => {
  const io = rehearse(({ target }) => {
    const found = Object.entries(gateway).find(([kind]) => target === `/${kind}`)
    if (found === undefined) throw new Error(`nobody answers ${target}`)
    return found[1]
  })
  const route = { path: '/', method: 'GET', methodDeclared: false, headers: [] }
  const { none: refusalAtHome } = lessonFrom({ good: yes, none: no })
  const subject = { name, route, hopeless, refusal: refusalAtHome }
  const taught = await teach(subject, (deviation) => requestTo(`/${kindOf(deviation)}`), {
    io,
    witness: noWitness,
  })
  return {
    learned: taught.kind === 'taught' ? 'taught' : taught.trouble,
    keepsApart: taught.kind === 'taught' ? taught.keepsApart : undefined,
    sent: io.sent.map(({ target }) => target.slice(1)),
  }
}

test('three controls teach it, each sent twice', async () => {
  const { learned, sent } = await learn({ good: yes, none: no, unrouted: notFound, hopeless: no })
  expect(learned).toBe('taught')
  expect(sent).toEqual(['good', 'good', 'none', 'none', 'unrouted', 'unrouted'])
})

describe('where the backend says no to a good token, a token of which nothing is right is sent as well', () => {
  test.each<[string, Answered, Answered, string]>([
    ['a gateway that refuses it is judged', backend, no, 'taught'],
    ['a gateway that hides behind another 404 is judged', backend, notFound, 'taught'],
    ['a gateway that hides behind the same 404 cannot be', notFound, notFound, 'indistinguishable'],
    ['a gateway that lets it in to another answer is judged', backend, yes, 'taught'],
    [
      'a gateway that says 400 as its backend does cannot be',
      answered(400),
      answered(400),
      'indistinguishable',
    ],
  ])('%s', async (_, good, answer, wanted) => {
    const { learned, sent } = await learn({ good, none: no, unrouted: notFound, hopeless: answer })
    expect(learned).toBe(wanted)
    expect(sent).toContain('hopeless')
  })

  test('but not on a public route, where it may get in', async () => {
    const same = { good: notFound, none: notFound, unrouted: no, hopeless: notFound }
    expect((await learn(same, 'public')).learned).toBe('taught')
  })
})

describe('a path without a route is told from what is let in', () => {
  test.each<[string, Answered, Answer, boolean]>([
    ['by another answer', yes, notFound, true],
    ['by its body', backend, notFound, true],
    ['not where it is the same', notFound, notFound, false],
    ['not where any path lets in', yes, yes, false],
    ['by a connection that is closed, where the good answer is a 2xx', yes, lost('closed'), true],
    ['not where it was lost, and the good answer is a 404', backend, lost('closed'), false],
  ])('%s', async (_, good, unrouted, wanted) => {
    expect((await learn({ good, none: no, unrouted, hopeless: no })).keepsApart).toBe(wanted)
  })
})
