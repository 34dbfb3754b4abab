import { expect, test } from 'vitest'
import type { Fingerprint } from '../judge/fingerprint.ts'
import type { Lesson } from '../judge/side.ts'
import type { AnswerHead } from './engine.ts'
import { loadJudge } from './read-answer.ts'

const print = (status: number, schemes = ''): Fingerprint => ({
  status,
  schemes,
  locationOrigin: undefined,
  mediaType: 'application/json',
  grpcStatus: undefined,
  bodyHash: 'of a body that nobody hashes under load',
})
const lesson: Lesson = {
  good: print(200),
  none: print(401, 'bearer'),
  unrouted: print(404),
  witnessed: false,
}

const answer = (status: number, headers: readonly string[] = [], body = ''): AnswerHead => ({
  status,
  headers: ['Content-Type', 'application/json', ...headers],
  body: Buffer.from(body),
})
const of = { name: 'valid', expect: 'accept' } as const

test.each([
  [200, 'let-in'],
  [201, 'let-in'],
  [401, 'refused'],
  [403, 'refused'],
  [404, 'refused'],
  [302, 'refused'],
  [429, 'error:429'],
  [503, 'error:503'],
  [500, 'error:5xx'],
] as const)('%i reads as %s, the first time and the second', (status, reading) => {
  const judge = loadJudge(lesson)
  expect(judge.read(answer(status), of)).toBe(reading)
  expect(judge.read(answer(status), of)).toBe(reading)
})

test('what a good and a refused request get alike is no verdict', () => {
  const judge = loadJudge({ ...lesson, good: print(404), none: print(404), unrouted: undefined })
  expect(judge.read(answer(404), of)).toBe('error:indistinguishable')
})

test('answers that differ in a header that tells are not mistaken for each other', () => {
  const judge = loadJudge({ ...lesson, good: { ...print(302), locationOrigin: 'https://app.example.test' } })
  expect(judge.read(answer(302, ['Location', 'https://login.example.test/']), of)).toBe('refused')
  expect(judge.read(answer(302, ['location', 'https://app.example.test/a']), of)).toBe('let-in')
})

test('a route that refuses with 200 is read by its marker, and the body is asked for', () => {
  const judge = loadJudge({ ...lesson, refused: { contains: 'UNAUTHENTICATED' } })
  expect(judge.bodyBytes).toBeGreaterThan(0)
  expect(loadJudge(lesson).bodyBytes).toBe(0)
  expect(judge.read(answer(200, [], '{"errors":["UNAUTHENTICATED"]}'), of)).toBe('refused')
  expect(judge.read(answer(200, [], '{"data":{}}'), of)).toBe('let-in')
})

test('one header section that is handed out again and again is read by the status that it comes with', () => {
  const judge = loadJudge(lesson)
  const { headers, body } = answer(200)
  for (let round = 0; round < 20; round++) {
    expect(judge.read({ status: 200, headers, body }, of)).toBe('let-in')
    expect(judge.read({ status: 401, headers, body }, of)).toBe('refused')
    expect(judge.read(answer(200 + round), of)).toBe('let-in')
  }
})
