import { randomBytes, randomUUID } from 'node:crypto'
import { run } from './main.ts'
import type { Terminal } from './terminal.ts'

export type Told = { readonly code: number; readonly out: string; readonly err: string }

/** Runs a command line in a folder, in a process that is none: 80 columns, no terminal, no environment. */
export const runIn = async (
  cwd: string,
  args: readonly string[],
  changes: Partial<Terminal> = {},
): Promise<Told> => {
  let out = ''
  let err = ''
  const code = await run(args, {
    env: {},
    cwd,
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 80,
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    random: (bytes) => randomBytes(bytes),
    newId: () => randomUUID(),
    signal: new AbortController().signal,
    ...changes,
  })
  return { code, out, err }
}
