import { X509Certificate } from 'node:crypto'
import type { Config } from '../config/config.ts'
import type { Deviation } from '../config/deviation.ts'
import { routeNamed } from '../config/route-name.ts'
import { newMark } from '../forge/bait.ts'
import { forgeRequest, type Supply } from '../forge/forge.ts'
import type { Keyring } from '../forge/keyring.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { ValueError, type Scene } from '../forge/scene.ts'
import { changesToken, forgeTokenBeside } from '../forge/token.ts'
import { controlRoute, type MakeRequest } from './job.ts'

/** What every request of a run is forged from. */
export type Workshop = {
  readonly config: Config
  readonly keyring: Keyring
  readonly supply: Supply
  /** A path that no route has. */
  readonly unrouted: string
  readonly served: NonNullable<Scene['served']>
  /** The target's clock, seconds since the epoch. */
  readonly now: () => number
  /** The nonce for DPoP proofs that the target gave last. */
  readonly nonce: () => string | undefined
  /** How far from an edge of a token's time a case must stay, in seconds. */
  readonly marginSeconds: () => number
  readonly random: (bytes: number) => Buffer
  /** How long a sleep in the request is, in seconds; the shorter of the two where it is left out. */
  readonly delaySeconds?: number
  /** What the steps of a case before this one have made. */
  readonly steps?: StepsSoFar
}

/** The keys that steps have published, and the tokens that they have sent, by their names. */
export type StepsSoFar = {
  readonly published: NonNullable<Scene['published']>
  tokenOf(step: string): string
}

/** Forges requests one after the other, each with a fresh good token underneath. */
export const requestMaker =
  (workshop: Workshop): MakeRequest =>
  (deviation) =>
    begin(deviation, workshop).forge()

/** Forges one as `requestMaker` does, and leaves the thread free while its token is signed. */
export const forgeBeside = async (deviation: Deviation, workshop: Workshop): Promise<ForgedRequest> => {
  const { good, scene, forge } = begin(deviation, workshop)
  if (good.kind === 'opaque' || deviation.token !== undefined) return forge()
  if (changesToken(deviation)) return forge(await forgeTokenBeside(deviation, good, scene))
  await good.signAhead?.()
  return forge()
}

/** All that a request is forged from; `forge` takes its token where that was forged before. */
const begin = (deviation: Deviation, workshop: Workshop) => {
  const { config, unrouted, steps } = workshop
  const route = routeNamed(config.target, controlRoute(deviation))
  if (route === undefined) throw new ValueError('this target has no such route')
  const supply = supplyFor(workshop.supply, route.audience)
  const { good } = supply
  const scene = sceneOf(workshop, good)
  return {
    good,
    scene,
    forge: (forged?: string): ForgedRequest =>
      forgeRequest(
        deviation,
        { target: config.target, route, unrouted },
        {
          good,
          another: () => supply.another(),
          other: (name) => supply.other(name),
          ...(steps === undefined ? {} : { sent: (step) => steps.tokenOf(step) }),
          ...(forged === undefined ? {} : { forged }),
        },
        scene,
      ),
  }
}

/** What could be made once can be made again, though another token may by chance leave the deviation nothing to change. */
export const persistently = (make: () => ForgedRequest): ForgedRequest => {
  for (let turn = 0; turn < mostTurns; turn++) {
    try {
      return make()
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
    }
  }
  return make()
}

/** The same of what is forged beside other work. */
export const persistentlyBeside = async <Made>(make: () => Promise<Made>): Promise<Made> => {
  for (let turn = 0; turn < mostTurns; turn++) {
    try {
      return await make()
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
    }
  }
  return make()
}

const mostTurns = 20

/** On a route with an audience of its own other tokens are good. */
export const supplyFor = (supply: Supply, audience: string | undefined): Supply =>
  audience === undefined ? supply : (supply.for?.(audience) ?? supply)

/** What values are resolved against, around one good token. */
export const sceneOf = (
  { config, keyring, supply, served, steps, delaySeconds, now, nonce, marginSeconds, random }: Workshop,
  good: Supply['good'],
): Scene => {
  const given = nonce()
  let mark: string | undefined
  const { certificate } = config.binding ?? {}
  const { origin, basePath, routes } = config.target
  const scope = routes.scoped?.scope?.scopes[0]
  return {
    now: now(),
    marginSeconds: marginSeconds(),
    policy: config.policy,
    target: {
      origin,
      host: new URL(origin).host,
      url: origin + basePath,
      protectedPath: basePath + routes.protected.path,
      ...(routes.public === undefined ? {} : { publicPath: basePath + routes.public.path }),
    },
    ...(scope === undefined ? {} : { scope }),
    routes: routeDemands(config),
    good: good.kind === 'jwt' ? good : opaque,
    keyring,
    genuine: (name) => supply.other(name),
    ...(config.encryption === undefined ? {} : { encryption: config.encryption }),
    served,
    get mark() {
      return (mark ??= newMark(random))
    },
    ...(delaySeconds === undefined ? {} : { delaySeconds }),
    ...(steps === undefined ? {} : { published: steps.published }),
    ...(given === undefined ? {} : { nonce: given }),
    ...(certificate === undefined ? {} : { certificate: new X509Certificate(certificate.cert).raw }),
    random,
  }
}

const routeDemands = ({ target, policy }: Config): NonNullable<Scene['routes']> => {
  const needsAll = routeNamed(target, 'scoped-all')?.scope?.scopes
  const audience = target.routes.protected.audience ?? policy.audiences[0]
  const otherAudience = routeNamed(target, 'other-audience')?.audience
  return {
    ...(needsAll === undefined ? {} : { needsAll }),
    ...(audience === undefined ? {} : { audience }),
    ...(otherAudience === undefined ? {} : { otherAudience }),
  }
}

/** An opaque token has no claims to depart from; whatever needs some is not planned for it. */
const opaque: Scene['good'] = {
  header: {},
  claims: {},
  algorithm: {
    name: 'RS256',
    family: 'rsa',
    padding: 'pkcs1',
    hash: 'sha256',
    sibling: 'RS512',
    twin: 'PS256',
  },
}
