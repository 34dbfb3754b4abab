import type { Config } from '../config/config.ts'
import type { Suite } from '../config/suite.ts'
import { asIdentity } from '../exchange/certificate.ts'
import { plan } from '../plan/plan.ts'
import type { Sent } from '../trial/attempt.ts'
import { compareGood } from '../trial/compare-good.ts'
import type { Gathered } from '../trial/gather.ts'
import type { Misfit } from '../trial/misfit.ts'
import { attendSchool, type School } from '../trial/school.ts'
import type { Trouble } from '../trial/teach.ts'
import { openShop, type Shop } from '../trial/workshop.ts'
import type { World } from '../trial/world.ts'
import { endpointOf, type Endpoint } from './endpoint.ts'
import { loadJudge } from './read-answer.ts'
import type { LoadJudge } from './record.ts'

/** Why no load can be fired at a target. */
export type LoadTrouble =
  | {
      readonly kind: Trouble
      readonly sent: readonly Sent[]
      /** Where the good token differs from what it is to be let in by, as far as anybody knows. */
      readonly misfits?: readonly Misfit[]
    }
  | { readonly kind: 'no-token'; readonly message: string }

/** What every load is fired and judged with. */
export type Opened = {
  /**
   * With the target as its connections found it: `http` says which version it speaks, and the client certificate is
   * that which good tokens are bound to.
   */
  readonly config: Config
  readonly features: ReadonlySet<string>
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
  if (home.kind === 'trouble') {
    const misfits = await compareGood(home, config, io)
    return { trouble: { kind: home.trouble, sent: home.sent, misfits } }
  }
  const { lesson } = home
  const target = asFound(config, io.exchanger.version())
  return {
    config: { ...config, target },
    features: target.http === '2' ? new Set([...features, 'http2']) : features,
    shop,
    lesson,
    judge: loadJudge(lesson),
    endpoint: endpointOf(target),
  }
}

/** Load goes as the controls went. */
const asFound = ({ target, binding = { dpop: false } }: Config, http: '1.1' | '2'): Config['target'] => ({
  ...asIdentity(target, binding, 'own'),
  http,
})
