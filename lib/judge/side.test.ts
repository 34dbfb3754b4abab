import { describe, expect, test } from 'vitest'
import type { Answered } from '../exchange/answer.ts'
import { answered, lessonFrom, refusal } from './fixture.ts'
import { lessonTrouble, readSide, type Lesson } from './side.ts'

const json = ['Content-Type', 'application/json'] as const
const html = ['Content-Type', 'text/html; charset=utf-8'] as const

const good = answered(200, [json], '{"hello":"world"}')
const none = refusal(401, 'Bearer realm="api"')
const unrouted = answered(404, [json], '{"code":404}')
const usual = lessonFrom({ good, none, unrouted })

const reading = (answer: Answered, hits = 0, lesson: Lesson = usual) => {
  const { side, refusedOtherwise } = readSide(answer, hits, lesson)
  return refusedOtherwise ? `${side}, otherwise` : side
}

describe('of a usual gateway', () => {
  test.each<[string, Answered, string]>([
    ['the good answer', good, 'let-in'],
    ['another 200', answered(200, [html], 'a page'), 'let-in'],
    ['a 204', answered(204), 'let-in'],
    ['a 101', answered(101, [['Upgrade', 'websocket']]), 'let-in'],
    ['the answer to no token', none, 'refused'],
    ['a 401 with another challenge', refusal(401, 'Bearer error="invalid_token"'), 'refused'],
    ['a 401 without a challenge', refusal(401), 'refused'],
    ['a 403', refusal(403), 'refused'],
    ['the answer of a path without a route', unrouted, 'refused'],
    ['another 404', answered(404, [html], 'nothing here'), 'refused, otherwise'],
    [
      'a 302 to a login page',
      answered(302, [['Location', 'https://login.example.test/']]),
      'refused, otherwise',
    ],
    ['a 400', answered(400, [json], '{}'), 'refused, otherwise'],
    ['a 431', answered(431), 'refused, otherwise'],
    ['a 500', answered(500), 'refused'],
    ['a 502', answered(502, [html], 'bad gateway'), 'refused'],
  ])('%s is read as %s', (_, answer, wanted) => {
    expect(reading(answer)).toBe(wanted)
  })

  test.each([
    ['letter case', answered(401, [['www-AUTHENTICATE', 'bEARER REALM="api"']], 'no')],
    ['another realm, and parameters that spaces separate', refusal(401, 'Bearer realm="x" scope="a b"')],
    ['a connection that ends', answered(401, [...none.headers, ['Connection', 'close']], 'no')],
  ])('%s changes nothing', (_, answer) => {
    expect(reading(answer)).toBe('refused')
  })
})

describe('the witness', () => {
  const witnessed = { ...usual, witnessed: true }

  test.each([
    ['a 200', good],
    ['a 401', none],
    ['a 404 like that of no route', unrouted],
    ['a 502', answered(502)],
    ['a 302', answered(302)],
  ])('proves that %s with a hit was let in', (_, answer) => {
    expect(reading(answer, 1, witnessed)).toBe('let-in')
    expect(reading(answer, 1, usual)).toBe('let-in')
  })

  test('does not make a refusal of an answer that looks let in: a cache reaches no upstream', () => {
    expect(reading(good, 0, witnessed)).toBe('let-in')
    expect(reading(answered(200, [html], 'a stock response'), 0, witnessed)).toBe('let-in')
  })

  const missing = answered(404, [json], '{"code":404}')
  const sameAsUnrouted = lessonFrom({ good: missing, none, unrouted: missing })

  test('tells a backend that answers 404 from a path without a route', () => {
    expect(reading(missing, 1, { ...sameAsUnrouted, witnessed: true })).toBe('let-in')
    expect(reading(missing, 0, { ...sameAsUnrouted, witnessed: true })).toBe('refused')
  })

  test('tells a good answer from the same without a token', () => {
    const same = lessonFrom({ good: missing, none: missing, unrouted })
    expect(reading(missing, 0, same)).toBe('unknown')
    expect(reading(missing, 0, { ...same, witnessed: true })).toBe('refused')
    expect(reading(missing, 1, { ...same, witnessed: true })).toBe('let-in')
  })
})

describe('a backend that says no to a good token', () => {
  test.each([404, 405, 500, 422])('with %i has let it in', (status) => {
    const answer = answered(status, [json], 'from the backend')
    const lesson = lessonFrom({ good: answer, none, unrouted })
    expect(reading(answer, 0, lesson)).toBe('let-in')
    expect(reading(none, 0, lesson)).toBe('refused')
    expect(lessonTrouble(lesson, answer, none)).toBeUndefined()
  })

  test('with the 404 of no route is let in all the same, where only keeping out cannot be told', () => {
    const lesson = lessonFrom({ good: unrouted, none, unrouted })
    expect(reading(unrouted, 0, lesson)).toBe('let-in')
    expect(reading(none, 0, lesson)).toBe('refused')
    expect(lessonTrouble(lesson, unrouted, none)).toBeUndefined()
  })

  test('with a body of its own is told from the gateway by that body, where it is stable', () => {
    const backend = answered(404, [json], '{"from":"the backend"}')
    const lesson = lessonFrom({ good: backend, none, unrouted })
    expect(reading(backend, 0, lesson)).toBe('let-in')
    expect(reading(unrouted, 0, lesson)).toBe('refused')
  })
})

