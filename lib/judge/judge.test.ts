import { describe, expect, test } from 'vitest'
import type { Expect, Word } from '../config/expect.ts'
import type { Answer, Answered } from '../exchange/answer.ts'
import { answered, hit, lessonFrom, lost, refusal, unwitnessed } from './fixture.ts'
import { judge, type Bench, type Claim, type Trial } from './judge.ts'
import type { Verdict } from './verdict.ts'

const good = answered(200, [], 'hello')
const bare = refusal(401, 'Bearer realm="x"')
const invalid = refusal(401, 'Bearer error="invalid_token"')
const scope = refusal(403, 'Bearer error="insufficient_scope"')
const lesson = lessonFrom({ good, none: bare, unrouted: answered(404) })

const claim = (expected: Expect, changes: Partial<Claim> = {}): Claim => ({
  expect: expected,
  level: 'must',
  topic: 'alg',
  close: false,
  form: false,
  ...changes,
})

const bench = (changes: Partial<Bench> = {}): Bench => ({
  lesson,
  features: new Set(),
  style: {},
  checks: { scheme: 'Bearer', secrets: [], canaries: [], good, method: 'GET', hits: [], ...unwitnessed },
  ...changes,
})

const trial = (...answers: readonly Answer[]): Trial => ({
  attempts: answers.map((answer) => ({ answer, hits: [] })),
  notes: [],
})

/** A verdict in a few words. */
const told = (verdict: Verdict): string => {
  const found =
    'mismatches' in verdict ? (verdict.mismatches ?? []).map(({ kind, level }) => `${kind} ${level}`) : []
  const reason = verdict.status === 'inconclusive' ? [verdict.reason] : []
  return [verdict.status, ...reason, ...found, ...verdict.notes.map((note) => `(${note})`)].join(', ')
}

const verdict = (
  expected: Expect,
  answer: Answer,
  more: { claim?: Partial<Claim>; bench?: Partial<Bench>; trial?: Partial<Trial> } = {},
) => told(judge(claim(expected, more.claim), { ...trial(answer), ...more.trial }, bench(more.bench)))

describe('each word', () => {
  test.each<[Word, Answered, string]>([
    ['accept', good, 'pass'],
    ['accept', invalid, 'fail, refused-good must'],
    ['accept', answered(500), 'fail, refused-good must'],
    ['challenge', bare, 'pass'],
    ['challenge', good, 'fail, let-in must'],
    ['challenge', refusal(401), 'fail, no-challenge must'],
    ['challenge', invalid, 'warn, error-without-credentials should'],
    ['reject', invalid, 'pass'],
    ['reject', good, 'fail, let-in must'],
    ['reject', answered(204), 'fail, let-in must'],
    ['reject', bare, 'warn, wrong-error should'],
    ['reject', answered(500), 'fail, server-error must'],
    ['reject', answered(302), 'warn, wrong-status should, (refused-otherwise)'],
    ['forbid', scope, 'pass'],
    ['forbid', good, 'fail, let-in must'],
    ['forbid', invalid, 'warn, wrong-status should'],
    ['bad-request', refusal(400, 'Bearer error="invalid_request"'), 'pass, (refused-otherwise)'],
    ['bad-request', invalid, 'pass'],
    ['bad-request', good, 'fail, let-in must'],
    ['refuse', answered(418), 'pass, (refused-otherwise)'],
    ['refuse', good, 'fail, let-in must'],
    ['keep-out', answered(404), 'pass'],
    ['keep-out', answered(301), 'pass, (refused-otherwise)'],
    ['keep-out', answered(501), 'pass'],
    ['keep-out', good, 'fail, let-in must'],
    ['observe', good, 'observed'],
    ['observe', invalid, 'observed'],
    ['observe', answered(500), 'observed'],
  ])('%s', (word, answer, wanted) => {
    expect(verdict(word, answer)).toBe(wanted)
  })
})

describe('the level of the case', () => {
  test('is that of what fails open or closed', () => {
    expect(verdict('reject', good, { claim: { level: 'should' } })).toBe('warn, let-in should')
    expect(verdict('accept', invalid, { claim: { level: 'may' } })).toBe('observed, refused-good may')
  })

  test('is not that of the protocol, whose kinds have their own', () => {
    expect(verdict('reject', refusal(401), { claim: { level: 'may' } })).toBe('fail, no-challenge must')
    expect(verdict('reject', bare, { claim: { level: 'must' } })).toBe('warn, wrong-error should')
  })
})

