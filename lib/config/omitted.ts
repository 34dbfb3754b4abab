import { join } from 'node:path'
import Type from 'typebox'
import { listFaults } from './fault-list.ts'
import { ConfigError } from './fault.ts'
import { readNamed } from './source.ts'
import { validate } from './validate.ts'
import { readYaml } from './yaml.ts'

const OmittedFile = Type.Array(
  Type.Object(
    {
      id: Type.String({ minLength: 1, description: 'The row of the catalogue' }),
      same: Type.Optional(Type.String({ minLength: 1, description: 'The case that it turned out to be' })),
      reason: Type.String({ minLength: 1 }),
    },
    { additionalProperties: false },
  ),
)

/** A row of the catalogue that is no case of its own. */
export type Omitted = Type.Static<typeof OmittedFile>[number]

/** What `omitted.yaml` in the folder of the suites says. Throws a ConfigError with all that is wrong in it. */
export const readOmitted = (dir: string): readonly Omitted[] => {
  const document = readYaml('omitted.yaml', readNamed('omitted.yaml', join(dir, 'omitted.yaml')))
  const list = listFaults(document)
  const omitted = validate(OmittedFile, document.value, list)
  if (omitted === undefined || list.faults.length > 0) throw new ConfigError(list.faults)
  return omitted
}
