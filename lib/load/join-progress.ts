import type { PhaseProgress } from './phase.ts'
import { addSlices, type Slice } from './series.ts'

/**
 * Makes one course of what several threads tell, each by its number. Counts are added; a second is told when all threads
 * have told theirs.
 */
export const joinProgress = (
  threads: number,
  onProgress: (progress: PhaseProgress) => void,
): ((thread: number, progress: PhaseProgress) => void) => {
  const latest = new Map<number, PhaseProgress>()
  const seconds: Slice[][] = Array.from({ length: threads }, () => [])
  let told = 0
  const nextSecond = (): Slice | undefined => {
    const [first, ...more] = seconds.flatMap((each) => each[told] ?? [])
    if (first === undefined || more.length + 1 < threads) return undefined
    told++
    return addSlices([first, ...more])
  }
  return (thread, { second, ...progress }) => {
    latest.set(thread, progress)
    if (second !== undefined) seconds[thread]?.push(second)
    const all = [...latest.values()]
    const sum = (of: (each: PhaseProgress) => number): number =>
      all.reduce((whole, each) => whole + of(each), 0)
    const joint = second === undefined ? undefined : nextSecond()
    onProgress({
      ...progress,
      answered: sum(({ answered }) => answered),
      lost: sum(({ lost }) => lost),
      misjudged: sum(({ misjudged }) => misjudged),
      ...(joint === undefined ? {} : { second: joint }),
    })
  }
}
