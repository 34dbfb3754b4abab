import type { Config } from '../config/config.ts'
import { marginWithoutOffsetSeconds, type ClockOffset } from '../exchange/clock.ts'
import { createSupply } from '../forge/supply.ts'
import type { Gathered } from './gather.ts'
import type { MakeRequest } from './job.ts'
import { requestMaker, type Workshop } from './prepare.ts'
import type { World } from './world.ts'

/** The forge of a run, whose clock follows the target's. */
export type Shop = {
  readonly workshop: Workshop
  readonly make: MakeRequest
  setClock(offset: ClockOffset | undefined): void
}

/** Opens the forge with what was gathered. */
export const openShop = (
  config: Config,
  { issued, keyring }: Gathered,
  io: Pick<World, 'now' | 'newId' | 'random' | 'listener' | 'keySet'>,
): Shop => {
  let clock: ClockOffset | undefined
  const now = () => Math.floor(io.now() / 1000 + (clock?.offsetSeconds ?? 0))
  const workshop: Workshop = {
    config,
    keyring,
    supply: createSupply(config, issued, { now, newId: () => io.newId() }),
    unrouted: `${config.target.basePath}/gateproof-${io.random(6).toString('hex')}`,
    served: {
      ...(io.listener === undefined ? {} : { listener: io.listener.url }),
      ...(io.keySet === undefined ? {} : { keySet: io.keySet.url }),
    },
    now,
    marginSeconds: () => clock?.marginSeconds ?? marginWithoutOffsetSeconds,
    random: (bytes) => io.random(bytes),
  }
  return {
    workshop,
    make: requestMaker(workshop),
    setClock: (offset) => {
      clock = offset
    },
  }
}
