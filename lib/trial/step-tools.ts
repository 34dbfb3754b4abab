import type { Config, Policy } from '../config/config.ts'
import type { Scene } from '../forge/scene.ts'
import type { KeySet } from '../serve/key-set.ts'
import { openKeyStore, type KeyStore } from './key-set-stage.ts'
import { sceneOf, type Workshop } from './request-maker.ts'
import type { World } from './world.ts'

/** What cases of several steps are played with. */
export type StepTools = {
  readonly workshop: Workshop
  readonly scene: () => Scene
  readonly policy: Policy
  readonly maxWaitMs: number
  /** The key set that we serve, if it is up. */
  readonly keySet?: KeySet
  readonly keys: KeyStore
  readonly runHook?: World['runHook']
  /** What an earlier case found out for those that follow: what it left behind, and that waiting is in vain. */
  readonly spoilt: { reason?: string; slow?: boolean }
}

/** The tools of a run. */
export const openStepTools = (
  { policy, cases, tokens }: Config,
  workshop: Workshop,
  { keySet, runHook, random }: Pick<World, 'keySet' | 'runHook' | 'random'>,
): StepTools => ({
  workshop,
  scene: () => sceneOf(workshop, workshop.supply.good),
  policy,
  maxWaitMs: cases.maxWaitMs,
  ...(keySet === undefined ? {} : { keySet }),
  keys: openKeyStore(tokens.kind === 'keys' ? tokens.keys[0].alg : 'RS256', random),
  ...(runHook === undefined ? {} : { runHook }),
  spoilt: {},
})

/** Growing, until the gateway had the time to fetch the set again. */
export const restorePausesMs = ({ policy, maxWaitMs }: StepTools): readonly number[] => {
  const limit = (policy.keySet?.maxAgeMs ?? maxWaitMs) + 5_000
  const pauses: number[] = []
  for (let waited = 0, pause = 0; waited <= limit; pause = Math.min(2_000, Math.max(20, pause * 2))) {
    pauses.push(pause)
    waited += Math.max(1, pause)
  }
  return pauses
}
