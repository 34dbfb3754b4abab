import { describe, expect, test } from 'vitest'
import { reworded, without, type Passing } from './front.ts'
import { play, verdictOn, withStatus } from './stage.ts'

/** How a gateway speaks is judged in the topic responses; nowhere else may a way of its own be more than a note. */
const elsewhere = ['controls', 'credential', 'alg', 'audience', 'time', 'scope']
const include = [...elsewhere, 'responses']

const isRefusal = ({ status }: Passing) => status === 401 || status === 403

const login = (answer: Passing): Passing =>
  isRefusal(answer)
    ? { ...reworded(answer, 302, ['Location', 'https://login.example.test/']), body: Buffer.alloc(0) }
    : answer

describe.each<[string, (answer: Passing) => Passing, readonly string[]]>([
  [
    'that answers 403 to all it refuses, without a challenge',
    (answer) => (answer.status === 401 ? reworded(answer, 403) : answer),
    [],
  ],
  [
    'that sends whom it refuses to a login page',
    (answer) => login({ ...answer, headers: without(answer.headers, 'content-length') }),
    ['resp-status-401-not-302'],
  ],
  [
    'whose 401 has no challenge',
    (answer) => (answer.status === 401 ? reworded(answer, 401) : answer),
    ['resp-401-challenge-bad-token', 'resp-401-challenge-present'],
  ],
  [
    'whose challenge has no error code, and parameters that spaces separate',
    (answer) =>
      isRefusal(answer)
        ? reworded(answer, answer.status, ['WWW-Authenticate', 'Bearer realm="a" charset="UTF-8"'])
        : answer,
    [],
  ],
  [
    'that refuses with 500',
    (answer) => (isRefusal(answer) ? reworded(answer, 500) : answer),
    ['resp-status-401-not-404-500'],
  ],
])('a gateway %s', async (_, change, told) => {
  const played = await play({ front: { change }, include })

  test('is complained of in one topic alone', () => {
    // Which status a missing scope gets is a facet as well, and has its case in the topic scope.
    const topics = played.results
      .filter((result) => result.case !== 'scope-insufficient-status')
      .filter(({ verdict }) => ['fail', 'warn'].includes(verdict.status))
      .map(({ topic }) => topic)
    expect([...new Set(topics)]).toEqual(['responses'])
    expect(withStatus(played, 'inconclusive')).toEqual([])
    expect(withStatus(played, 'fail', 'warn')).toEqual(expect.arrayContaining([...told]))
  })

  test('has the note of its style elsewhere', () => {
    const notes = played.results
      .filter(({ topic }) => elsewhere.includes(topic))
      .flatMap(({ verdict }) => verdict.notes)
    expect(notes).toContain('style')
  })
})

test('what a gateway lets in is found beside its style', async () => {
  const played = await play({
    faults: ['alg-none'],
    front: { change: (answer) => (isRefusal(answer) ? reworded(answer, 403) : answer) },
    include: ['alg'],
  })
  expect(withStatus(played, 'fail')).not.toEqual([])
  for (const id of withStatus(played, 'fail'))
    expect(verdictOn(played, id)).toMatchObject({ mismatches: [{ kind: 'let-in' }] })
  expect(played.code).toBe(1)
})