describe('a gateway that sends to a login page', () => {
  const login = answered(302, [['Location', 'https://login.example.test/start?state=1']])
  const lesson = lessonFrom({ good, none: login, unrouted })

  test('refuses by that redirect, whatever its path', () => {
    expect(
      reading(answered(302, [['Location', 'https://login.example.test/start?state=2']]), 0, lesson),
    ).toBe('refused')
  })

  test('refuses otherwise by a redirect elsewhere', () => {
    expect(reading(answered(302, [['Location', 'https://elsewhere.example.test/']]), 0, lesson)).toBe(
      'refused, otherwise',
    )
  })

  test('lets in whom it redirects where good tokens are redirected there too', () => {
    const moved = answered(307, [['Location', 'https://next.example.test/']])
    expect(reading(moved, 0, lessonFrom({ good: moved, none, unrouted }))).toBe('let-in')
  })
})

describe('a gateway that refuses with 200', () => {
  const yes = answered(200, [json], '{"data":{"me":{"id":1}}}')
  const no = answered(200, [json], '{"errors":[{"code":"UNAUTHENTICATED"}]}')
  const taught = { good: yes, none: no, unrouted }

  test('is read by the marker of its refusals', () => {
    const lesson = lessonFrom(taught, { refused: { status: [200], contains: 'UNAUTHENTICATED' } })
    expect(reading(no, 0, lesson)).toBe('refused')
    expect(reading(yes, 0, lesson)).toBe('let-in')
    expect(lessonTrouble(lesson, yes, no)).toBeUndefined()
  })

  test('cannot be judged without one', () => {
    expect(reading(no, 0, lessonFrom(taught))).toBe('let-in')
    expect(lessonTrouble(lessonFrom(taught), yes, no)).toBe('accepts-everything')
  })

  test('is read by a hit before any marker', () => {
    const lesson = lessonFrom(taught, { refused: { contains: 'UNAUTHENTICATED' } })
    expect(reading(no, 1, lesson)).toBe('let-in')
  })

  test('is judged even where the two answers have one fingerprint', () => {
    const changing = { ...lessonFrom(taught).good, bodyHash: undefined }
    const lesson = lessonFrom(taught, {
      good: changing,
      none: changing,
      refused: { contains: 'UNAUTHENTICATED' },
    })
    expect(lessonTrouble(lesson, yes, no)).toBeUndefined()
  })
})

describe('markers', () => {
  const grpc = (code: number) =>
    answered(200, [
      ['Content-Type', 'application/grpc'],
      ['grpc-status', String(code)],
    ])

  test('read the status of gRPC', () => {
    const lesson = lessonFrom(
      { good: grpc(0), none: grpc(16) },
      { accepted: { grpcStatus: [0] }, refused: { grpcStatus: [7, 16] } },
    )
    expect(reading(grpc(0), 0, lesson)).toBe('let-in')
    expect(reading(grpc(16), 0, lesson)).toBe('refused')
    expect(reading(grpc(7), 0, lesson)).toBe('refused')
    expect(lessonTrouble(lesson, grpc(0), grpc(16))).toBeUndefined()
  })

  test('make a refusal with a status of its own a refusal', () => {
    const teapot = answered(418, [], 'go away')
    const lesson = lessonFrom({ good, none: teapot, unrouted }, { refused: { status: [418] } })
    expect(reading(answered(418, [], 'something else'), 0, lesson)).toBe('refused')
  })

  test('hold only where all that they ask for holds', () => {
    const accepted = { status: [200], header: { name: 'X-From', contains: 'backend' } }
    const lesson = lessonFrom(
      { good, none: answered(302), unrouted },
      { accepted, refused: { status: [200] } },
    )
    expect(reading(answered(200, [['x-from', 'the backend']]), 0, lesson)).toBe('refused')
    const alone = lessonFrom({ good, none: answered(302), unrouted }, { accepted })
    expect(lessonTrouble(alone, answered(200, [['x-from', 'the backend']]), none)).toBeUndefined()
    expect(lessonTrouble(alone, answered(200, [['x-from', 'a cache']]), none)).toBe('marker-missed')
  })

  test('make a 403 of the backend a yes', () => {
    const forbidden = answered(403, [['X-From', 'backend']])
    const lesson = lessonFrom(
      { good: forbidden, none, unrouted },
      { accepted: { header: { name: 'X-From' } } },
    )
    expect(reading(forbidden, 0, lesson)).toBe('let-in')
    expect(lessonTrouble(lesson, forbidden, none)).toBeUndefined()
  })
})

describe('nothing can be judged where', () => {
  test('the good token is refused', () => {
    expect(lessonTrouble(lessonFrom({ good: none, none, unrouted }), none, none)).toBe('good-refused')
    const forbidden = refusal(403)
    expect(lessonTrouble(lessonFrom({ good: forbidden, none, unrouted }), forbidden, none)).toBe(
      'good-refused',
    )
  })

  test('no token is needed', () => {
    expect(lessonTrouble(lessonFrom({ good, none: good, unrouted }), good, good)).toBe('accepts-everything')
    const other = answered(200, [html], 'the login page')
    expect(lessonTrouble(lessonFrom({ good, none: other, unrouted }), good, other)).toBe('accepts-everything')
  })

  test.each([404, 302, 500])('good and none are both answered with the same %i', (status) => {
    const same = answered(status, [], 'the same')
    expect(lessonTrouble(lessonFrom({ good: same, none: same, unrouted }), same, same)).toBe(
      'indistinguishable',
    )
  })

  test('but on a route that is meant to be open both may get in', () => {
    expect(lessonTrouble(lessonFrom({ good, none, unrouted }), good, undefined)).toBeUndefined()
    expect(lessonTrouble(lessonFrom({ good: none, none, unrouted }), none, undefined)).toBe('good-refused')
  })

  test('but a good request that reached our upstream got in, whatever it was answered', () => {
    const lesson = lessonFrom({ good: none, none, unrouted }, { witnessed: true })
    expect(lessonTrouble(lesson, none, none)).toBeUndefined()
  })
})
