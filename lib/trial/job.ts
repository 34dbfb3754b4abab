import type { Deviation, RequestEdit } from '../config/deviation.ts'
import type { ForgedRequest } from '../forge/request.ts'
import type { PlannedCase, PlannedVariant } from '../plan/plan.ts'

export type RouteName = NonNullable<RequestEdit['route']>

/** One variant that will be sent. */
export type Job = {
  readonly planned: PlannedCase
  readonly variant: PlannedVariant
  /** The route whose controls stand for it. */
  readonly route: Exclude<RouteName, 'unrouted'>
  /** The method that it sends. */
  readonly method: string
  readonly make: () => ForgedRequest
}

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
