import type { ErrorObject } from 'ajv'
import {
  explain,
  explainMissingKey,
  explainUnknownKey,
  keysOf,
  propertyOf,
  type Explanation,
} from './explain.ts'
import { supply, type Repair } from './mend.ts'
import { nearest } from './nearest.ts'
import { child } from './pointer.ts'
import { settleUnions } from './union.ts'

/** One mistake that a schema found in a value, with what to do about it so that the rest can be checked. */
export type Finding = {
  /** JSON Pointer. */
  readonly at: string
  readonly onKey: boolean
  readonly explanation: Explanation
  readonly repair: Repair
}

/** The mistakes behind ajv's errors (made with `allErrors` and `verbose`), each once. */
export const findingsIn = (all: readonly ErrorObject[]): readonly Finding[] => {
  const errors = settleUnions(all)
  const unknown = errors.filter(({ keyword }) => keyword === 'additionalProperties').map(unknownKey)
  const missing = errors
    .filter(({ keyword }) => keyword === 'required')
    .map(missingKey)
    .filter(({ at }) => !unknown.some(({ repair }) => meantKey(repair) === at))
  const hasUnknownKey = new Set(unknown.map(({ repair }) => repair.kind === 'rename' && repair.at))
  const wrong = errors
    .filter(({ keyword }) => keyword !== 'additionalProperties' && keyword !== 'required')
    .filter(
      ({ instancePath }, index, list) =>
        index === list.findIndex((error) => error.instancePath === instancePath),
    )
    .filter(
      ({ instancePath, keyword }) => !keyword.endsWith('Properties') || !hasUnknownKey.has(instancePath),
    )
    .map(wrongValue)
  return [...unknown, ...missing, ...wrong]
}

const unknownKey = (error: ErrorObject): Finding => {
  const { instancePath: at, data, parentSchema } = error
  const from = textParam(error, 'additionalProperty')
  const absent = keysOf(parentSchema).filter(
    (key) => typeof data === 'object' && data !== null && !Object.hasOwn(data, key),
  )
  const to = nearest(from, absent)
  return {
    at: child(at, from),
    onKey: true,
    explanation: explainUnknownKey(error, from, to),
    repair: to === undefined ? { kind: 'remove', at: child(at, from) } : { kind: 'rename', at, from, to },
  }
}

/** What was misspelt is not missing as well. */
const meantKey = (repair: Repair): string | undefined =>
  repair.kind === 'rename' ? child(repair.at, repair.to) : undefined

const missingKey = (error: ErrorObject): Finding => {
  const { instancePath, parentSchema } = error
  const key = textParam(error, 'missingProperty')
  const examples = propertyOf(parentSchema, key).examples
  const example: unknown = Array.isArray(examples) ? examples[0] : undefined
  return {
    at: child(instancePath, key),
    onKey: false,
    explanation: explainMissingKey(error, key),
    repair: supply(instancePath, key, example),
  }
}

const wrongValue = (error: ErrorObject): Finding => ({
  at: error.instancePath,
  onKey: false,
  explanation: explain(error),
  repair: { kind: 'remove', at: error.instancePath },
})

const textParam = ({ params }: { readonly params: Record<string, unknown> }, name: string): string => {
  const value = params[name]
  return typeof value === 'string' ? value : ''
}
