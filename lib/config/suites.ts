import { readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { digestOf } from './canonical.ts'
import { sourceOf, type CompiledSuites } from './compiled-suites.ts'
import { listFaults, type FaultList, type Tell } from './fault-list.ts'
import { ConfigError, type Fault } from './fault.ts'
import { readFeatures } from './features.ts'
import { readNamed } from './source.ts'
import { checkSuiteFile, tellAcrossFiles, topicOf, type Origin } from './suite-check.ts'
import {
  SuiteFile,
  topics,
  type CatalogueCase,
  type Requirement,
  type Suite,
  type SuiteCase,
} from './suite.ts'
import { validate } from './validate.ts'
import { readYaml } from './yaml.ts'

/** The version of the suites that come with gateproof; reports record it. */
export const suiteVersion = '1.0'

/**
 * Reads the suites of `dir` (`<topic>/<name>.yaml`, `features.yaml`) and the user's own files. Throws a ConfigError
 * with all that is wrong in any of them. What is in `compiled` is not read again.
 */
export const loadSuites = (dir: string, userFiles: readonly string[], compiled?: CompiledSuites): Suite => {
  const { suites, features } = readSuites(dir, userFiles, compiled)
  return suiteOf(suites, features)
}

/** What `loadSuites` takes instead of the folder. Throws a ConfigError with all that is wrong in it. */
export const compileSuites = (dir: string): CompiledSuites => {
  const source = sourceOf(dir)
  const { suites, features } = readSuites(dir, [])
  return { source, files: suites.map(({ name, file }) => ({ name, file })), features }
}

type Read = { readonly suites: readonly OpenFile[]; readonly features: Suite['features'] }
type OpenFile = { readonly name: string; readonly file: SuiteFile; readonly tell: Tell }

const readSuites = (dir: string, userFiles: readonly string[], compiled?: CompiledSuites): Read => {
  const own = userFiles.map(ownFile)
  const { files, strays } = compiled === undefined ? catalogue(dir) : { files: [], strays: [] }
  const features =
    compiled === undefined
      ? open('features.yaml', join(dir, 'features.yaml'), readFeatures)
      : { value: compiled.features, faults: [] }
  const known = features.faults.length === 0 ? new Set(Object.keys(features.value ?? {})) : undefined
  const opened = [...files, ...own].map(({ name, path, origin }) =>
    open(name, path, (value, list) => {
      const file = validate(SuiteFile, value, list)
      if (file !== undefined) checkSuiteFile(file, origin, known, list.tell)
      return file && { name, file, tell: list.tell }
    }),
  )
  const sound = (compiled?.files ?? []).map((one) => ({ ...one, tell: () => undefined }))
  const suites = [...sound, ...opened.flatMap(({ value }) => value ?? [])]
  tellAcrossFiles(suites)
  const faults = [...strays, ...[features, ...opened].flatMap((one) => one.faults)]
  if (faults.length > 0 || features.value === undefined) throw new ConfigError(faults)
  return { suites, features: features.value }
}

/** A suite file that is still to be read: what to call it, where it is, and whose it is. */
type Entry = { readonly name: string; readonly path: string; readonly origin: Origin }

/** The suite files of a folder, and what lies there where no suite would be looked for. */
const catalogue = (dir: string): { readonly files: readonly Entry[]; readonly strays: readonly Fault[] } => {
  const entries = readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map(({ parentPath, name }) => ({
      path: join(parentPath, name),
      parts: [...below(dir, parentPath), name],
    }))
    .filter(({ parts }) => !['features.yaml', 'omitted.yaml'].includes(parts.join('/')))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const isSuite = ({ parts: [topic, name, ...deeper] }: (typeof entries)[number]): boolean =>
    topics.some((one) => one === topic) && name?.endsWith('.yaml') === true && deeper.length === 0
  return {
    files: entries.filter(isSuite).map(({ path, parts }) => ({
      path,
      name: parts.join('/'),
      origin: { kind: 'catalogue', id: parts.join('.').slice(0, -'.yaml'.length) },
    })),
    strays: entries
      .filter((entry) => !isSuite(entry))
      .map(({ parts }) => ({
        file: parts.join('/'),
        message: 'a suite file stands in the folder of a topic, as NAME.yaml',
      })),
  }
}

const below = (dir: string, folder: string): readonly string[] =>
  relative(dir, folder)
    .split(sep)
    .filter((part) => part !== '')

const ownFile = (path: string): Entry => ({ name: path, path, origin: { kind: 'own' } })

/** A file's content, and its faults: live, since some show only beside the other files. */
type Opened<Content> = { readonly faults: readonly Fault[]; readonly value?: Content }

const open = <Content>(
  name: string,
  path: string,
  read: (value: unknown, list: FaultList) => Content | undefined,
): Opened<Content> => {
  try {
    const document = readYaml(name, readNamed(name, path))
    const list = listFaults(document)
    const value = read(document.value, list)
    return { faults: list.faults, ...(value !== undefined && { value }) }
  } catch (error) {
    if (error instanceof ConfigError) return { faults: error.faults }
    throw error
  }
}

const suiteOf = (
  suites: readonly { readonly name: string; readonly file: SuiteFile }[],
  features: Suite['features'],
): Suite => {
  const contents = suites.map(({ file }) => file).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return {
    version: suiteVersion,
    digest: digestOf({ version: suiteVersion, requirements: contents, features }),
    requirements: suites.flatMap(({ name, file }) => requirementOf(name, file)),
    features,
  }
}

const requirementOf = (name: string, { features, advisories, cases, ...file }: SuiteFile): Requirement[] => {
  const topic = topicOf(file.id)
  if (topic === undefined) return []
  return [
    {
      ...file,
      topic,
      features: features ?? [],
      advisories: advisories ?? [],
      file: name,
      cases: cases.map(withDigest),
    },
  ]
}

/** The digest is of what is sent and expected, so that better words make no other case of it. */
const withDigest = (one: SuiteCase): CatalogueCase => {
  const { deviation, steps, load, times, variants, expect } = one
  return { ...one, digest: digestOf({ deviation, steps, load, times, variants, expect }).slice(0, 16) }
}
