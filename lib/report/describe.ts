import type { Word } from '../config/expect.ts'
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
    .flatMap(([key, value]) => clauseOf(key, value, new Map(Object.entries(expected))))
    .join('; ')
}

/** A key of an expectation in words; what has none stands as it is. */
const clauseOf = (key: string, value: unknown, all: ReadonlyMap<string, unknown>): readonly string[] => {
  switch (key) {
    case 'is':
      return [outcome(value)]
    case 'declared':
      return [
        `${outcome(all.get('then'))} where ${text(value)} is declared, else ${outcome(all.get('otherwise'))}`,
      ]
    case 'then':
    case 'otherwise':
      return all.has('declared') ? [] : [`${key}: ${text(value)}`]
    case 'same':
      return [`the same side as ${value === 'baseline' ? 'the good token' : text(value)}`]
    case 'consistent':
      return [value === 'repeat' ? 'the same side each time' : 'the same side for all variants']
    case 'status':
      return [`status ${list(value)}`]
    case 'error':
      return [value === null ? 'no error code' : `error code ${list(value)}`]
    case 'header':
      return headerClauses(value)
    case 'fetches':
      return [value === 0 ? 'the key set not fetched' : `the key set fetched ${text(value)} times at most`]
    case 'hits':
      return [value === 0 ? 'nothing at the upstream' : `${text(value)} at the upstream`]
    case 'check':
      return [`checked for ${list(value, ' and ')}`]
    default:
      return [`${key}: ${text(value)}`]
  }
}

const headerClauses = (value: unknown): readonly string[] => {
  const all: readonly (readonly [string, unknown])[] =
    typeof value === 'object' && value !== null ? Object.entries(value) : []
  return all.map(([name, wanted]) => {
    if (wanted === null) return `no header ${name}`
    return typeof wanted === 'object' && 'pattern' in wanted
      ? `the header ${name} matching ${text(wanted.pattern)}`
      : `the header ${name}: ${text(wanted)}`
  })
}

const outcome = (value: unknown): string =>
  (Array.isArray(value) ? value : [value]).map((word) => phrase(text(word))).join(', or ')
const list = (value: unknown, join = ' or '): string =>
  (Array.isArray(value) ? value : [value]).map(text).join(join)
const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const isList = (expected: unknown): expected is readonly Word[] => Array.isArray(expected)
const isWord = (name: string): name is Word => Object.hasOwn(expectations, name)
const phrase = (name: string): string => (isWord(name) ? expectations[name] : name)

/** What came back, in a few words. Unescaped: it quotes the gateway's challenge. */
export const describeObserved = (observed: Observed | undefined): string => {
  if (observed === undefined) return 'nothing was sent'
  const measured = Object.entries(observed.measured ?? {}).map(([key, value]) => `${key} ${String(value)}`)
  const parts = [
    ...(observed.status !== null ? [String(observed.status)] : measured.length > 0 ? [] : ['no answer']),
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
