import { mostFetches } from './fetch-bound.ts'
import type { StepTools } from './step-tools.ts'
import type { Exchanges } from './trial.ts'

/** Counts the fetches of the key set from now on; what it gives tells them, as far as time going by does not explain them. */
export const watchFetches = ({
  keySet,
  policy,
}: Pick<StepTools, 'keySet' | 'policy'>): (() => Pick<Exchanges, 'fetches'>) => {
  if (keySet === undefined) return () => ({})
  const before = keySet.counted('keys')
  const started = performance.now()
  return () => {
    const counted = keySet.counted('keys') - before
    return { fetches: Math.max(0, counted - mostFetches({ atMost: 0 }, policy, performance.now() - started)) }
  }
}
