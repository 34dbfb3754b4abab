import type { Report } from '../report.ts'
import type { NamedReport } from './comparison.ts'

/**
 * The reports, where what `test` and what `load` wrote of one target stand as one: a report of cases alone and one of load
 * alone, of the same name and URL, and no third of that target among them.
 */
export const joinParts = (named: readonly NamedReport[]): readonly NamedReport[] => {
  const joined: NamedReport[] = []
  const taken = new Set<NamedReport>()
  for (const one of named) {
    if (taken.has(one)) continue
    const [other, ...more] = named.filter((each) => each !== one && isSameTarget(each.report, one.report))
    const both = other === undefined || more.length > 0 ? undefined : join(one, other)
    if (both !== undefined && other !== undefined) taken.add(other)
    joined.push(both ?? one)
  }
  return joined
}

const isSameTarget = (one: Report, other: Report): boolean =>
  one.target.name === other.target.name && one.target.url === other.target.url

/** Undefined where they are not two parts of one whole. */
const join = (one: NamedReport, other: NamedReport): NamedReport | undefined => {
  const [cases, load] = one.report.conformance === undefined ? [other, one] : [one, other]
  const isWhole =
    cases.report.load === undefined && load.report.conformance === undefined && load.report.load !== undefined
  if (cases.report.conformance === undefined || !isWhole) return undefined
  return {
    file: `${cases.file} + ${load.file}`,
    report: {
      ...cases.report,
      load: load.report.load,
      complete: cases.report.complete && load.report.complete,
    },
  }
}
