import type { PhaseProgress } from '../load/phase.ts'
import { addSlices, type Slice } from '../load/series.ts'
import { formatCount, formatMs, formatRate } from '../report/numbers.ts'
import type { Terminal } from './terminal.ts'

/** One line on stderr that is written over, on a terminal alone. */
export type Progress = { show(text: string): void; clear(): void }

export const createProgress = (terminal: Terminal, quiet: boolean): Progress => {
  const live = terminal.errIsTerminal && !quiet
  let last = 0
  return {
    show(text) {
      if (!live || terminal.now() - last < leastMs) return
      last = terminal.now()
      terminal.err(`\r\u001b[K${text.slice(0, terminal.columns - 1)}`)
    },
    clear() {
      if (live) terminal.err('\r\u001b[K')
    },
  }
}

/** Often enough for an eye, seldom enough for a slow terminal. */
const leastMs = 80

/** What is seen of a load run while it lasts: a line each second on a terminal, elsewhere one every ten seconds. */
export const createLoadProgress = (
  terminal: Terminal,
  quiet: boolean,
): { readonly show: (progress: PhaseProgress) => void; readonly clear: () => void } => {
  const stage = createProgress(terminal, quiet)
  const every = terminal.errIsTerminal ? 1 : 10
  let seconds: Slice[] = []
  return {
    show: ({ name, stage: which, answered, second }) => {
      if (second === undefined) {
        stage.show(`load: ${name}, ${which}, ${answered} answers`)
        return
      }
      const [first, ...more] = [...seconds, second]
      seconds = [first, ...more]
      if (quiet || seconds.length < every) return
      stage.clear()
      terminal.err(`${lineOf(name, addSlices([first, ...more]), second)}\n`)
      seconds = []
    },
    clear: () => stage.clear(),
  }
}

/** Rates are of the time that the slices took together, since they follow one another. */
const lineOf = (name: string, slice: Slice, last: Slice): string => {
  const endMs = last.atMs + last.ms
  const perSecond = (slice.judged / Math.max(1, endMs - slice.atMs)) * 1000
  const { p50, p99 } = slice.latencyMs
  return [
    `${name} ${Math.round(endMs / 1000)} s`.padEnd(16),
    formatRate(perSecond).padStart(9),
    `p50 ${formatMs(p50)}`.padEnd(13),
    `p99 ${formatMs(p99)}`.padEnd(13),
    `errors ${formatCount(slice.errors)}`,
    `misjudged ${formatCount(slice.misjudged)}`,
  ].join('  ')
}
