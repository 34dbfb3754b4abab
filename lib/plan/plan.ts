import type { Target } from '../config/config.ts'
import type { Deviation } from '../config/deviation.ts'
import { countsFetches, type Expect } from '../config/expect.ts'
import type { CatalogueCase, Level, Requirement, Severity, Spec, Suite } from '../config/suite.ts'
import type { Step } from '../config/steps.ts'
import { needsOfLoad } from './load-needs.ts'
import { needsOf } from './needs.ts'
import { needsOfSteps, type Waits } from './step-needs.ts'

/** One thing to be sent: the only deviation of a case, or one of its variants. */
export type PlannedVariant = {
  /** Undefined where the case has no variants. */
  readonly name: string | undefined
  readonly deviation: Deviation
  /** Where it takes more than one request; the deviation is empty then. */
  readonly steps?: readonly Step[]
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
  /** How long the gateway keeps its keys, and how long a run may wait; without it every wait is short enough. */
  readonly waits?: Waits
}

/** The selected cases, each with what it lacks here. */
export const plan = (suite: Suite, selection: Selection, ground: Ground): readonly PlannedCase[] =>
  openPlan(suite, selection, ground)(ground.features)

/** The same for whatever features turn out to be there: what each case needs is found once. */
export const openPlan = (
  suite: Suite,
  selection: Selection,
  ground: Omit<Ground, 'features'>,
): ((features: ReadonlySet<string>) => readonly PlannedCase[]) => {
  const drafts = suite.requirements.flatMap((requirement) =>
    requirement.cases.flatMap((one) => {
      const chosen = chosenVariants(requirement, one, selection)
      return chosen === 'none' ? [] : [draftCase(requirement, one, chosen, ground)]
    }),
  )
  return (features) =>
    drafts.map(({ variants, ...one }) => ({
      ...one,
      variants: variants.map(({ needs, ...variant }) => ({
        ...variant,
        missing: needs.filter((need) => !features.has(need)),
      })),
    }))
}

/** A case before anybody knows what is there. */
type DraftCase = Omit<PlannedCase, 'variants'> & {
  readonly variants: readonly (Omit<PlannedVariant, 'missing'> & { readonly needs: readonly string[] })[]
}

const draftCase = (
  requirement: Requirement,
  one: CatalogueCase,
  chosen: ReadonlySet<string> | 'all',
  { target, risky, waits }: Omit<Ground, 'features'>,
): DraftCase => {
  const common = [
    ...requirement.features,
    ...(one.features ?? []),
    ...(one.risky !== undefined && !risky ? ['risky'] : []),
    ...(one.load === undefined ? [] : needsOfLoad(one.load, waits)),
  ]
  const variants = variantsOf(one)
    .filter(({ name }) => chosen === 'all' || (name !== undefined && chosen.has(name)))
    .map(({ features: own, ...variant }) => {
      const { deviation, steps } = variant
      const needs = new Set([
        ...common,
        ...own,
        ...needsOf(deviation, target),
        ...(steps === undefined ? [] : needsOfSteps(steps, target, waits)),
        ...(countsFetches(variant.expect) ? ['served-key-set'] : []),
      ])
      return { ...variant, needs: [...needs] }
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
  steps?: readonly Step[]
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
          ...(one.steps === undefined ? {} : { steps: one.steps }),
          expect: one.expect,
          level: undefined,
          form: one.flaw === 'form',
          close: one.close === true,
          features: [],
        },
      ]
    : Object.entries(one.variants).map(
        ([name, { expect, level, features, flaw, close, fault, steps, ...deviation }]) => ({
          name,
          deviation,
          ...(steps === undefined ? {} : { steps }),
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
