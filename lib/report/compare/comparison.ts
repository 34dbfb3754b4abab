import { byTopic, resultsOf } from '../findings.ts'
import type { Report, Result } from '../report.ts'

/** A report as it was named on the command line. */
export type NamedReport = { readonly file: string; readonly report: Report }

/** A report among others, under a name that no other of them has. */
export type Contestant = NamedReport & { readonly name: string }

/** One case, with its result in each report; undefined where a report does not hold it. */
export type Row = { readonly model: Result; readonly cells: readonly (Result | undefined)[] }

/** A case that stands beside none that sends and expects the same. */
export type Lonely = {
  readonly result: Result
  /** The name of the report that holds it. */
  readonly name: string
  /** Another report has a case of this id that sends or expects something else. */
  readonly changed: boolean
}

/** A case that an earlier report judged and a later one did not. */
export type Gap = {
  readonly result: Result
  readonly before: string
  readonly now: string
  /** Undefined where the later report does not hold the case at all. */
  readonly verdict: Result['verdict'] | undefined
}

export type Comparison = {
  readonly contestants: readonly Contestant[]
  readonly rows: readonly Row[]
  readonly lonely: readonly Lonely[]
  readonly gaps: readonly Gap[]
}

export type Compared =
  | { readonly kind: 'compared'; readonly comparison: Comparison }
  | { readonly kind: 'refused'; readonly reason: string }

/** Joins reports case by case, by what is sent and expected. Refuses what has nothing in common. */
export const compareReports = (named: readonly NamedReport[]): Compared => {
  const contestants = withNames(named)
  const groups = grouped(contestants)
  const rows = groups.filter(({ cells }) => held(cells).length > 1)
  const loads = contestants.filter(({ report }) => report.load !== undefined)
  if (rows.length === 0 && loads.length < 2) return { kind: 'refused', reason: strangers(contestants) }
  const lonely = groups
    .filter(({ cells }) => held(cells).length === 1)
    .flatMap((row) => alone(row, contestants))
  return { kind: 'compared', comparison: { contestants, rows, lonely, gaps: gapsOf(groups, contestants) } }
}

const held = (cells: Row['cells']): readonly Result[] => cells.flatMap((cell) => cell ?? [])

/** Two runs of one target are told apart by their files, which stand first, where no column cuts them off. */
const withNames = (named: readonly NamedReport[]): readonly Contestant[] =>
  named.map((one) => {
    const { name } = one.report.target
    const isShared = named.some((other) => other !== one && other.report.target.name === name)
    return { ...one, name: isShared ? `${one.file} (${name})` : name }
  })

/** All cases of all reports by digest; where one report has two of the same digest, by their ids as well. */
const grouped = (contestants: readonly Contestant[]): readonly Row[] => {
  const columns = contestants.map(({ report }) => resultsOf(report))
  const ambiguous = new Set(columns.flatMap((results) => repeated(results.map(({ digest }) => digest))))
  const rows = new Map<string, (Result | undefined)[]>()
  for (const [column, results] of columns.entries())
    for (const result of results) {
      const { digest, case: id } = result
      const key = [languageOf(contestants[column]), digest, ...(ambiguous.has(digest) ? [id] : [])].join(' ')
      const cells = rows.get(key) ?? contestants.map(() => undefined)
      cells[column] = result
      rows.set(key, cells)
    }
  return [...rows.values()]
    .flatMap((cells) => {
      const [model] = held(cells)
      return model === undefined ? [] : [{ model, cells }]
    })
    .toSorted((one, other) => byTopic(one.model, other.model))
}

const repeated = (texts: readonly string[]): readonly string[] =>
  texts.filter((text, index) => texts.indexOf(text) !== index)

/** Under another major version of the case language the same words may ask for something else. */
const languageOf = (contestant: Contestant | undefined): string =>
  contestant?.report.conformance?.suite.version.split('.')[0] ?? ''

const alone = ({ cells }: Row, contestants: readonly Contestant[]): readonly Lonely[] =>
  cells.flatMap((result, column) => {
    const holder = contestants[column]
    if (result === undefined || holder === undefined) return []
    const changed = contestants.some(
      ({ report }) => report !== holder.report && resultsOf(report).some((one) => one.case === result.case),
    )
    return [{ result, name: holder.name, changed }]
  })

const gapsOf = (groups: readonly Row[], contestants: readonly Contestant[]): readonly Gap[] =>
  groups.flatMap(({ cells }) =>
    cells.flatMap((cell, column) => {
      const now = contestants[column]
      const before = cells.findIndex((earlier, at) => at < column && isJudged(earlier))
      const [result, judge] = [cells[before], contestants[before]]
      if (isJudged(cell) || now === undefined || result === undefined || judge === undefined) return []
      const isThere = cell !== undefined || !holdsId(now.report, result.case)
      return isThere ? [{ result, before: judge.name, now: now.name, verdict: cell?.verdict }] : []
    }),
  )

/** A case of that id is there, and is another: not comparable, and no gap. */
const holdsId = (report: Report, id: string): boolean => resultsOf(report).some((one) => one.case === id)

/** Whether a result says something of the gateway. */
export const isJudged = (result: Result | undefined): boolean =>
  result !== undefined && !['inconclusive', 'not-applicable'].includes(result.verdict.status)

const strangers = (contestants: readonly Contestant[]): string => {
  const suites = contestants.map(({ name, report: { conformance } }) =>
    conformance === undefined
      ? `${name} has no conformance part`
      : `${name} is of suite ${conformance.suite.version}, digest ${conformance.suite.digest.slice(0, 12)}`,
  )
  return `nothing is comparable: no two of the reports hold the same case or a load part each (${suites.join('; ')})`
}