describe('a list of words', () => {
  test('tolerates each of them', () => {
    expect(verdict(['reject', 'bad-request'], refusal(400, 'Bearer error="invalid_request"'))).toContain(
      'pass',
    )
    expect(verdict(['reject', 'forbid'], scope)).toBe('pass')
    expect(verdict(['reject', 'bad-request'], good)).toBe('fail, let-in must')
  })

  test('is held to the first where none fits', () => {
    expect(verdict(['reject', 'forbid'], bare)).toBe('warn, wrong-error should')
  })

  test('with both sides cannot fail its safety, and still asks for a proper refusal', () => {
    expect(verdict(['accept', 'reject'], good)).toBe('pass')
    expect(verdict(['reject', 'accept'], invalid)).toBe('pass')
    expect(verdict(['accept', 'reject'], bare)).toBe('warn, wrong-error should')
  })
})

describe('a map', () => {
  test('has one condition, a declared feature', () => {
    const expected: Expect = { declared: 'typ-at-jwt', then: 'reject', otherwise: 'accept' }
    const declared = { bench: { features: new Set(['typ-at-jwt']) } }
    expect(verdict(expected, good)).toBe('pass')
    expect(verdict(expected, invalid)).toBe('fail, refused-good must')
    expect(verdict(expected, good, declared)).toBe('fail, let-in must')
    expect(verdict(expected, invalid, declared)).toBe('pass')
  })

  test('asks for headers, in the topic responses for nothing beside them', () => {
    const wanted: Expect = {
      is: 'reject',
      header: { Vary: null, 'www-authenticate': { pattern: '^Bearer ' } },
    }
    expect(verdict(wanted, invalid)).toBe('pass')
    expect(verdict({ is: 'reject', header: { Vary: '*' } }, invalid)).toBe('fail, malformed-answer must')
    expect(verdict({ is: 'accept', header: { Vary: '*' } }, good, { claim: { level: 'should' } })).toBe(
      'warn, malformed-answer should',
    )
    expect(verdict(wanted, bare)).toBe('warn, wrong-error should')
    expect(verdict(wanted, bare, { claim: { topic: 'responses' } })).toBe('pass')
    expect(verdict({ is: 'reject', header: { Vary: '*' } }, good)).toBe('fail, let-in must')
  })

  test('bounds how often the key set is fetched', () => {
    const wanted: Expect = { is: 'reject', fetches: 1 }
    const fetching = (fetches: number) => verdict(wanted, invalid, { trial: { fetches } })
    expect(fetching(1)).toBe('pass')
    expect(fetching(2)).toBe('fail, fetches-too-often must')
    expect(verdict('reject', invalid, { trial: { fetches: 2 } })).toBe('pass')
    expect(verdict(wanted, invalid)).toBe('pass')
    expect(verdict(wanted, good, { trial: { fetches: 2 } })).toBe('fail, let-in must, fetches-too-often must')
  })

  test('asks for a status, an error code or checks beside the word', () => {
    expect(verdict({ is: 'refuse', status: [403] }, invalid)).toBe('warn, wrong-status should')
    expect(verdict({ is: 'refuse', error: 'invalid_token' }, invalid)).toBe('pass')
    expect(verdict({ is: 'refuse', error: 'invalid_token' }, bare)).toBe('warn, wrong-error should')
    expect(verdict({ is: 'refuse', error: null }, invalid)).toBe('warn, wrong-error should')
    const fresh = answered(401, [['Cache-Control', 'max-age=60']])
    expect(verdict({ is: 'refuse', check: ['not-stored'] }, fresh)).toBe('fail, malformed-answer must')
    expect(verdict({ is: 'refuse', check: ['no-error'] }, invalid)).toBe(
      'warn, error-without-credentials should',
    )
  })

  test('says the status and the error code of a word anew, of which it tolerates several', () => {
    const expected: Expect = {
      is: 'reject',
      status: [401, 400],
      error: ['invalid_dpop_proof', 'invalid_token'],
    }
    const proof = (status: number, error: string) => refusal(status, `Bearer realm="x", error="${error}"`)
    expect(verdict(expected, proof(401, 'invalid_dpop_proof'))).toBe('pass')
    expect(verdict(expected, proof(401, 'invalid_token'))).toBe('pass')
    expect(verdict(expected, proof(400, 'invalid_dpop_proof'))).toBe('pass, (refused-otherwise)')
    expect(verdict(expected, proof(401, 'invalid_request'))).toBe('warn, wrong-error should')
    expect(verdict(expected, proof(403, 'invalid_token'))).toBe('warn, wrong-status should')
    expect(verdict(expected, refusal(401))).toBe('fail, no-challenge must')
    expect(verdict(expected, good)).toBe('fail, let-in must')
  })

  test('counts a leak as failing open', () => {
    const secrets = ['a-token-of-ours']
    const leaky = answered(401, [['WWW-Authenticate', 'Bearer error="invalid_token"']], 'a-token-of-ours')
    expect(
      verdict({ is: 'reject', check: ['no-token-echo'] }, leaky, {
        bench: {
          checks: { scheme: 'Bearer', secrets, canaries: [], good, method: 'GET', hits: [], ...unwitnessed },
        },
      }),
    ).toBe('fail, leaks must')
  })

  test('may say that a case comes to the side of the baseline', () => {
    expect(verdict({ same: 'baseline' }, good)).toBe('pass')
    expect(verdict({ same: 'baseline' }, invalid)).toBe('fail, refused-good must')
  })
})

