import type { Config, SigningKey } from '../config/config.ts'
import type { Word } from '../config/expect.ts'
import type { Suite } from '../config/suite.ts'
import { forgeRequest } from '../forge/forge.ts'
import { asSent } from '../forge/jwe.ts'
import { goodClaims, type GoodToken, type OpaqueToken } from '../forge/good.ts'
import { cachedPool } from '../forge/pool-cache.ts'
import { mintPool } from '../forge/pool.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { scopesOf } from '../forge/supply.ts'
import { ValueError, type Members } from '../forge/scene.ts'
import { wordsOf } from '../judge/rule.ts'
import { plan, type PlannedVariant } from '../plan/plan.ts'
import { sceneOf, type Workshop } from '../trial/request-maker.ts'
import type { LoadClass } from './record.ts'
import { requestBytes } from './request-bytes.ts'

/** Requests ready to be fired, and what they were made of. */
export type Traffic = { readonly classes: readonly LoadClass[]; readonly pool: number }

/** A mix that cannot be sent: the user's to mend. */
export class MixError extends Error {
  override readonly name = 'MixError'
}

/** What the classes of a mix are made from. */
export type TrafficSource = {
  readonly config: Config
  readonly suite: Suite
  readonly workshop: Workshop
  readonly features: ReadonlySet<string>
  /** Ends what takes long. */
  readonly signal: AbortSignal
  /** Where tokens of the mix are kept from run to run, and how long they must be good. */
  readonly cache?: { readonly dir: string; readonly lastsSeconds: number }
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
      pool = requests.length
      classes.push({ name, expect: 'accept', weight, requests })
    } else classes.push({ name, weight, ...badClass(name, source, make) })
  }
  return { classes, pool }
}

/** Good tokens that are wanted. */
export type TokenOrder = {
  readonly count: number
  /** Begins every `jti`. */
  readonly prefix: string
  /** Another key of ours than the first. */
  readonly key?: SigningKey
  /** In addition to those of a good token. */
  readonly claims?: Members
  /** The gateway may have seen them before. */
  readonly mayBeOld?: boolean
}

/**
 * Requests of the protected route, each with a good token of its own; one where somebody else issues the tokens. Throws
 * where the signal comes first.
 */
export const validRequests = async (
  source: TrafficSource,
  order: TokenOrder,
): Promise<readonly [Uint8Array, ...Uint8Array[]]> => {
  const { config, workshop } = source
  const { target } = config
  const route = target.routes.protected
  const { good } = workshop.supply
  const scene = sceneOf(workshop, good)
  const texts = await goodTokens(source, order, good)
  const destination = { target, route, unrouted: workshop.unrouted }
  const bytes = texts.map((text) => {
    const token = { kind: 'opaque' as const, text }
    const request = forgeRequest(
      {},
      destination,
      { good: token, another: () => token, other: () => text },
      scene,
    )
    return loadBytes(request, config)
  })
  const [first, ...more] = bytes
  if (first === undefined) throw new MixError('load.tokens must be at least 1')
  return [first, ...more]
}

const goodTokens = async (
  { config, workshop, signal, cache }: TrafficSource,
  { count, prefix, key, claims, mayBeOld }: TokenOrder,
  good: GoodToken | OpaqueToken,
): Promise<readonly string[]> => {
  const { tokens, policy } = config
  if (tokens.kind !== 'keys' || good.kind !== 'jwt') return [good.text]
  const now = workshop.now()
  const template = {
    key: key ?? tokens.keys[0],
    header: key === undefined ? good.header : { ...good.header, alg: key.alg, kid: key.kid },
    claims: {
      ...goodClaims(tokens, policy, scopesOf(config), { now, jti: '' }),
      // What a token is bound to (RFC 7800 section 3.1) is the same for all of a run.
      ...(good.claims.cnf === undefined ? {} : { cnf: good.claims.cnf }),
      ...claims,
    },
    prefix: `${prefix}-${workshop.random(6).toString('hex')}`,
  }
  const pool =
    cache === undefined || mayBeOld !== true
      ? await mintPool(template, count, signal)
      : await cachedPool(template, count, { dir: cache.dir, now, lasts: cache.lastsSeconds }, signal)
  // The pool holds what is only signed: a gateway that decrypts has it encrypted.
  const scene = sceneOf(workshop, good)
  return pool.tokens.map((jws) => asSent(jws, scene))
}

/** As it goes on the wire, with the target's own headers. Throws MixError where it cannot be sent under load. */
export const loadBytes = (request: ForgedRequest, { target }: Config): Buffer => {
  const headers = [...target.headers, ...request.headers]
  try {
    return requestBytes({ ...request, headers }, new URL(target.origin).host)
  } catch (error) {
    if (error instanceof RangeError) throw new MixError(error.message)
    throw error
  }
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
    const request = make(variant)
    if (request.raw) throw new MixError(`\`${name}\` is sent byte by byte, which a load test cannot do`)
    return loadBytes(request, config)
  } catch (error) {
    if (error instanceof ValueError)
      throw new MixError(`load.mix: \`${name}\` cannot be made here: ${error.message}`)
    throw error
  }
}

const sideOf = (word: Word): 'accept' | 'refuse' | 'either' =>
  word === 'accept' ? 'accept' : word === 'observe' ? 'either' : 'refuse'
