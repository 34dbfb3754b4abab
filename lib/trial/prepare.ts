import type { Deviation } from '../config/deviation.ts'
import { namesDelay } from '../forge/delay.ts'
import type { ForgedRequest } from '../forge/request.ts'
import type { PlannedCase, PlannedVariant } from '../plan/plan.ts'
import { openBench, type Look } from './fitness.ts'
import { controlRoute, type Fitness, type Job, type MakeRequest, type Unfit } from './job.ts'
import { persistently, requestMaker, type Workshop } from './request-maker.ts'

/** A job for each variant that can be sent, as far as the plan knows; the forge shows the rest when its turn comes. */
export const prepare = (
  planned: readonly PlannedCase[],
  workshop: Workshop,
  features: ReadonlySet<string>,
): readonly Job[] => {
  const tools = { workshop, make: requestMaker(workshop), look: openBench(workshop, features) }
  return planned.flatMap((one) =>
    one.variants
      .filter(({ missing }) => missing.length === 0)
      .map((variant) =>
        variant.steps === undefined ? sentJob(one, variant, tools) : playedJob(one, variant, tools),
      ),
  )
}

/** The variants that could not be sent after all, and why: also of jobs whose turn never came. */
export const unfitAmong = async (jobs: readonly Job[]): Promise<ReadonlyMap<PlannedVariant, Unfit>> => {
  const unfit = new Map<PlannedVariant, Unfit>()
  for (const { variant, fitness } of jobs) {
    const found = await fitness()
    if (found.kind === 'unfit') unfit.set(variant, found)
  }
  return unfit
}

type Tools = {
  readonly workshop: Workshop
  readonly make: MakeRequest
  readonly look: (variant: PlannedVariant) => Promise<Look>
}

const sentJob = (planned: PlannedCase, variant: PlannedVariant, { workshop, make, look }: Tools): Job => {
  const { deviation } = variant
  const first = keepFirst(workshop)
  return {
    planned,
    variant,
    route: controlRoute(deviation),
    fitness: onceOnly(async () => {
      const { fitness, request } = await look(variant)
      if (request !== undefined) first.keep(request)
      return fitness
    }),
    make: () => first.take() ?? persistently(() => make(deviation)),
    ...(namesDelay(deviation) ? { makeSleeping: sleepingMaker(deviation, workshop) } : {}),
  }
}

/** What steps send is forged when its turn comes, since it may depend on what came before. */
const playedJob = (planned: PlannedCase, variant: PlannedVariant, { look }: Tools): Job => ({
  planned,
  variant,
  route: 'protected',
  fitness: onceOnly(async () => (await look(variant)).fitness),
  make: () => {
    throw new Error('a case of several steps is played, and not sent')
  },
})

const onceOnly = (find: () => Promise<Fitness>): Job['fitness'] => {
  let found: Promise<Fitness> | undefined
  return () => (found ??= find())
}

/** The request that was forged to be looked at is sent itself, while it would be made the same again: within one second. */
const keepFirst = ({ now, nonce }: Workshop) => {
  let kept: { readonly request: ForgedRequest; readonly at: number; readonly under?: string } | undefined
  return {
    keep: (request: ForgedRequest): void => {
      const under = nonce()
      kept = { request, at: now(), ...(under === undefined ? {} : { under }) }
    },
    take: (): ForgedRequest | undefined => {
      const first = kept
      kept = undefined
      return first?.at === now() && first.under === nonce() ? first.request : undefined
    },
  }
}

const sleepingMaker =
  (deviation: Deviation, workshop: Workshop) =>
  (delaySeconds: number): ForgedRequest =>
    persistently(() => requestMaker({ ...workshop, delaySeconds })(deviation))
