import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import Type from 'typebox'
import { Load, loadDefinitions } from './schema-load.ts'
import { closed, Count, Digest, ResultRef, resultDefinitions, Scalar } from './schema-result.ts'

const Time = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' })

const Conformance = Type.Object(
  {
    suite: Type.Object({ version: Type.String(), digest: Digest }, closed),
    features: Type.Array(Type.Union([Type.String(), Type.Record(Type.String(), Scalar)])),
    style: Type.Record(Type.String(), Type.Union([Scalar, Type.Array(Scalar)]), {
      description: 'How this gateway refuses: judged once, in topic `responses`',
    }),
    summary: Type.Object(
      {
        pass: Count,
        fail: Count,
        warn: Count,
        observed: Count,
        inconclusive: Count,
        notApplicable: Count,
        waived: Count,
      },
      closed,
    ),
    results: Type.Array(ResultRef, { minItems: 1 }),
  },
  closed,
)

/** What is referred to, by its name. */
export const definitions = { ...resultDefinitions, ...loadDefinitions }

/** The schema of report.json, version 1 (JSON Schema 2020-12). */
export const ReportSchema = Type.Object(
  {
    version: Type.Literal(1),
    tool: Type.Object(
      { name: Type.Literal('gateproof'), version: Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+' }) },
      closed,
    ),
    started: Time,
    finished: Time,
    complete: Type.Boolean({
      description: 'false: the run was interrupted, and what did not run is inconclusive',
    }),
    target: Type.Object({ name: Type.String(), url: Type.String() }, closed),
    exit: Type.Optional(
      Type.Object(
        { code: Type.Integer({ minimum: 0, maximum: 255 }), reasons: Type.Array(Type.String()) },
        { ...closed, description: 'How the command ended, and why' },
      ),
    ),
    conformance: Type.Optional(Conformance),
    load: Type.Optional(Load),
  },
  {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A report of gateproof',
    ...closed,
    $defs: definitions,
    anyOf: [{ required: ['conformance'] }, { required: ['load'] }],
  },
)
export type ReportData = Type.Static<typeof ReportSchema>

const wordsOf = (error: ErrorObject): string => {
  const { params } = error
  if (error.keyword === 'enum') return `must be one of ${JSON.stringify(params.allowedValues)}`
  if (error.keyword === 'const') return `must be ${JSON.stringify(params.allowedValue)}`
  if (error.keyword === 'additionalProperties')
    return `has an unknown member ${JSON.stringify(params.additionalProperty)}`
  return error.message ?? error.keyword
}

const depthOf = (error: ErrorObject): number => error.instancePath.split('/').length

/** Made at its first use, because making it costs what few commands need to pay. */
let compiled: ValidateFunction<ReportData> | undefined

/**
 * Holds a value to the schema. A fault names its place as a JSON pointer (RFC 6901); of a union's many complaints
 * only the deepest are told, one a place.
 */
export const checkReport = (
  value: unknown,
):
  | { readonly ok: true; readonly report: ReportData }
  | { readonly ok: false; readonly faults: readonly string[] } => {
  compiled ??= new Ajv2020({ allErrors: true }).compile<ReportData>(ReportSchema)
  const holds = compiled
  if (holds(value)) return { ok: true, report: value }
  const errors = (holds.errors ?? []).filter((error) => error.keyword !== 'anyOf')
  const deepest = errors.toSorted((a, b) => depthOf(b) - depthOf(a))
  const faults = new Map(deepest.toReversed().map((error) => [error.instancePath, wordsOf(error)]))
  return { ok: false, faults: [...faults].map(([path, words]) => `${path === '' ? '/' : path} ${words}`) }
}
