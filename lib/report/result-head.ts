import type { PlannedCase } from '../plan/plan.ts'

/** What a result says of its case, whatever came of it. */
export const headOf = (planned: PlannedCase) => {
  const { requirement, case: one } = planned
  const why = one.why ?? requirement.why
  return {
    case: one.id,
    requirement: requirement.id,
    topic: requirement.topic,
    title: one.title,
    requirementTitle: requirement.title,
    level: planned.level,
    severity: planned.severity,
    spec: planned.spec,
    ...(why === undefined ? {} : { why }),
    ...(planned.advisories.length === 0 ? {} : { advisories: planned.advisories }),
    digest: one.digest,
  }
}
