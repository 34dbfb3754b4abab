import type { ExpectedHeader } from '../config/expect.ts'
import type { Level } from '../config/suite.ts'
import { headersOf, type Answered } from '../exchange/answer.ts'
import { mismatch } from './protocol.ts'
import { quote } from './quote.ts'
import type { Mismatch } from './verdict.ts'

/** The headers that are otherwise than a case asks for; fields of one name count as one list (RFC 9110 section 5.3). */
export const headerMismatches = (
  wanted: Readonly<Record<string, ExpectedHeader>>,
  answer: Answered,
  level: Level,
): readonly Mismatch[] =>
  Object.entries(wanted).flatMap(([name, value]) => {
    const said = difference(name, value, headersOf(answer, name))
    return said === undefined ? [] : [{ ...mismatch('malformed-answer', said), level }]
  })

const difference = (name: string, wanted: ExpectedHeader, values: readonly string[]): string | undefined => {
  if (values.length === 0) return wanted === null ? undefined : `no header ${name}`
  const value = values.join(', ')
  if (wanted === null) return `the header ${name}, which should not be there, is ${quote(value)}`
  if (typeof wanted === 'string')
    return value === wanted ? undefined : `the header ${name} is ${quote(value)} instead of ${quote(wanted)}`
  return new RegExp(wanted.pattern).test(value)
    ? undefined
    : `the header ${name} is ${quote(value)}, which does not match ${quote(wanted.pattern)}`
}
