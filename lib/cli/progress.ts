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
