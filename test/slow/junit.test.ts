import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { renderJunit } from '../../lib/report/junit.ts'
import * as reports from '../fixtures/report.ts'

const schema = join(import.meta.dirname, '../fixtures/junit.xsd')

/** By a parser that is not ours. Without xmllint these tests fail: nothing is passed over in silence. */
it.each(['richReport', 'cleanReport', 'partialReport', 'loadReport', 'hostileReport'] as const)(
  'writes JUnit XML of the %s that keeps to its schema',
  (name) => {
    const check = () =>
      execFileSync('xmllint', ['--noout', '--nonet', '--schema', schema, '-'], {
        input: renderJunit(reports[name]),
        stdio: ['pipe', 'pipe', 'pipe'],
      })
    expect(check).not.toThrow()
  },
)
