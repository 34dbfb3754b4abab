import type { Config } from '../config/config.ts'
import type { Word } from '../config/expect.ts'
import type { Suite } from '../config/suite.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { ValueError } from '../forge/scene.ts'
import { wordsOf } from '../judge/rule.ts'
import { plan, type PlannedVariant } from '../plan/plan.ts'
import { validRequests, type GoodSource } from './good-requests.ts'
import { loadBytes, MixError } from './load-bytes.ts'
import type { LoadClass } from './record.ts'

/** Requests ready to be fired, and what they were made of. */
export type Traffic = { readonly classes: readonly LoadClass[]; readonly pool: number }

/** What the classes of a mix are made from. */
export type TrafficSource = GoodSource & {
  readonly suite: Suite
  readonly features: ReadonlySet<string>
}

/** How many requests a class of bad tokens has: they are sent over and over, as a gateway caches no refusals. */
const badRequests = 200

/** The requests of every class of the mix. Throws MixError. */
export const makeTraffic = async (
  source: TrafficSource,
  make: (variant: PlannedVariant) => ForgedRequest,
): Promise<Traffic> => {
  const { config } = source
  const classes: LoadClass[] = []
  let pool = 0
  for (const [name, weight] of Object.entries(config.load.mix)) {
    if (weight === 0) continue
    if (name === 'valid') {
      const requests = await validRequests(source, {
        count: config.load.tokens,
        prefix: 'load',
        mayBeOld: true,
      })
      if (requests.length === 0) throw new MixError('load.tokens must be at least 1')
      pool = requests.length
      classes.push({ name, expect: 'accept', weight, requests })
    } else classes.push({ name, weight, ...badClass(name, source, make) })
  }
  return { classes, pool }
}

const badClass = (
  name: string,
  { config, suite, features }: TrafficSource,
  make: (variant: PlannedVariant) => ForgedRequest,
): Pick<LoadClass, 'expect' | 'requests'> => {
  const planned = plan(
    suite,
    { include: [name], exclude: [] },
    { target: config.target, features, risky: false },
  )
  const variants = planned.flatMap((one) => one.variants)
  if (planned.length !== 1) throw new MixError(`load.mix: no case is called \`${name}\``)
  const usable = variants.filter(
    ({ missing, deviation }) => missing.length === 0 && isOnProtected(deviation.request?.route),
  )
  const lacks = [...new Set(variants.flatMap(({ missing }) => missing))].join(', ')
  if (usable.length === 0)
    throw new MixError(
      `load.mix: \`${name}\` cannot be sent here${lacks === '' ? '' : ` (missing ${lacks})`}`,
    )
  const sides = new Set(usable.flatMap(({ expect }) => wordsOf(expect, features)).map(sideOf))
  const [side] = sides
  if (sides.size !== 1 || side === undefined || side === 'either')
    throw new MixError(`load.mix: \`${name}\` may be let in or refused, so it cannot be judged under load`)
  const requests = Array.from({ length: badRequests }, (_, index) => usable[index % usable.length]).flatMap(
    (variant) => (variant === undefined ? [] : [badBytes(name, variant, make, config)]),
  )
  return { expect: side, requests }
}

const isOnProtected = (route: string | undefined): boolean => route === undefined || route === 'protected'

const badBytes = (
  name: string,
  variant: PlannedVariant,
  make: (variant: PlannedVariant) => ForgedRequest,
  config: Config,
): Buffer => {
  try {
    return loadBytes(make(variant), config)
  } catch (error) {
    if (error instanceof ValueError)
      throw new MixError(`load.mix: \`${name}\` cannot be made here: ${error.message}`)
    if (error instanceof MixError)
      throw new MixError(`load.mix: \`${name}\` cannot be sent under load: ${error.message}`)
    throw error
  }
}

const sideOf = (word: Word): 'accept' | 'refuse' | 'either' =>
  word === 'accept' ? 'accept' : word === 'observe' ? 'either' : 'refuse'
