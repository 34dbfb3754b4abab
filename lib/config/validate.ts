import { Ajv } from 'ajv'
import type Type from 'typebox'
import type { FaultList } from './fault-list.ts'
import { findingsIn, type Finding } from './finding.ts'
import { mend, removable, type Repair } from './mend.ts'
import { child, isWithin } from './pointer.ts'

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
  const removed: string[] = []
  let candidate = value
  for (let round = 0; round < mostRounds; round++) {
    if (fits(candidate)) return candidate
    const findings = findingsIn(fits.errors ?? [])
    // All errors of a node show at once, so one that shows after a part of it was removed is of our own making.
    for (const finding of findings)
      if (!removed.some((node) => isWithin(node, finding.at))) tellFinding(finding, list)
    for (const { repair } of findings) announce(repair, candidate, list)
    for (const { repair } of findings) if (repair.kind === 'remove') removed.push(repair.at)
    candidate = mend(
      candidate,
      findings.map(({ repair }) => repair),
    )
  }
  return undefined
}

const tellFinding = ({ at, onKey, explanation: { message, hint } }: Finding, list: FaultList): void =>
  onKey ? list.tellKey(at, message, hint) : list.tell(at, message, hint)

/** A node that is mended has its fault: what follows from that must not be told, or be told where it is written. */
const announce = (repair: Repair, value: unknown, list: FaultList): void => {
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
