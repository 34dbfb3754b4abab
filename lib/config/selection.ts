import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import Type from 'typebox'
import type { CaseSelection } from './config.ts'
import { duration, milliseconds } from './duration.ts'
import { closed, texts } from './fields.ts'
import { child } from './pointer.ts'
import type { Source } from './source.ts'

const defaults = { maxInconclusive: 0, maxWait: '60s' } as const

export const CasesSection = Type.Object(
  {
    include: Type.Optional(
      texts('Topics, requirement ids, case ids, CASE/VARIANT; none given, all there are', { default: [] }),
    ),
    exclude: Type.Optional(texts('Of these, those to leave out', { default: [] })),
    files: Type.Optional(
      texts('Suite files of your own, relative to this file; `*` stands for any text in the last name', {
        default: [],
      }),
    ),
    require: Type.Optional(texts('Topics and cases that must come to a verdict, or exit 2', { default: [] })),
    maxInconclusive: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'More cases without a verdict than this, and the run could not tell: exit 2',
        default: defaults.maxInconclusive,
      }),
    ),
    maxWait: Type.Optional(
      duration('Cases that would wait longer are not applicable', { default: defaults.maxWait }),
    ),
  },
  { ...closed, description: 'Which cases to run' },
)

export const resolveSelection = (
  at: string,
  input: Type.Static<typeof CasesSection>,
  source: Source,
): CaseSelection => ({
  include: input.include ?? [],
  exclude: input.exclude ?? [],
  files: [
    ...new Set(
      (input.files ?? []).flatMap((pattern, index) =>
        expand(child(child(at, 'files'), index), pattern, source),
      ),
    ),
  ],
  require: input.require ?? [],
  maxInconclusive: input.maxInconclusive ?? defaults.maxInconclusive,
  maxWaitMs: milliseconds(input.maxWait ?? defaults.maxWait),
})

/** The files of a pattern, sorted; a pattern of none is told, since a gate must not shrink unseen. */
const expand = (at: string, pattern: string, source: Source): readonly string[] => {
  const path = source.locate(pattern)
  if (!pattern.includes('*')) return source.read(at, pattern) === undefined ? [] : [path]
  const folder = dirname(path)
  if (folder.includes('*')) {
    source.tell(at, '`*` may stand in the last part of a path only')
    return []
  }
  const found = namesIn(folder).filter((name) => matches(name, basename(path)))
  if (found.length === 0) source.tell(at, `no file matches \`${source.asWritten(at, pattern)}\``)
  return found.map((name) => join(folder, name))
}

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => name)
      .toSorted()
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return []
    throw error
  }
}

/** Like a shell: a leading dot is matched by a dot alone. */
const matches = (name: string, pattern: string): boolean =>
  name.startsWith('.') === pattern.startsWith('.') &&
  new RegExp(`^${pattern.split('*').map(literally).join('.*')}$`).test(name)

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
