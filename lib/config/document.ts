import type { SchemaValidateFunction } from 'ajv/dist/types/index.js'
import {
  Ajv2020,
  type ErrorObject,
  type FuncKeywordDefinition,
  type ValidateFunction,
} from 'ajv/dist/2020.js'
import type Type from 'typebox'
import { dotted } from './pointer.ts'

/** One thing wrong in a document: where, and what would be right. */
export type Fault = { readonly path: string; readonly rule: string }

/** All that is wrong in a JSON document that a user wrote; the message tells every fault, one a line. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError'
  readonly faults: readonly Fault[]

  constructor(document: string, faults: readonly Fault[]) {
    super([`${document} is not valid:`, ...faults.map(({ path, rule }) => `  ${path}: ${rule}`)].join('\n'))
    this.faults = faults
  }
}

/** A rule that JSON Schema has no word for: a keyword of our own, which a schema sets to `true` or to a limit. */
export type Rule = {
  readonly keyword: string
  readonly on: 'string' | 'array' | 'object'
  /** What is wrong with the value; each path is a JSON pointer from there (RFC 6901). */
  readonly faults: (value: unknown, limit: unknown) => readonly Fault[]
}

/** The document, if it fits the schema. Throws a {@link DocumentError} with every fault, which calls it by `name`. */
export function checkDocument<Schema extends Type.TSchema>(
  name: string,
  schema: Schema,
  document: unknown,
): Type.Static<Schema> {
  return documentCheck(name, schema, [])(document)
}

/** {@link checkDocument} for a schema with rules, which is compiled once, at the first document. */
export function documentCheck<Schema extends Type.TSchema>(
  name: string,
  schema: Schema,
  rules: readonly Rule[],
): (document: unknown) => Type.Static<Schema> {
  let fits: ValidateFunction<Type.Static<Schema>> | undefined
  return (document) => {
    fits ??= compile(schema, rules)
    if (fits(document)) return document
    throw new DocumentError(name, (fits.errors ?? []).map(faultOf))
  }
}

function compile<Schema extends Type.TSchema>(
  schema: Schema,
  rules: readonly Rule[],
): ValidateFunction<Type.Static<Schema>> {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, discriminator: true })
  for (const rule of rules) ajv.addKeyword(keywordOf(rule))
  return ajv.compile<Type.Static<Schema>>(schema)
}

function keywordOf({ keyword, on, faults }: Rule): FuncKeywordDefinition {
  const validate: SchemaValidateFunction = (limit: unknown, value: unknown, _schema, at) => {
    validate.errors = faults(value, limit).map(({ path, rule }) => ({
      keyword,
      params: {},
      instancePath: (at?.instancePath ?? '') + path,
      message: rule,
    }))
    return validate.errors.length === 0
  }
  return { keyword, type: on, errors: true, validate }
}

function faultOf(error: ErrorObject<string, Record<string, unknown>>): Fault {
  const path = error.instancePath === '' ? 'the document' : dotted(error.instancePath)
  const { additionalProperty, missingProperty, allowedValues, allowedValue, tag, tagValue } = error.params
  switch (error.keyword) {
    case 'additionalProperties':
      return { path, rule: `has an unknown key ${JSON.stringify(additionalProperty)}` }
    case 'required':
      return { path, rule: `needs the key ${JSON.stringify(missingProperty)}` }
    case 'enum':
      return { path, rule: `must be one of ${JSON.stringify(allowedValues)}` }
    case 'const':
      return { path, rule: `must be ${JSON.stringify(allowedValue)}` }
    case 'discriminator':
      return {
        path,
        rule: `has the unknown ${String(tag)} ${JSON.stringify(tagValue)}; known: ${tagsOf(error)}`,
      }
    case 'pattern':
      return { path, rule: `must be ${descriptionOf(error) ?? `text like ${String(error.schema)}`}` }
    default:
      return { path, rule: error.message ?? error.keyword }
  }
}

/** The tags of a tagged union, whose members each have their own as a constant. */
function tagsOf({ parentSchema, params }: ErrorObject<string, Record<string, unknown>>): string {
  const members: unknown = parentSchema?.oneOf
  return (Array.isArray(members) ? members : [])
    .map((member: { properties?: Record<string, { const?: unknown }> }) =>
      String(member.properties?.[String(params.tag)]?.const),
    )
    .join(', ')
}

function descriptionOf({ parentSchema }: ErrorObject): string | undefined {
  const description: unknown = parentSchema?.description
  return typeof description === 'string' ? description : undefined
}
