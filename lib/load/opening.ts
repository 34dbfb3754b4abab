import type { Config } from '../config/config.ts'
import type { Suite } from '../config/suite.ts'
import { plan } from '../plan/plan.ts'
import type { Sent } from '../trial/attempt.ts'
import type { Gathered } from '../trial/gather.ts'
import { attendSchool, type School } from '../trial/school.ts'
import type { Trouble } from '../trial/teach.ts'
import { openShop, type Shop } from '../trial/workshop.ts'
import type { World } from '../trial/world.ts'
import { endpointOf, type Endpoint } from './endpoint.ts'
import { loadJudge } from './read-answer.ts'
import type { LoadJudge } from './record.ts'

/** Why no load can be fired at a target. */
export type LoadTrouble =
  | { readonly kind: Trouble; readonly sent: readonly Sent[] }
  | { readonly kind: 'no-token'; readonly message: string }

/** What every load is fired and judged with. */
export type Opened = {
  readonly shop: Shop
  readonly lesson: Extract<School['home'], { kind: 'taught' }>['lesson']
  readonly judge: LoadJudge
  readonly endpoint: Endpoint
}

/** The forge, and the controls of the one route that load goes to. */
export const openLoad = async (
  config: Config,
  suite: Suite,
  { gathered, features }: { readonly gathered: Gathered; readonly features: ReadonlySet<string> },
  io: World,
): Promise<Opened | { readonly trouble: LoadTrouble }> => {
  const shop = openShop(config, gathered, io)
  // Nothing is learned of routes that no phase sends to.
  const controls = plan(
    suite,
    { include: ['controls'], exclude: [] },
    { target: config.target, features, risky: false },
  )
  const { home } = await attendSchool(config, controls, shop, io)
  if (home.kind === 'trouble') return { trouble: { kind: home.trouble, sent: home.sent } }
  const { lesson } = home
  return { shop, lesson, judge: loadJudge(lesson), endpoint: endpointOf(config.target) }
}
