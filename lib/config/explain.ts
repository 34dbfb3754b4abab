import type { ErrorObject } from 'ajv'
import { nearest } from './nearest.ts'
import { dotted } from './pointer.ts'

/** What is wrong, and what would be right. */
export type Explanation = { readonly message: string; readonly hint?: string }

/** An error of ajv's (made with `verbose`) in the words of the person who wrote the file. */
export const explain = (error: ErrorObject): Explanation => {
  const name = error.instancePath === '' ? 'the file' : `\`${dotted(error.instancePath)}\``
  const expected: unknown = error.parentSchema?.patternErrorMessage
  if (typeof expected === 'string') return { message: `${name}: ${expected}` }
  switch (error.keyword) {
    case 'enum':
      return { message: `${name} must be one of ${listed(error.schema)}${meant(error)}` }
    case 'type':
      return explainType(name, error)
    case 'minLength':
    case 'minItems':
      return { message: `${name} must not be empty` }
    case 'minProperties':
    case 'maxProperties':
      return { message: `${name} must have ${howManyKeys(error)}` }
    case 'minimum':
      return { message: `${name} must be at least ${String(error.schema)}` }
    case 'exclusiveMinimum':
      return { message: `${name} must be more than ${String(error.schema)}` }
    case 'maximum':
      return { message: `${name} must be at most ${String(error.schema)}` }
    default:
      return { message: `${name} ${error.message ?? error.keyword}` }
  }
}

/** For a key that the object does not have; `meant` is the key that it was meant to be. */
export const explainUnknownKey = (
  error: ErrorObject,
  key: string,
  meant: string | undefined,
): Explanation => {
  const message = `unknown key \`${key}\`${inside(error.instancePath)}`
  if (meant !== undefined) return { message: `${message}; did you mean \`${meant}\`?` }
  return { message, hint: `known keys: ${keysOf(error.parentSchema).join(', ')}` }
}

/** For a key that the object lacks. */
export const explainMissingKey = (error: ErrorObject, key: string): Explanation => {
  const { description } = propertyOf(error.parentSchema, key)
  return {
    message: `missing key \`${key}\`${inside(error.instancePath)}`,
    ...(typeof description === 'string' && { hint: `${key}: ${description}` }),
  }
}

/** The names of the properties that a schema of an object knows. */
export const keysOf = (schema: unknown): string[] => Object.keys(membersOf(membersOf(schema).properties))

/** The schema of one property. */
export const propertyOf = (schema: unknown, key: string): Readonly<Record<string, unknown>> =>
  membersOf(membersOf(membersOf(schema).properties)[key])

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}

const inside = (pointer: string): string => (pointer === '' ? '' : ` in \`${dotted(pointer)}\``)

const meant = ({ data, schema }: ErrorObject): string => {
  const choices = Array.isArray(schema) ? schema.filter((choice) => typeof choice === 'string') : []
  const near = typeof data === 'string' ? nearest(data, choices) : undefined
  return near === undefined ? '' : `; did you mean \`${near}\`?`
}

const howManyKeys = ({ parentSchema }: ErrorObject): string => {
  const only = parentSchema?.maxProperties === 1
  const howMany = only ? (parentSchema.minProperties === 1 ? 'exactly one' : 'at most one') : 'at least one'
  const known = keysOf(parentSchema)
  return known.length === 0 ? `${howMany} key` : `${howMany} of the keys ${known.join(', ')}`
}

const explainType = (name: string, error: ErrorObject): Explanation => {
  const wanted = wordsFor(error.parentSchema)
  const data: unknown = error.data
  if (data === null) return { message: `${name} is empty: it must be ${either(wanted)}` }
  const quotable = wanted.includes('text') && (typeof data === 'number' || typeof data === 'boolean')
  return {
    message: `${name} must be ${either(wanted)}, not ${wordFor(data)}`,
    ...(quotable && { hint: 'put it in quotes' }),
  }
}

const typeWords = new Map<unknown, string>([
  ['object', 'a map'],
  ['array', 'a list'],
  ['string', 'text'],
  ['number', 'a number'],
  ['integer', 'a whole number'],
  ['boolean', 'true or false'],
  ['null', 'null'],
])

/** What a schema takes, in words; a union's branches one by one. */
const wordsFor = (schema: unknown): string[] => {
  const { anyOf, enum: choices, type } = membersOf(schema)
  if (Array.isArray(anyOf)) return [...new Set(anyOf.flatMap(wordsFor))]
  if (choices !== undefined) return [`one of ${listed(choices)}`]
  return [typeWords.get(type) ?? 'another value']
}

const wordFor = (value: unknown): string => {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : (typeWords.get(typeof value) ?? typeof value)
}

const either = (words: readonly string[]): string =>
  new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(words)

/** A number and its text look alike, and are said once. */
const listed = (choices: unknown): string =>
  (Array.isArray(choices) ? [...new Set(choices.map(String))] : [String(choices)]).join(', ')
