/** What a command takes from the process that it runs in; whole-program tests inject their own. */
export type Terminal = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Results. */
  readonly out: (text: string) => void
  /** Progress and messages. */
  readonly err: (text: string) => void
  readonly outIsTerminal: boolean
  readonly errIsTerminal: boolean
  /** All of standard input. */
  readonly input?: () => string
  /** Puts a question on the terminal; undefined where nobody is there to answer. An empty answer is none. */
  readonly ask?: (question: string) => Promise<string>
  /** Columns of standard output, 80 where it is no terminal. */
  readonly columns: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  readonly random: (bytes: number) => Buffer
  readonly newId: () => string
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
}

/** Colour only on a terminal whose user has not said no (NO_COLOR). */
export const wantsColor = ({ outIsTerminal, env }: Terminal): boolean =>
  outIsTerminal && (env.NO_COLOR === undefined || env.NO_COLOR === '') && env.TERM !== 'dumb'

/** The user's call or files are wrong: told without a stack, exit 64. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
