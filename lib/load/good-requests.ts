import type { Config, SigningKey } from '../config/config.ts'
import { forgeRequest } from '../forge/forge.ts'
import { goodClaims, type GoodToken, type OpaqueToken } from '../forge/good.ts'
import { asSent } from '../forge/jwe.ts'
import { pack, type Frame, type Packed } from '../forge/packed.ts'
import { cachedPool } from '../forge/pool-cache.ts'
import { mintPool, type PoolTemplate } from '../forge/pool.ts'
import type { Members, Scene } from '../forge/scene.ts'
import { scopesOf } from '../forge/supply.ts'
import { sceneOf, type Workshop } from '../trial/request-maker.ts'
import { loadBytes } from './load-bytes.ts'
import type { Requests } from './requests.ts'

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

/** What good requests are made from. */
export type GoodSource = {
  readonly config: Config
  readonly workshop: Workshop
  /** Ends what takes long. */
  readonly signal: AbortSignal
  /** Where tokens of the mix are kept from run to run, and how long they must be good. */
  readonly cache?: { readonly dir: string; readonly lastsSeconds: number }
}

/**
 * Requests of the protected route, each with a good token of its own; one where somebody else issues the tokens. Throws
 * where the signal comes first.
 */
export const validRequests = async (source: GoodSource, order: TokenOrder): Promise<Requests> => {
  const { workshop } = source
  const { good } = workshop.supply
  const scene = sceneOf(workshop, good)
  const write = (text: string) => requestWith(text, source, scene)
  const template = templateOf(source, order, good)
  if (template === undefined) return [write(good.text)]
  const frame = scene.encryption === undefined ? frameFor(write, good.text) : undefined
  const { count, mayBeOld } = order
  const options = { signal: source.signal, ...(frame === undefined ? {} : { frame }) }
  const { cache } = source
  const { texts } =
    cache === undefined || mayBeOld !== true
      ? await mintPool(template, count, options)
      : await cachedPool(
          template,
          count,
          { dir: cache.dir, now: workshop.now(), lasts: cache.lastsSeconds },
          options,
        )
  // The pool holds what is only signed: a gateway that decrypts has it encrypted.
  return frame === undefined ? pack(written(texts, (jws) => write(asSent(jws, scene)))) : texts
}

const requestWith = (text: string, { config, workshop }: GoodSource, scene: Scene): Buffer => {
  const { target } = config
  const token = { kind: 'opaque' as const, text }
  const supply = { good: token, another: () => token, other: () => text }
  const destination = { target, route: target.routes.protected, unrouted: workshop.unrouted }
  return loadBytes(forgeRequest({}, destination, supply, scene), config)
}

/**
 * What a request is before and behind its token, so that whoever signs can write the whole. Undefined where a request is
 * more than its token in a frame, such as one with a length that counts it.
 */
const frameFor = (write: (text: string) => Buffer, sample: string): Frame | undefined => {
  const longer = `${sample}AA`
  const [first, second] = [write(sample), write(longer)]
  const at = first.indexOf(sample)
  if (at < 0 || first.indexOf(sample, at + 1) >= 0) return undefined
  const [before, after] = [first.subarray(0, at), first.subarray(at + sample.length)]
  return Buffer.concat([before, Buffer.from(longer, 'latin1'), after]).equals(second)
    ? { before: Uint8Array.from(before), after: Uint8Array.from(after) }
    : undefined
}

function* written(texts: Packed, write: (jws: string) => Buffer): Generator<Buffer> {
  for (let at = 0; at < texts.length; at++) yield write(texts.at(at)?.toString('latin1') ?? '')
}

/** Undefined where the tokens are not ours to sign. */
const templateOf = (
  { config, workshop }: GoodSource,
  { prefix, key, claims }: TokenOrder,
  good: GoodToken | OpaqueToken,
): PoolTemplate | undefined => {
  const { tokens, policy } = config
  if (tokens.kind !== 'keys' || good.kind !== 'jwt') return undefined
  return {
    key: key ?? tokens.keys[0],
    header: key === undefined ? good.header : { ...good.header, alg: key.alg, kid: key.kid },
    claims: {
      ...goodClaims(tokens, policy, scopesOf(config), { now: workshop.now(), jti: '' }),
      // What a token is bound to (RFC 7800 section 3.1) is the same for all of a run.
      ...(good.claims.cnf === undefined ? {} : { cnf: good.claims.cnf }),
      ...claims,
    },
    prefix: `${prefix}-${workshop.random(6).toString('hex')}`,
  }
}
