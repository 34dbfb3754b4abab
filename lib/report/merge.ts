import { isDeepStrictEqual } from 'node:util'
import type { FailOn } from '../config/config.ts'
import { conclude } from './conclude.ts'
import { mergeLoads } from './merge-load.ts'
import type { Load, Report } from './report.ts'

/** The report of a shard, and the file that it came from. */
export type ShardReport = { readonly file: string; readonly report: Report }

export type Merged =
  | { readonly kind: 'merged'; readonly report: Report }
  /** Why they do not belong together: every reason. */
  | { readonly kind: 'refused'; readonly reasons: readonly string[] }

type Run = NonNullable<Load['run']>
type Part = ShardReport & { readonly load: Load; readonly run: Run; readonly index: number }

/** Joins the reports of all shards of a run into the one that a single process would have written. */
export const mergeReports = (
  shards: readonly ShardReport[],
  { failOn }: { readonly failOn: FailOn },
): Merged => {
  const parts = shards.map(partOf)
  const strangers = parts.filter((part) => typeof part === 'string')
  if (strangers.length > 0) return { kind: 'refused', reasons: strangers }
  const inOrder = parts.filter((part) => typeof part !== 'string').toSorted((a, b) => a.index - b.index)
  const [first] = inOrder
  if (first === undefined) return { kind: 'refused', reasons: ['there is nothing to join'] }
  const reasons = [...differencesTo(first, inOrder), ...versionsOf(inOrder), ...gapsIn(inOrder)]
  if (reasons.length > 0) return { kind: 'refused', reasons }
  const load = mergeLoads(inOrder)
  const reports = inOrder.map(({ report }) => report)
  const complete = reports.every((report) => report.complete)
  const gate = { failOn, maxInconclusive: 0, require: [] }
  return {
    kind: 'merged',
    report: {
      version: 1,
      tool: first.report.tool,
      started: earliest(reports.map(({ started }) => started)),
      finished: latest(reports.map(({ finished }) => finished)),
      complete,
      target: first.report.target,
      exit: conclude({ results: [], load, interrupted: !complete, doubts: [], gate }),
      load,
    },
  }
}

const partOf = ({ file, report }: ShardReport): Part | string => {
  const { load } = report
  const run = load?.run
  if (load === undefined || run === undefined) return `${file} holds no load run`
  if (run.shard === undefined) return `${file} is no shard: it was not made with --shard`
  return { file, report, load, run, index: run.shard.index }
}

/** What has to be the same in all of them, and what a reader calls it. */
const sameInAll: readonly (readonly [what: string, of: (part: Part) => unknown])[] = [
  ['the version of gateproof', ({ report }) => report.tool.version],
  ['their target', ({ report }) => `${report.target.name} ${report.target.url}`],
  ['the suite', ({ run }) => run.suite],
  ['the number of shards', ({ run }) => run.shard?.of],
  ['the mix', ({ run }) => run.mix],
  ['the thresholds', ({ run }) => run.thresholds],
  ['the settings of load, policy and thresholds', ({ run }) => run.settings],
]

const differencesTo = (first: Part, parts: readonly Part[]): readonly string[] =>
  parts.flatMap((part) =>
    sameInAll.flatMap(([what, of]) =>
      isDeepStrictEqual(of(part), of(first))
        ? []
        : [`${first.file} and ${part.file} differ in ${what}: ${told(of(first))}, ${told(of(part))}`],
    ),
  )

/** A shard that fired nothing spoke none. */
const versionsOf = (parts: readonly Part[]): readonly string[] => {
  const versions = [...new Set(parts.flatMap(({ run }) => run.http ?? []))]
  return versions.length > 1 ? [`they differ in the version of HTTP: ${versions.join(', ')}`] : []
}

const told = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Every number once, and all of them. */
const gapsIn = (parts: readonly Part[]): readonly string[] => {
  const of = parts[0]?.run.shard?.of ?? 0
  const missing = Array.from({ length: of }, (_, index) => index).filter((index) =>
    parts.every((part) => part.index !== index),
  )
  const twice = parts.flatMap((part, at) => {
    const before = parts.slice(0, at).find(({ index }) => index === part.index)
    return before === undefined ? [] : [`${part.file} is shard ${part.index} of ${of}, as ${before.file} is`]
  })
  return [
    ...twice,
    ...(missing.length === 0 ? [] : [`of ${of} shards these are missing: ${missing.join(', ')}`]),
  ]
}

const earliest = (times: readonly string[]): string => times.toSorted()[0] ?? ''
const latest = (times: readonly string[]): string => times.toSorted().at(-1) ?? ''
