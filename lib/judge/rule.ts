import type { Expect, ExpectedHeader, Word } from '../config/expect.ts'

/** An expectation with its one condition decided. */
export type Rule = {
  readonly words: readonly Word[]
  readonly status: readonly number[] | undefined
  /** The error codes that are tolerated; null: there must be none. */
  readonly error: readonly string[] | null | undefined
  readonly checks: readonly string[]
  readonly hits: number | 'any' | undefined
  readonly header: Readonly<Record<string, ExpectedHeader>> | undefined
  /** At most so many of the key set. */
  readonly fetches: number | undefined
}

/** What an expectation comes to under these features. */
export const ruleOf = (expect: Expect, features: ReadonlySet<string>): Rule => {
  const plain = { status: undefined, error: undefined, checks: [], hits: undefined, ...unasked }
  if (typeof expect === 'string') return { ...plain, words: [expect] }
  if (isWords(expect)) return { ...plain, words: expect }
  const { is, same, declared, then, otherwise } = expect
  const chosen = declared === undefined ? is : features.has(declared) ? then : otherwise
  const word = chosen ?? (same === undefined ? 'observe' : 'accept')
  return {
    words: typeof word === 'string' ? [word] : word,
    status: expect.status,
    error: typeof expect.error === 'string' ? [expect.error] : expect.error,
    checks: expect.check ?? [],
    hits: expect.hits,
    header: expect.header,
    fetches: expect.fetches,
  }
}

const unasked = { header: undefined, fetches: undefined }

const isWords = (expect: Exclude<Expect, string>): expect is Word[] => Array.isArray(expect)

/** The words that an expectation comes to under these features. */
export const wordsOf = (expect: Expect, features: ReadonlySet<string>): readonly Word[] =>
  ruleOf(expect, features).words

/** The statuses that an expectation lists. */
export const statusesOf = (expect: Expect, features: ReadonlySet<string>): readonly number[] =>
  ruleOf(expect, features).status ?? []

/** Whether the word asks for a refusal. */
export const isRefusing = (word: Word): boolean => word !== 'accept' && word !== 'observe'
