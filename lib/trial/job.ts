import type { Deviation } from '../config/deviation.ts'
import type { RequestEdit } from '../config/request-edit.ts'
import type { ForgedRequest } from '../forge/request.ts'
import type { Note } from '../judge/verdict.ts'
import { sendsOf, type Step } from '../config/steps.ts'
import type { PlannedCase, PlannedVariant } from '../plan/plan.ts'

export type RouteName = NonNullable<RequestEdit['route']>

/** One variant that will be sent. */
export type Job = {
  readonly planned: PlannedCase
  readonly variant: PlannedVariant
  /** The route whose controls stand for it. */
  readonly route: Exclude<RouteName, 'unrouted'>
  /** Whether it can be sent after all; found once, by forging it. */
  readonly fitness: () => Promise<Fitness>
  readonly make: () => ForgedRequest
  /** Where the request holds a sleep: the same with one of so many seconds. */
  readonly makeSleeping?: (seconds: number) => ForgedRequest
}

/** What a variant that can be sent sends. */
export type Fit = {
  readonly kind: 'fit'
  readonly method: string
  /** What has to be known beside its verdict. */
  readonly notes?: readonly Note[]
}

/** Why a planned variant cannot be sent after all. */
export type Unfit = { readonly kind: 'unfit'; readonly missing: string; readonly detail: string }

export type Fitness = Fit | Unfit

/** The routes whose controls a variant needs. */
export const routesNeeded = ({ deviation, steps }: PlannedVariant): readonly Job['route'][] =>
  steps === undefined ? [controlRoute(deviation)] : [...routesOfSteps(steps)]

/** The routes that steps send to, and the one that every run has. */
export const routesOfSteps = (steps: readonly Step[]): ReadonlySet<Job['route']> =>
  new Set(['protected', ...sendsOf(steps).map(({ deviation }) => controlRoute(deviation ?? {}))])

/** The forge of a run: any deviation, on any route, as a fresh request. */
export type MakeRequest = (deviation: Deviation) => ForgedRequest

/** Which route's controls a deviation is judged by. */
export const controlRoute = (deviation: Deviation): Job['route'] => {
  const route = deviation.request?.route ?? 'protected'
  return route === 'unrouted' ? 'protected' : route
}

/** The good request of a route; a control differs from its case in the deviation alone. */
export const goodDeviation = (route: Job['route']): Deviation =>
  route === 'protected' ? {} : { request: { route } }
