import type { Target } from '../config/config.ts'
import type { Deviation } from '../config/deviation.ts'
import type { CatalogueCase, Expect, Level, Requirement, Severity, Spec, Suite } from '../config/suite.ts'
import { needsOf } from './needs.ts'

/** One thing to be sent: the only deviation of a case, or one of its variants. */
export type PlannedVariant = {
  /** Undefined where the case has no variants. */
  readonly name: string | undefined
  readonly deviation: Deviation
  readonly expect: Expect
  /** Undefined where it is that of the case. */
  readonly level: Level | undefined
  /** The credential is genuine and only spelled otherwise. */
  readonly form: boolean
  /** Closing the connection is a legitimate refusal. */
  readonly close: boolean
  /** The features that are not there; empty where it runs. */
  readonly missing: readonly string[]
}

/** A case as it applies to this target. */
export type PlannedCase = {
  readonly requirement: Requirement
  readonly case: CatalogueCase
  readonly level: Level
  readonly severity: Severity
  readonly spec: Spec
  readonly advisories: readonly string[]
  readonly variants: readonly PlannedVariant[]
}

export type Selection = {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

/** Something is selected that is not there, or nothing is. */
export type SelectionFault = { readonly name: string; readonly message: string }

/** What a plan is made against. */
export type Ground = {
  readonly target: Target
  readonly features: ReadonlySet<string>
  readonly risky: boolean
}

/** The selected cases, each with what it lacks here. */
export const plan = (suite: Suite, selection: Selection, ground: Ground): readonly PlannedCase[] =>
  suite.requirements.flatMap((requirement) =>
    requirement.cases.flatMap((one) => {
      const chosen = chosenVariants(requirement, one, selection)
      return chosen === 'none' ? [] : [planCase(requirement, one, chosen, ground)]
    }),
  )

const planCase = (
  requirement: Requirement,
  one: CatalogueCase,
  chosen: ReadonlySet<string> | 'all',
  { target, features, risky }: Ground,
): PlannedCase => {
  const common = [
    ...requirement.features,
    ...(one.features ?? []),
    ...(one.risky !== undefined && !risky ? ['risky'] : []),
  ]
  const variants = variantsOf(one)
    .filter(({ name }) => chosen === 'all' || (name !== undefined && chosen.has(name)))
    .map(({ features: own, ...variant }) => {
      const needs = new Set([...common, ...own, ...needsOf(variant.deviation, target)])
      return { ...variant, missing: [...needs].filter((need) => !features.has(need)) }
    })
  return {
    requirement,
    case: one,
    level: one.level ?? requirement.level,
    severity: one.severity ?? 'major',
    spec: one.spec ?? requirement.spec,
    advisories: one.advisories ?? requirement.advisories,
    variants,
  }
}

/** The variants of a case, or its one deviation as the only one. */
export const variantsOf = (
  one: CatalogueCase,
): readonly {
  name: string | undefined
  deviation: Deviation
  expect: Expect
  level: Level | undefined
  form: boolean
  close: boolean
  features: readonly string[]
}[] =>
  one.variants === undefined
    ? [
        {
          name: undefined,
          deviation: one.deviation ?? {},
          expect: one.expect,
          level: undefined,
          form: one.flaw === 'form',
          close: one.close === true,
          features: [],
        },
      ]
    : Object.entries(one.variants).map(
        ([name, { expect, level, features, flaw, close, fault, ...deviation }]) => ({
          name,
          deviation,
          expect: expect ?? one.expect,
          level,
          form: (flaw ?? one.flaw) === 'form',
          close: (close ?? one.close) === true,
          features: features ?? [],
        }),
      )

const chosenVariants = (
  requirement: Requirement,
  one: CatalogueCase,
  { include, exclude }: Selection,
): ReadonlySet<string> | 'all' | 'none' => {
  const names = [requirement.topic, requirement.id, one.id]
  if (exclude.some((name) => names.includes(name))) return 'none'
  const variants = Object.keys(one.variants ?? {})
  const whole = include.length === 0 || include.some((name) => names.includes(name))
  const kept = variants.filter(
    (variant) =>
      !exclude.includes(`${one.id}/${variant}`) && (whole || include.includes(`${one.id}/${variant}`)),
  )
  if (variants.length === 0) return whole ? 'all' : 'none'
  return kept.length === 0 ? 'none' : kept.length === variants.length ? 'all' : new Set(kept)
}

/** Names in a selection that no topic, requirement, case or variant bears; an empty selection is a fault as well. */
export const selectionFaults = (suite: Suite, names: readonly string[]): readonly SelectionFault[] => {
  const known = new Set(
    suite.requirements.flatMap((requirement) => [
      requirement.topic,
      requirement.id,
      ...requirement.cases.flatMap((one) => [
        one.id,
        ...Object.keys(one.variants ?? {}).map((variant) => `${one.id}/${variant}`),
      ]),
    ]),
  )
  return names
    .filter((name) => !known.has(name))
    .map((name) => ({ name, message: `no topic, requirement, case or CASE/VARIANT is called \`${name}\`` }))
}

/** How many planned cases each missing feature would unlock by itself. */
export const unlocks = (planned: readonly PlannedCase[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const { variants } of planned) {
    if (variants.some(({ missing }) => missing.length === 0)) continue
    const alone = new Set(
      variants.filter(({ missing }) => missing.length === 1).flatMap(({ missing }) => missing),
    )
    for (const name of alone) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}
