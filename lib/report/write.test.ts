import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { formats } from '../config/config.ts'
import { richReport } from '../../test/fixtures/report.ts'
import { renderers, writeReport } from './write.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateproof-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('writes each chosen format under its name, and nothing else', async () => {
  const dir = join(folder, 'new/reports')
  const paths = await writeReport(richReport, { dir, formats })
  const names = ['report.json', 'report.html', 'junit.xml', 'report.sarif', 'summary.md']
  expect(paths).toEqual(names.map((name) => join(dir, name)))
  expect(await readdir(dir)).toEqual(names.toSorted())
  expect(await readFile(join(dir, 'report.json'), 'utf8')).toBe(renderers.json.render(richReport))
})

it('replaces what an earlier run has written', async () => {
  await writeFile(join(folder, 'summary.md'), 'old')
  await writeReport(richReport, { dir: folder, formats: ['markdown', 'markdown'] })
  expect(await readFile(join(folder, 'summary.md'), 'utf8')).toBe(renderers.markdown.render(richReport))
})

it('says so where it cannot write, and leaves nothing half done', async () => {
  await writeFile(join(folder, 'file'), '')
  await expect(writeReport(richReport, { dir: join(folder, 'file'), formats: ['json'] })).rejects.toThrow(
    /EEXIST|ENOTDIR/,
  )
  expect(await readdir(folder)).toEqual(['file'])
})
