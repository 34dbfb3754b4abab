import type { Report } from './report.ts'
import { escapeJson } from './escape.ts'
import { byTopic } from './findings.ts'
import { definitions, ReportSchema } from './schema.ts'

/**
 * Renders report.json: members in the order of the schema, results by topic and id, so that equal runs give equal
 * texts. What a token's header and claims hold stays in the order in which it was forged.
 */
export const renderJson = (report: Report): string =>
  `${escapeJson(JSON.stringify(ordered(sorted(report), [{ ...ReportSchema }]), null, 2))}\n`

const sorted = (report: Report): Report => ({
  ...report,
  ...(report.conformance === undefined
    ? {}
    : { conformance: { ...report.conformance, results: report.conformance.results.toSorted(byTopic) } }),
  ...(report.load === undefined
    ? {}
    : { load: { ...report.load, results: report.load.results.toSorted(byTopic) } }),
})

type Schema = Readonly<Record<string, unknown>>

/** Walks a value along its schema. What the schema leaves open stays as it is, a map is put in alphabetical order. */
const ordered = (value: unknown, schemas: readonly Schema[]): unknown => {
  if (Array.isArray(value)) {
    const items = resolved(schemas.map((schema) => schema.items))
    return value.map((each) => ordered(each, items))
  }
  const shapes = schemas.filter((schema) => 'properties' in schema || 'patternProperties' in schema)
  if (!isObject(value) || shapes.length === 0) return value
  const named = shapes.map((schema) => (isObject(schema.properties) ? schema.properties : {}))
  const names = [...new Set([...named.flatMap(Object.keys), ...Object.keys(value).toSorted()])]
  return Object.fromEntries(
    names
      .filter((name) => Object.hasOwn(value, name))
      .map((name) => [name, ordered(value[name], resolved(named.map((properties) => properties[name])))]),
  )
}

/** The schemas that a value may have to fit, without the unions and references on the way to them. */
const resolved = (schemas: readonly unknown[]): readonly Schema[] =>
  schemas.filter(isObject).flatMap((schema) => {
    if (Array.isArray(schema.anyOf)) return resolved(schema.anyOf)
    return typeof schema.$ref === 'string' ? resolved([references[schema.$ref]]) : [schema]
  })

const references: Schema = Object.fromEntries(
  Object.entries(definitions).map(([name, schema]) => [`#/$defs/${name}`, schema]),
)

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
