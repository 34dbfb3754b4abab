import { cpSync, mkdtempSync, rmSync, writeFileSync, appendFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCompiled, type CompiledSuites } from './compiled-suites.ts'
import { compileSuites, loadSuites } from './suites.ts'

const shipped = fileURLToPath(new URL('../../suites/', import.meta.url))
let folder: string
let suites: string
let file: string
let compiled: CompiledSuites
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'compiled-'))
  suites = join(folder, 'suites')
  file = join(folder, 'suites.json')
  cpSync(shipped, suites, { recursive: true })
  compiled = compileSuites(suites)
})
afterAll(() => rmSync(folder, { recursive: true }))

const write = (value: unknown): void => writeFileSync(file, JSON.stringify(value))

describe('compiled suites', () => {
  it('are the suites that were read', () => {
    write(compiled)
    expect(loadSuites(suites, [], readCompiled(file, suites))).toEqual(loadSuites(suites, []))
  })

  it('stand beside files of the user’s own, which are checked as ever', () => {
    write(compiled)
    const own = join(folder, 'own.yaml')
    writeFileSync(own, 'id: audience.exact-match\ntitle: A title\n')
    const load = (): unknown => loadSuites(suites, [own], readCompiled(file, suites))
    expect(load).toThrow('missing key `spec`')
  })

  it.each<[string, () => void]>([
    ['there is no file', () => rmSync(file, { force: true })],
    ['the file is something else', () => write([])],
    ['the source was another', () => write({ ...compiled, source: 'other' })],
    [
      'a suite has changed since',
      () => {
        write(compiled)
        appendFileSync(join(suites, 'audience', 'exact-match.yaml'), '\n')
      },
    ],
  ])('are not taken where %s', (_, change) => {
    change()
    expect(readCompiled(file, suites)).toBeUndefined()
  })
})
