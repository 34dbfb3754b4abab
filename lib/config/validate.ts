import { Ajv } from 'ajv'
import type Type from 'typebox'
import type { FaultList } from './fault-list.ts'
import { findingsIn, type Finding } from './finding.ts'
import { mend, removable } from './mend.ts'
import { child } from './pointer.ts'

/** A schema is compiled to check a file or a few hundred small ones: compiling fast matters more than fast code. */
const ajv = new Ajv({ allErrors: true, verbose: true, inlineRefs: false, code: { optimize: false } })
ajv.addVocabulary(['patternErrorMessage'])

/** Does the value fit the schema? */
export const conforms = <Schema extends Type.TSchema>(
  schema: Schema,
  value: unknown,
): value is Type.Static<Schema> => ajv.compile<Type.Static<Schema>>(schema)(value)

/** Rounds of mending: each deals with one layer of mistakes, and the next sees what lay beneath. */
const mostRounds = 10

/**
 * The value as the schema has it, each mistake told once. A value with mistakes is mended as far as that goes (a
 * misspelt key takes the name it was meant to have, a wrong value is left out), so that what there is to say about
 * the rest can be said at the same time; undefined where it does not go far enough.
 */
export const validate = <Schema extends Type.TSchema>(
  schema: Schema,
  value: unknown,
  list: FaultList,
): Type.Static<Schema> | undefined => {
  const fits = ajv.compile<Type.Static<Schema>>(schema)
  let candidate = value
  for (let round = 0; round < mostRounds; round++) {
    if (fits(candidate)) return candidate
    const findings = findingsIn(fits.errors ?? [])
    for (const finding of findings) tellFinding(finding, list)
    for (const finding of findings) settleAccounts(finding, candidate, list)
    candidate = mend(
      candidate,
      findings.map(({ repair }) => repair),
    )
  }
  return undefined
}

const tellFinding = ({ at, onKey, explanation: { message, hint } }: Finding, list: FaultList): void =>
  onKey ? list.tellKey(at, message, hint) : list.tell(at, message, hint)

/** What stood in the place of a repair has had its say. */
const settleAccounts = ({ repair }: Finding, value: unknown, list: FaultList): void => {
  switch (repair.kind) {
    case 'rename':
      list.rename(child(repair.at, repair.from), child(repair.at, repair.to))
      break
    case 'add':
      list.mute(child(repair.at, repair.key))
      break
    case 'remove':
      list.mute(removable(value, repair.at))
  }
}