describe('the witness', () => {
  const witnessed = { lesson: { ...lesson, witnessed: true } }
  const seen = (answer: Answer, count: number): Partial<Trial> => ({
    attempts: [{ answer, hits: Array.from({ length: count }, () => hit) }],
  })

  test('tells that a refused request reached the upstream', () => {
    expect(verdict('reject', invalid, { trial: seen(invalid, 1), bench: witnessed })).toBe(
      'fail, reached-upstream must',
    )
  })

  test('tells that a lost request was let in', () => {
    expect(verdict('reject', invalid, { trial: seen(lost('reset'), 1), bench: witnessed })).toBe(
      'fail, let-in must',
    )
  })

  test('wants an accepted request exactly once', () => {
    expect(verdict('accept', good, { trial: seen(good, 1), bench: witnessed })).toBe('pass')
    expect(verdict('accept', good, { trial: seen(good, 2), bench: witnessed })).toBe('fail, not-once must')
    expect(verdict('accept', good, { trial: seen(good, 0), bench: witnessed })).toBe('fail, not-once must')
    expect(verdict('accept', good, { trial: seen(good, 0) })).toBe('pass')
    expect(verdict({ is: 'accept', hits: 2 }, good, { trial: seen(good, 2), bench: witnessed })).toBe('pass')
  })

  test('wants no hit where a map says so', () => {
    expect(verdict({ is: 'observe', hits: 0 }, good, { trial: seen(good, 1), bench: witnessed })).toBe(
      'fail, reached-upstream must',
    )
  })
})

describe('of several attempts', () => {
  const decided = (...answers: readonly Answer[]) => told(judge(claim('reject'), trial(...answers), bench()))

  test('one that was let in decides', () => {
    expect(decided(lost('reset'), good)).toBe('fail, let-in must')
    expect(decided(good, lost('reset'), invalid)).toBe('fail, let-in must')
  })

  test('the last answer decides where none was', () => {
    expect(decided(lost('timeout'), invalid)).toBe('pass')
  })

  test('a let-in answer decides whatever kept the rest from its end', () => {
    const cut = { ...trial(good, lost('reset')), reason: 'control-lost' }
    expect(told(judge(claim('reject'), cut, bench()))).toBe('fail, let-in must')
    expect(told(judge(claim('reject'), { ...trial(invalid), reason: 'locked-out' }, bench()))).toBe(
      'inconclusive, locked-out',
    )
  })

  test('no answer without a reason and without a proof tells nothing', () => {
    expect(decided(lost('reset'), lost('reset'))).toBe('inconclusive, no-answer')
    expect(decided()).toBe('inconclusive, no-answer')
  })
})

describe('a gateway that breaks', () => {
  const broken = (proven: 'crashes' | 'hangs', ...answers: readonly Answer[]): Trial => ({
    ...trial(...answers),
    proven,
  })

  test('fails, whatever side was right', () => {
    const crash = broken('crashes', lost('reset'), lost('closed'))
    expect(told(judge(claim('reject'), crash, bench()))).toBe('fail, crashes must')
    expect(told(judge(claim('accept'), crash, bench()))).toBe('fail, crashes must')
    expect(told(judge(claim('reject', { level: 'should' }), crash, bench()))).toBe('warn, crashes should')
    const hang = broken('hangs', lost('timeout'))
    expect(told(judge(claim('reject'), hang, bench()))).toBe('fail, hangs must')
  })

  test('fails even a case that is only observed', () => {
    expect(told(judge(claim('observe', { level: 'may' }), broken('crashes', lost('reset')), bench()))).toBe(
      'fail, crashes must',
    )
  })

  test('fails though some of its attempts were answered', () => {
    expect(told(judge(claim('reject'), broken('crashes', lost('reset'), invalid), bench()))).toBe(
      'fail, crashes must',
    )
    expect(told(judge(claim('reject'), broken('hangs', lost('timeout'), good), bench()))).toBe(
      'fail, hangs must, let-in must',
    )
  })

  test('may close the connection on bytes that are no request, and may not hang on them', () => {
    const malformed = claim('refuse', { close: true })
    expect(told(judge(malformed, trial(lost('reset'), lost('closed')), bench()))).toBe('pass')
    expect(told(judge(malformed, broken('crashes', lost('reset'), lost('reset')), bench()))).toBe('pass')
    expect(told(judge(malformed, broken('hangs', lost('timeout')), bench()))).toBe('fail, hangs must')
    expect(told(judge(malformed, trial(lost('timeout')), bench()))).toBe('inconclusive, no-answer')
  })

  test('has refused a good request where it closed the connection on one', () => {
    expect(told(judge(claim('accept', { close: true }), trial(lost('closed')), bench()))).toBe(
      'fail, refused-good must',
    )
  })
})

