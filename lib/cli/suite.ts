import type { Config } from '../config/config.ts'
import { readCompiled } from '../config/compiled-suites.ts'
import { checkEnforces } from '../config/enforces.ts'
import { ConfigError } from '../config/fault.ts'
import { topics, type Suite } from '../config/suite.ts'
import { loadSuites } from '../config/suites.ts'
import { unknownTags } from '../forge/value.ts'
import { checkWaivers } from '../config/waivers.ts'
import { mismatchKinds } from '../judge/verdict.ts'
import { selectionFaults } from '../plan/plan.ts'
import { nearest } from '../config/nearest.ts'
import { UsageError } from './terminal.ts'
import { fileURLToPath } from 'node:url'

const shipped = fileURLToPath(new URL('../../suites/', import.meta.url))
/** Written by the build, and not there where the sources are run. */
const compiledFile = fileURLToPath(new URL('../suites.json', import.meta.url))

/** The suites that come with gateproof, and the user's own. */
export const openSuite = (userFiles: readonly string[]): Suite => {
  const suite = loadSuites(shipped, userFiles, readCompiled(compiledFile, shipped))
  for (const { file, cases } of suite.requirements)
    for (const { id, deviation, variants, steps } of cases) {
      const [tag] = unknownTags([deviation, variants, steps])
      if (tag !== undefined)
        throw new UsageError(
          `${file}: ${id}: there is no tagged value \`${tag}\` (suites/README.md lists them)`,
        )
    }
  return suite
}

/** Throws a UsageError where a selection names what is not there. */
export const checkSelection = (suite: Suite, names: readonly string[]): void => {
  const [fault] = selectionFaults(suite, names)
  if (fault === undefined) return
  const known = suite.requirements.flatMap((one) => [one.topic, one.id, ...one.cases.map(({ id }) => id)])
  const near = nearest(fault.name, known)
  throw new UsageError(`${fault.message}${near === undefined ? '' : `; did you mean \`${near}\`?`}`)
}

/** Throws a ConfigError where a configuration names what the suites do not have. */
export const checkAgainstSuite = (config: Config, suite: Suite): void => {
  const faults = [
    ...checkEnforces(config, suite.features),
    ...checkWaivers(config, {
      cases: new Set(suite.requirements.flatMap(({ cases }) => cases.map(({ id }) => id))),
      topics: new Set(topics),
      kinds: mismatchKinds,
    }),
  ]
  if (faults.length > 0) throw new ConfigError(faults)
}
