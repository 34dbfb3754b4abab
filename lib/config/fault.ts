/** Where something stands in a text; both count from one. */
export type Place = { readonly line: number; readonly column: number }

/** One mistake in a file of the user's, and what would be right. */
export type Fault = {
  /** As the user named it. */
  readonly file: string
  readonly line?: number
  readonly column?: number
  /** The node, as people write it: `target.routes.protected`. */
  readonly path?: string
  readonly message: string
  readonly hint?: string
}

/** The user's files are wrong (exit 64): all their faults at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super(faults.map(({ message }) => message).join('; '))
    this.faults = faults
  }
}

/** A line `file:line:column: message` a fault, its hint below it, in the order of the files' texts; each fault once. */
export const formatFaults = ({ faults }: ConfigError): string =>
  [...new Set(faults.toSorted(byPosition).map(formatFault))].join('\n')

const byPosition = (a: Fault, b: Fault): number =>
  a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)

const formatFault = ({ file, line, column, message, hint }: Fault): string => {
  const where = [file, line, column].filter((part) => part !== undefined).join(':')
  return [`${where}: ${message}`, ...(hint === undefined ? [] : [`    ${hint}`])].map(printable).join('\n')
}

/** What stands in a file must not steer the terminal. */
const printable = (text: string): string => text.replace(/\p{Cc}/gu, '?')