describe('a genuine credential in another spelling', () => {
  test('that gets in is lenient, not a bypass', () => {
    expect(verdict('reject', good, { claim: { form: true } })).toBe('warn, lenient should')
    expect(verdict('reject', invalid, { claim: { form: true } })).toBe('pass')
  })
})

describe('where let in and refused look the same', () => {
  const same = answered(404, [], 'the same')
  const alike = { lesson: lessonFrom({ good: same, none: same }) }

  test('a case that asks for one side tells nothing', () => {
    expect(verdict('reject', same, { bench: alike })).toBe('inconclusive, indistinguishable')
    expect(verdict('accept', same, { bench: alike })).toBe('inconclusive, indistinguishable')
  })

  test('a case that takes both sides is not in doubt', () => {
    expect(verdict('observe', same, { bench: alike })).toBe('observed, (indistinguishable)')
    expect(verdict(['accept', 'reject'], same, { bench: alike })).toBe('pass, (indistinguishable)')
  })
})

describe('the style of a gateway', () => {
  const silent = {
    style: {
      challenge: { status: 403, scheme: undefined, error: undefined },
      reject: { status: 403, scheme: undefined, error: undefined },
    },
  }

  test('is a note wherever a refusal only repeats it', () => {
    for (const word of ['challenge', 'reject', 'forbid', 'bad-request'] as const)
      expect(verdict(word, refusal(403), { bench: silent })).toBe('pass, (style)')
  })

  test('is judged in the topic responses', () => {
    expect(verdict('reject', refusal(403), { bench: silent, claim: { topic: 'responses' } })).toBe(
      'warn, wrong-status should',
    )
  })

  test('excuses no other answer, and nobody who was let in', () => {
    expect(verdict('reject', refusal(401), { bench: silent })).toBe('fail, no-challenge must')
    expect(verdict('reject', answered(500), { bench: silent })).toBe('fail, server-error must')
    expect(verdict('reject', good, { bench: silent })).toBe('fail, let-in must')
  })

  test('may be a server error, which is then judged once as well', () => {
    const failing = { style: { reject: { status: 500, scheme: undefined, error: undefined } } }
    expect(verdict('reject', answered(500), { bench: failing })).toBe('pass, (style)')
    expect(verdict('reject', answered(500), { bench: failing, claim: { topic: 'responses' } })).toBe(
      'fail, server-error must',
    )
  })

  test('is a note in what it repeats, and no more than that', () => {
    const login = { style: { reject: { status: 302, scheme: 'bearer', error: 'invalid_token' } } }
    const turned = (challenge: string) => refusal(302, challenge)
    expect(verdict('reject', turned('Bearer error="invalid_request"'), { bench: login })).toBe(
      'pass, (refused-otherwise), (style)',
    )
    expect(verdict('challenge', turned('Bearer error="invalid_request"'), { bench: login })).toBe(
      'warn, error-without-credentials should, (refused-otherwise), (style)',
    )
  })

  test('of one sort of refusal is not that of another', () => {
    const usual = {
      style: {
        challenge: { status: 401, scheme: 'bearer', error: undefined },
        reject: { status: 401, scheme: 'bearer', error: 'invalid_token' },
      },
    }
    expect(verdict('reject', bare, { bench: usual })).toBe('warn, wrong-error should')
    expect(verdict('challenge', invalid, { bench: usual })).toBe('warn, error-without-credentials should')
  })
})

test('notes of the exchange stay with every verdict', () => {
  const notes = ['lost-once']
  expect(verdict('reject', invalid, { trial: { notes } })).toBe('pass, (lost-once)')
  expect(verdict('reject', good, { trial: { notes } })).toBe('fail, let-in must, (lost-once)')
})
