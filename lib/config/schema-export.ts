import { GateproofFile } from './schema.ts'
import { SuiteFile } from './suite.ts'

/** The JSON Schemas for editors, as the texts of the files in config/schema. */
export const exportedSchemas = (): Readonly<
  Record<'gateproof.schema.json' | 'suite.schema.json', string>
> => ({
  'gateproof.schema.json': schemaText(GateproofFile, 'gateproof.yaml'),
  'suite.schema.json': schemaText(SuiteFile, 'A suite of gateproof: one requirement and its cases'),
})

/** Draft 7 is what the editors' language servers know best; nothing newer is used. */
const schemaText = (schema: object, title: string): string =>
  `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', title, ...schema }, null, 2)}\n`
