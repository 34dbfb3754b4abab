import { expect, test } from 'vitest'
import type { Deviation } from '../config/deviation.ts'
import { targetAt } from '../exchange/fixture.ts'
import { openSmithy } from './fixture.ts'
import { forgeRequest } from './forge.ts'

const { good, scene } = await openSmithy('EdDSA')
const target = targetAt('https://gw.example.test', {
  basePath: '/v1',
  routes: {
    protected: { path: '/hello', method: 'GET', methodDeclared: false, headers: [] },
    others: [],
  },
})
const destination = { target, route: target.routes.protected, unrouted: '/v1/nowhere' }
const supply = { good, another: () => good, other: () => 'other' }
const forge = (deviation: Deviation) => forgeRequest(deviation, destination, supply, scene)

test('a deviation that comes after the good token brings the request of the very token that it departs from', () => {
  const { before, secrets } = forge({ claims: { sub: 'x' }, sign: 'keep', after: 'good' })
  expect(before).toEqual(forge({}))
  expect(before?.secrets).toEqual([good.text])
  expect(secrets).not.toEqual([good.text])
  expect(secrets[0]?.split('.')[2]).toBe(good.text.split('.')[2])
})

test('the good request before has what the deviation does to the request, and nothing else of it', () => {
  const request = { headers: [{ name: 'Origin', value: 'https://app.example.test' }] }
  const { before } = forge({ carry: 'none', request, after: 'good' })
  expect(before).toEqual(forge({ request }))
  expect(before?.before).toBeUndefined()
})

test('a request says how long the sleep in it is, and others say nothing', () => {
  const kid = { $delay: 'seconds', prepend: '|sleep ' }
  const sleeping: Deviation = { header: { kid }, sign: 'attacker' }
  expect(forge(sleeping)).toMatchObject({ delaySeconds: 5, token: { header: { kid: '|sleep 5' } } })
  expect(forgeRequest(sleeping, destination, supply, { ...scene, delaySeconds: 10 })).toMatchObject({
    delaySeconds: 10,
    token: { header: { kid: '|sleep 10' } },
  })
  expect(forge({ sign: 'attacker' }).delaySeconds).toBeUndefined()
})

test('without it nothing goes before', () => {
  expect(forge({ sign: 'none' }).before).toBeUndefined()
})

test('what goes first on the same connection is the good request, but for what is said of it', () => {
  const edit = { version: '2' as const, headers: [{ name: 'X-A', value: 'b' }] }
  const { before, connection, next } = forge({
    carry: 'none',
    request: edit,
    after: { connection: 'pipelined', request: { method: 'POST' } },
  })
  expect(before).toEqual(forge({ request: { version: '2', method: 'POST' } }))
  expect(connection).toBe('pipelined')
  expect(next).toBeUndefined()
  const refused = forge({ after: { connection: 'same', carry: 'none' } })
  expect(refused.before).toEqual(forge({ carry: 'none' }))
  expect(refused.secrets).toEqual([good.text])
})

test('what follows on its connection is the good request, by the same protocol', () => {
  const { next, before } = forge({ carry: 'none', request: { version: '2', method: 'PUT' }, before: 'good' })
  expect(next).toEqual(forge({ request: { version: '2' } }))
  expect(before).toBeUndefined()
})
