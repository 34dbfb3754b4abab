import { describe, expect, it } from 'vitest'
import type { LoadCase } from './load-case.ts'
import { asksCost } from './load-case.ts'
import { checkSuiteFile, tellAcrossFiles } from './suite-check.ts'
import type { SuiteCase, SuiteFile } from './suite.ts'

const fileWith = (...cases: readonly Partial<SuiteCase>[]): SuiteFile => ({
  id: 'load.example',
  title: 'An example',
  spec: { document: 'RFC 7519', section: '4.1.4' },
  level: 'must',
  cases: cases.map((one, index) => ({ id: `case-${index}`, title: 'One', expect: 'accept', ...one })),
})

const faultsOf = (file: SuiteFile): readonly string[] => {
  const faults: string[] = []
  const tell = (at: string, message: string): void => void faults.push(`${at}: ${message}`)
  checkSuiteFile(file, { kind: 'catalogue', id: 'load.example' }, new Set(), tell)
  tellAcrossFiles([{ name: 'load/example.yaml', file, tell }])
  return faults
}

const load = (mix: LoadCase['mix'] = { valid: 1 }): LoadCase => ({ mix, check: ['no-false-accept'] })

describe('a case with `load`', () => {
  it('mixes roles, cases and their variants', () => {
    expect(
      faultsOf(fileWith({ load: load({ valid: 1, next: 1, 'case-1': 2, 'case-1/None': 1 }) }, {})),
    ).toEqual([])
  })

  it('mixes nothing that is no case', () => {
    expect(faultsOf(fileWith({ load: load({ 'case-9': 1 }) }))).toEqual([
      expect.stringContaining('/cases/0/load/mix/case-9: `case-9` is neither one of valid,'),
    ])
  })

  it('has nothing else to send', () => {
    expect(faultsOf(fileWith({ load: load(), deviation: { carry: 'none' } }))).toEqual([
      expect.stringContaining('/cases/0/load: a case with `load`'),
    ])
  })

  it('asks what validation costs where a check is about that', () => {
    expect(asksCost(load())).toBe(false)
    expect(asksCost({ check: [{ 'reports-difference': ['validation'] }] })).toBe(true)
    expect(asksCost({ check: [{ 'bounded-slowdown': { atMost: 2 } }] })).toBe(false)
  })
})
