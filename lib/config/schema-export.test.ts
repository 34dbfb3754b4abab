import { Ajv } from 'ajv'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { smallConfig } from '../../test/fixtures/config-folder.ts'
import { exportedSchemas } from './schema-export.ts'

const schemas = Object.entries(exportedSchemas())
const suites = fileURLToPath(new URL('../../suites/', import.meta.url))

test.each(schemas)(
  'config/schema/%s is in step with the code (else: npx vitest run lib/config/schema-export.test.ts -u)',
  async (name, text) => {
    await expect(text).toMatchFileSnapshot(`../../config/schema/${name}`)
  },
)

test('the exported schemas know what is right', () => {
  const ajv = new Ajv({ strict: false, allErrors: true })
  const [config, suite] = schemas.map(([, text]) => ajv.compile(JSON.parse(text)))
  expect(config!(parse(smallConfig))).toBe(true)
  expect(config!(parse(smallConfig.replace('routes', 'routs')))).toBe(false)
  const file = readdirSync(suites, { recursive: true, encoding: 'utf8' }).find((name) =>
    /\/.*\.yaml$/.test(name),
  )!
  expect(suite!(parse(readFileSync(suites + file, 'utf8')))).toBe(true)
})

type Schema = { description?: string; properties?: Record<string, Schema>; anyOf?: Schema[]; items?: Schema }

const undescribed = (schema: Schema, path: string): string[] => [
  ...Object.entries(schema.properties ?? {}).flatMap(([key, property]) => [
    ...(property.description === undefined ? [`${path}.${key}`] : []),
    ...undescribed(property, `${path}.${key}`),
  ]),
  ...[...(schema.anyOf ?? []), ...(schema.items === undefined ? [] : [schema.items])].flatMap((part) =>
    undescribed(part, path),
  ),
]

test('every key of gateproof.yaml says what it is for', () => {
  expect(undescribed(JSON.parse(exportedSchemas()['gateproof.schema.json']), '')).toEqual([])
})
