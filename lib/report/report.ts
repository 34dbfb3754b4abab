import type Type from 'typebox'
import { visible } from './escape.ts'
import { checkReport, type ReportSchema } from './schema.ts'

type Frozen<T> = T extends readonly (infer Item)[]
  ? number extends T['length']
    ? readonly Frozen<Item>[]
    : { readonly [Key in keyof T]: Frozen<T[Key]> }
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T

/** What report.json holds, and all that a renderer gets to see. */
export type Report = Frozen<Type.Static<typeof ReportSchema>>
export type Conformance = NonNullable<Report['conformance']>
export type Result = Conformance['results'][number]
export type Evidence = NonNullable<Result['evidence']>[number]
export type Observed = NonNullable<Result['observed']>
export type Load = NonNullable<Report['load']>
export type Phase = Load['phases'][number]
export type Validation = NonNullable<Load['validation']>

export type Parsed =
  | { readonly kind: 'report'; readonly report: Report }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] }

/** Reads the text of a report.json. What is wrong with it comes back as sentences, one a place. */
export const parseReport = (text: string): Parsed => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { kind: 'faulty', faults: [`is not JSON: ${visible(error.message)}`] }
  }
  const checked = checkReport(value)
  return checked.ok ? { kind: 'report', report: checked.report } : { kind: 'faulty', faults: checked.faults }
}
