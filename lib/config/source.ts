import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { FaultList, Tell } from './fault-list.ts'
import { ConfigError } from './fault.ts'

/** What a section of the configuration is resolved with: the files that it names, and where to tell what is wrong. */
export type Source = {
  readonly tell: Tell
  /** Has the node a fault already, so that nothing can be said of its absence? */
  readonly isFaulty: (at: string) => boolean
  /** The absolute path of a file that the configuration names. */
  readonly locate: (name: string) => string
  /** The text of such a file; one that cannot be read is told at the node that names it. */
  readonly read: (at: string, name: string) => string | undefined
  /** How the file spells the text of a node: with its variables' names and not with their values. */
  readonly asWritten: (at: string, text: string) => string
}

/** The source for sections of `file`, an absolute path. `written` holds the texts that variables were filled into. */
export const createSource = (file: string, list: FaultList, written: ReadonlyMap<string, string>): Source => {
  const locate = (name: string): string => resolve(dirname(file), name)
  const asWritten = (at: string, text: string): string => written.get(at) ?? text
  return {
    tell: list.tell,
    isFaulty: list.isMuted,
    locate,
    asWritten,
    read: (at, name) => {
      const read = readText(locate(name))
      if (read.ok) return read.text
      list.tell(at, `cannot read \`${asWritten(at, name)}\`: ${read.why}`)
      return undefined
    },
  }
}

/** Reads a file that the user names on the command line, called as it is there. Throws a ConfigError. */
export const readNamed = (name: string, path: string, hint?: string): string => {
  const read = readText(path)
  if (read.ok) return read.text
  throw new ConfigError([
    { file: name, message: `cannot be read: ${read.why}`, ...(hint !== undefined && { hint }) },
  ])
}

type Reading = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string }

const readText = (path: string): Reading => {
  try {
    return { ok: true, text: readFileSync(path, 'utf8') }
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? reasons.get(error.code) : undefined
    if (why === undefined) throw error
    return { ok: false, why }
  }
}

/** System errors that the user can mend. */
const reasons = new Map<unknown, string>([
  ['ENOENT', 'there is no such file'],
  ['ENOTDIR', 'a folder on the way to it is a file'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['ELOOP', 'its symbolic links run in a circle'],
  ['ENAMETOOLONG', 'its name is too long'],
])
