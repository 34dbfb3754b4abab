import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FeatureInfo, SuiteFile } from './suite.ts'

/** The suites of a folder, read and found sound once, so that a run need not parse and check them again. */
export type CompiledSuites = {
  /** Of every file that they were read from. */
  readonly source: string
  readonly files: readonly { readonly name: string; readonly file: SuiteFile }[]
  readonly features: Readonly<Record<string, FeatureInfo>>
}

/** The digest of all suite files of a folder, by name and content. */
export const sourceOf = (dir: string): string => {
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.ya?ml$/.test(name),
  )
  const hash = createHash('sha256')
  for (const name of names.toSorted())
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(dir, name)))
      .update('\0')
  return hash.digest('hex')
}

/** What was compiled into the file, if it still is what stands in the folder. */
export const readCompiled = (file: string, dir: string): CompiledSuites | undefined => {
  if (!existsSync(file)) return undefined
  const compiled: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return isCompiled(compiled) && compiled.source === sourceOf(dir) ? compiled : undefined
}

/** The build writes the file with the same code that reads it: only what a broken one would lack is looked at. */
const isCompiled = (value: unknown): value is CompiledSuites =>
  typeof value === 'object' && value !== null && 'source' in value && 'files' in value && 'features' in value
