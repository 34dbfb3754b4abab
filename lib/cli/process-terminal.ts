import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { askOn } from './ask.ts'
import type { Terminal } from './terminal.ts'

/** The terminal of a real process; `signal` calls off what runs. */
export const terminalOf = (process: NodeJS.Process, signal: AbortSignal): Terminal => ({
  env: process.env,
  cwd: process.cwd(),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  outIsTerminal: process.stdout.isTTY,
  errIsTerminal: process.stderr.isTTY,
  input: () => readFileSync(process.stdin.fd, 'utf8'),
  ...(process.stdin.isTTY && process.stderr.isTTY && { ask: askOn(process, signal) }),
  columns: process.stdout.isTTY ? process.stdout.columns : 80,
  now: () => Date.now(),
  sleep: (ms) => delay(ms, undefined, { signal }).catch(() => undefined),
  random: (bytes) => randomBytes(bytes),
  newId: () => randomUUID(),
  signal,
})
