import type { Config } from '../config/config.ts'
import { marginWithoutOffsetSeconds, type ClockOffset } from '../exchange/clock.ts'
import { baitAt } from '../forge/bait.ts'
import { confirmationOf } from '../forge/binding.ts'
import { createSupply } from '../forge/supply.ts'
import type { Listener } from '../serve/listener.ts'
import { urlOf } from '../serve/open.ts'
import type { Gathered } from './gather.ts'
import type { MakeRequest } from './job.ts'
import { requestMaker, sceneOf, type Workshop } from './request-maker.ts'
import type { World } from './world.ts'

/** The forge of a run, whose clock follows the target's. */
export type Shop = {
  readonly workshop: Workshop
  readonly make: MakeRequest
  setClock(offset: ClockOffset | undefined): void
  /** The nonce that DPoP proofs have from now on. */
  setNonce(nonce: string): void
}

/** Opens the forge with what was gathered. */
export const openShop = (
  config: Config,
  { issued, keyring }: Gathered,
  io: Pick<World, 'now' | 'newId' | 'random' | 'listener' | 'keySet' | 'upstream'>,
): Shop => {
  let clock: ClockOffset | undefined
  let nonce: string | undefined
  const now = () => Math.floor(io.now() / 1000 + (clock?.offsetSeconds ?? 0))
  const { listener } = config.serve
  // A case can be shown where nothing is up.
  const listenerUrl = io.listener?.url ?? (listener && urlOf(listener))
  const workshop: Workshop = {
    config,
    keyring,
    supply: createSupply(config, issued, {
      now,
      newId: () => io.newId(),
      random: (bytes) => io.random(bytes),
      cnf: confirmationOf(config.binding, keyring.binding),
    }),
    unrouted: `${config.target.basePath}/gateproof-${io.random(6).toString('hex')}`,
    served: {
      ...(listenerUrl === undefined ? {} : { listener: listenerUrl }),
      ...(io.keySet === undefined ? {} : { keySet: io.keySet.url }),
      ...(io.upstream?.url === undefined ? {} : { upstream: io.upstream.url }),
    },
    now,
    nonce: () => nonce,
    marginSeconds: () => clock?.marginSeconds ?? marginWithoutOffsetSeconds,
    random: (bytes) => io.random(bytes),
  }
  if (io.listener !== undefined) bait(io.listener, workshop)
  return {
    workshop,
    make: requestMaker(workshop),
    setClock: (offset) => {
      clock = offset
    },
    setNonce: (given) => {
      nonce = given
    },
  }
}

/** Has the listener serve the attacker's key, in the place of the one that signs good tokens. */
const bait = (listener: Listener, workshop: Workshop): void => {
  const { supply, keyring, now } = workshop
  const { good } = sceneOf(workshop, supply.good)
  const { algorithm, header } = good
  const { url } = listener
  listener.serve((path) => baitAt(path, { url, keyring, algorithm, kid: header.kid, now: now() }))
}
