import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runHook } from './hook.ts'

const folder = mkdtempSync(join(tmpdir(), 'hook-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a hook gets its input, and is known by its exit code', async () => {
  const file = join(folder, 'input')
  const copy = `process.stdin.pipe(require('fs').createWriteStream(${JSON.stringify(file)}))`
  expect(await runHook([process.execPath, '-e', copy], 'a.b.c', 5_000)).toBe(true)
  expect(readFileSync(file, 'utf8')).toBe('a.b.c')
  expect(await runHook([process.execPath, '-e', 'process.exit(3)'], '', 5_000)).toBe(false)
})

test('a hook that is not there, or does not end, has failed', async () => {
  expect(await runHook([join(folder, 'nowhere')], '', 5_000)).toBe(false)
  expect(await runHook([process.execPath, '-e', 'setInterval(() => {}, 1000)'], 'x', 200)).toBe(false)
})
