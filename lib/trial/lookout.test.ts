import { describe, expect, test } from 'vitest'
import { requestTo } from '../exchange/fixture.ts'
import { answered } from '../judge/fixture.ts'
import type { Contact, Listener } from '../serve/listener.ts'
import { rehearse } from './fixture.ts'
import { keepLookout, type Reach } from './lookout.ts'

const contact = (...paths: readonly string[]): Contact => ({
  at: 0,
  from: '127.0.0.1',
  protocol: paths.length === 0 ? 'tls' : 'http',
  firstBytes: '',
  requests: paths.map((path) => ({ method: 'GET', path })),
})

/** A listener to which contacts come as the test says. */
const listen = () => {
  // Of an earlier run.
  const contacts: Contact[] = [contact()]
  let forgotten = 0
  const listener: Listener = {
    port: 9403,
    url: 'http://listener.example.test:9403',
    close: () => Promise.resolve(),
    contacts: () => contacts,
    counted: () => contacts.length + forgotten,
    serve: () => undefined,
  }
  return {
    listener,
    come: (one: Contact) => contacts.push(one),
    forget: () => {
      contacts.shift()
      forgotten += 1
    },
  }
}

const one = 'gateproof-000000000001'
const two = 'gateproof-000000000002'
const requestWith = (mark?: string) => ({ ...requestTo('/'), ...(mark === undefined ? {} : { mark }) })

const open = (reach: Partial<Reach> = {}) => {
  const { listener, ...world } = listen()
  const way = rehearse(() => answered(401))
  let now = 0
  const { lookout, io } = keepLookout(
    listener,
    { declared: false, askedBefore: 0, ...reach },
    { io: way, now: () => now },
  )
  const send = (id: string, mark?: string) =>
    io.send(requestWith(mark), { attemptId: id, newConnection: false })
  const of = (id: string, mark?: string) => lookout.contactsFor({ id, request: requestWith(mark) })
  return { ...world, way, lookout, send, of, wait: (ms: number) => (now += ms) }
}

describe('a contact', () => {
  test('is of the request that it names, whenever it comes', async () => {
    const { send, come, of } = open()
    await send('1', one)
    await send('2', two)
    come(contact(`/${one}/jwks`))
    expect(of('1', one)).toHaveLength(1)
    expect(of('2', two)).toEqual([])
  })

  test('that names none is of the request that was on its way', async () => {
    const { send, come, of } = open()
    await send('1', one)
    come(contact())
    come(contact('/.well-known/openid-configuration'))
    await send('control')
    come(contact())
    await send('2', two)
    expect(of('1', one)).toHaveLength(3)
    expect(of('2', two)).toEqual([])
    expect(of('control')).toEqual([])
  })

  test('that names none is nobody’s long after, and then proves nothing', async () => {
    const { send, come, of, lookout } = open()
    await send('1', one)
    come(contact())
    expect(of('1', one)).toHaveLength(1)
    come({ ...contact(), at: 1_001 })
    expect(lookout.isNoisy()).toBe(true)
    expect(of('1', one)).toEqual([])
  })

  test('that names none proves nothing where such came before', async () => {
    const { send, come, of, lookout } = open()
    come(contact())
    await send('1', one)
    come(contact())
    come(contact(`/${one}`))
    expect(lookout.isNoisy()).toBe(true)
    expect(of('1', one)).toMatchObject([{ requests: [{ path: `/${one}` }] }])
  })

  test('keeps its place where the listener forgets older ones', async () => {
    const { send, come, of, forget } = open()
    await send('1', one)
    come(contact(`/${one}`))
    await send('2', two)
    come(contact())
    forget()
    forget()
    expect(of('2', two)).toHaveLength(1)
    expect(of('1', one)).toEqual([])
  })
})

describe('that the gateway could have come', () => {
  const keySet = (url: string, asked: number) => ({ url, counted: () => asked })

  test.each<[string, Partial<Reach>, boolean]>([
    ['is declared', { declared: true }, true],
    ['is not known', {}, false],
    [
      'is proven by a fetch from the same host',
      { keySet: keySet('http://listener.example.test:9401', 1) },
      true,
    ],
    [
      'is not proven by one of our own',
      { keySet: keySet('http://listener.example.test:9401', 1), askedBefore: 1 },
      false,
    ],
    ['is not proven by another host', { keySet: keySet('http://keys.example.test:9401', 1) }, false],
  ])('%s', (_, reach, reachable) => {
    expect(open(reach).lookout.isReachable()).toBe(reachable)
  })
})

test('what is on its way has a second from the last answer on', async () => {
  const { send, lookout, way, wait } = open()
  await lookout.settled()
  await send('control')
  await lookout.settled()
  expect(way.slept).toEqual([])
  await send('1', one)
  wait(400)
  await lookout.settled()
  expect(way.slept).toEqual([600])
  wait(600)
  await lookout.settled()
  expect(way.slept).toEqual([600])
})
