import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readOmitted } from '../lib/config/omitted.ts'
import { loadSuites } from '../lib/config/suites.ts'

const dir = fileURLToPath(new URL('../suites/', import.meta.url))
const ids = loadSuites(dir, []).requirements.flatMap(({ cases }) => cases.map(({ id }) => id))
const omitted = readOmitted(dir)
const catalogue = readFileSync(new URL('./catalogue-ids.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')

describe('the catalogue', () => {
  it('is accounted for: each row is a case, or is omitted with a reason', () => {
    const accounted = new Set([...ids, ...omitted.map(({ id }) => id)])
    expect(catalogue.filter((id) => !accounted.has(id))).toEqual([])
  })

  it('has every case, and nothing twice', () => {
    const known = new Set(catalogue)
    expect([...ids, ...omitted.map(({ id }) => id)].filter((id) => !known.has(id))).toEqual([])
    expect(omitted.filter(({ id }) => ids.includes(id))).toEqual([])
    expect(new Set(catalogue).size).toBe(catalogue.length)
  })

  it('omits few rows, and names the case that another turned out to be', () => {
    expect(omitted.length).toBeLessThanOrEqual(30)
    expect(omitted.filter(({ same }) => same !== undefined && !ids.includes(same))).toEqual([])
  })
})
