import type { Word } from '../config/suite.ts'
import type { Safety, Status } from '../judge/verdict.ts'
import type { Observed, Result } from './report.ts'

const expectations: Readonly<Record<Word, string>> = {
  accept: 'let in',
  challenge: '401 with a bare Bearer challenge',
  reject: '401 with a challenge, error="invalid_token"',
  forbid: '403 with error="insufficient_scope"',
  'bad-request': '400 with error="invalid_request"',
  refuse: 'refused with a 4xx',
  'keep-out': 'refused, and nothing at the upstream',
  observe: 'either; recorded, not judged',
}

/** What the gateway had to do, in words. Unescaped. */
export const describeExpected = (expected: Result['expected']): string => {
  if (expected === undefined) return 'not said'
  if (typeof expected === 'string') return expectations[expected]
  if (isList(expected)) return expected.map((word) => expectations[word]).join(', or ')
  return Object.entries(expected)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? phrase(value) : JSON.stringify(value)}`)
    .join('; ')
}

const isList = (expected: unknown): expected is readonly Word[] => Array.isArray(expected)
const isWord = (text: string): text is Word => Object.hasOwn(expectations, text)
const phrase = (text: string): string => (isWord(text) ? expectations[text] : text)

/** What came back, in a few words. Unescaped: it quotes the gateway's challenge. */
export const describeObserved = (observed: Observed | undefined): string => {
  if (observed === undefined) return 'nothing was sent'
  const measured = Object.entries(observed.measured ?? {}).map(([key, value]) => `${key} ${String(value)}`)
  const parts = [
    observed.status === null ? 'no answer' : String(observed.status),
    ...(observed.reachedUpstream === true ? ['reached the upstream'] : []),
    ...(observed.challenge === null ? [] : [`challenge ${observed.challenge}`]),
    ...measured,
  ]
  return parts.join(' · ')
}

/** How a status is written and drawn: never by colour alone. */
export const statusMarks = {
  fail: { word: 'fail', glyph: '✕' },
  warn: { word: 'warn', glyph: '!' },
  pass: { word: 'pass', glyph: '✓' },
  observed: { word: 'observed', glyph: '○' },
  inconclusive: { word: 'inconclusive', glyph: '?' },
  'not-applicable': { word: 'not applicable', glyph: '–' },
} as const satisfies Record<Status, { word: string; glyph: string }>

/** The statuses in the order in which they are told. */
export const statusOrder = [
  'fail',
  'warn',
  'inconclusive',
  'observed',
  'pass',
  'not-applicable',
] as const satisfies readonly Status[]

export const safetyTitles: Readonly<Record<Safety, string>> = {
  'fails-open': 'Fails open',
  'fails-closed': 'Fails closed',
  protocol: 'Protocol',
}
