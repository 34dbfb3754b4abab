import { countsFetches, type Expect, type ExpectedHeader } from './expect.ts'
import type { Tell } from './fault-list.ts'
import { isPattern } from './pattern.ts'
import { child } from './pointer.ts'
import { changesTarget, sendsOf, type Step } from './steps.ts'
import type { SuiteCase } from './suite.ts'

/** Tells which names of features are of none. */
type Known = (at: string, names: readonly string[] | undefined, key?: string) => void

/** Tells what is wrong with an expectation beyond its schema. */
export const checkExpect = (at: string, expect: Expect, known: Known, tell: Tell): void => {
  if (typeof expect === 'string' || Array.isArray(expect)) return
  const { is, declared, same, consistent, then, otherwise, header } = expect
  if ([is, declared, same, consistent].every((word) => word === undefined))
    tell(at, 'it must say which side is expected: `is`, `declared`, `same` or `consistent`')
  if (is !== undefined && declared !== undefined)
    tell(child(at, 'declared'), 'either `is` or `declared`, not both')
  if (declared === undefined && (then !== undefined || otherwise !== undefined))
    tell(child(at, then === undefined ? 'otherwise' : 'then'), '`then` and `otherwise` go with `declared`')
  if (declared !== undefined && (then === undefined || otherwise === undefined))
    tell(child(at, then === undefined ? 'then' : 'otherwise'), '`declared` needs both `then` and `otherwise`')
  known(at, declared === undefined ? [] : [declared], 'declared')
  for (const [name, wanted] of Object.entries(header ?? {}))
    checkHeader(child(child(at, 'header'), name), name, wanted, tell)
}

const checkHeader = (at: string, name: string, wanted: ExpectedHeader, tell: Tell): void => {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) tell(at, `\`${name}\` is not the name of a header`)
  if (wanted !== null && typeof wanted === 'object' && !isPattern(wanted.pattern))
    tell(child(at, 'pattern'), `\`${wanted.pattern}\` is not a regular expression`)
}

/** Fetches are those of one case only where no other case runs beside it. */
export const checkFetches = (at: string, one: SuiteCase, tell: Tell): void => {
  const told = (where: string, steps: readonly Step[] | undefined, expect: Expect | undefined): void => {
    const isCounted = countsFetches(expect) || sendsOf(steps ?? []).some((send) => countsFetches(send.expect))
    const isAlone = steps !== undefined && (one.exclusive === true || changesTarget(steps))
    if (isCounted && !isAlone)
      tell(
        where,
        '`fetches` are counted in a case that is alone: one of `steps` that is `exclusive` or changes the key set',
      )
  }
  if (one.variants === undefined) told(at, one.steps, one.expect)
  for (const [name, variant] of Object.entries(one.variants ?? {}))
    told(child(child(at, 'variants'), name), variant.steps, variant.expect ?? one.expect)
}
