import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fail, judged, loadFrom, pass, reportOf } from '../report/compare/fixture.ts'
import { renderJson } from '../report/json.ts'
import { runIn } from './fixture.ts'

let cwd: string

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'gateproof-compare-'))
  const load = loadFrom({ median: 500, requests: 200_000, seed: 1 })
  const again = loadFrom({ median: 500, requests: 200_000, seed: 2 })
  const slow = loadFrom({ median: 800, requests: 200_000, seed: 3 })
  const cases = [judged('aud-a', pass), judged('aud-b', pass)]
  const reports = {
    before: { ...reportOf('staging', cases), load },
    same: { ...reportOf('staging', cases), load: again },
    slower: { ...reportOf('staging', cases), load: slow },
    open: { ...reportOf('staging', [judged('aud-a', fail('let-in')), judged('aud-b', pass)]), load: again },
    shrunk: { ...reportOf('staging', cases.slice(1)), load: again },
    stranger: reportOf('other', [judged('aud-z', pass)]),
  }
  for (const [name, report] of Object.entries(reports))
    writeFileSync(join(cwd, `${name}.json`), renderJson(report))
  writeFileSync(join(cwd, 'none.json'), '{}')
})
afterAll(() => {
  rmSync(cwd, { recursive: true, force: true })
})

const compare = (...args: readonly string[]) => runIn(cwd, ['compare', ...args])

it('sets reports side by side, and ends with 0 whatever they say', async () => {
  const { code, out, err } = await compare('before.json', 'open.json')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/1 judged differently/)
  expect(out).toMatch(/✓ pass: before\.json \(staging\)/)
  expect(out.split('\n').filter((line) => Array.from(line).length > 80)).toEqual([])
})

it.each([
  ['same.json', 0, /no worse than the baseline/],
  ['slower.json', 1, /✕ worse {2}phase constant: p50/],
  ['open.json', 1, /✕ worse {2}aud-a/],
  ['shrunk.json', 2, /pass before, and not judged now: it was not run/],
])('holds %s against a baseline, and ends with %d', async (file, exit, words) => {
  const { code, out } = await compare('--baseline', 'before.json', file, '--tolerance', '15%')
  expect(out).toMatch(words)
  expect(code).toBe(exit)
})

it('takes several baselines, whose spread is noise', async () => {
  expect(
    (await compare('--baseline', 'before.json,slower.json', 'slower.json', '--tolerance', '15')).code,
  ).toBe(2)
})

it('tolerates as much as it is told to', async () => {
  expect((await compare('--baseline', 'before.json', 'slower.json', '--tolerance', '90')).code).toBe(0)
})

it.each([
  [['before.json'], /two reports or more/],
  [['--baseline', 'before.json'], /missing required argument/],
  [['before.json', 'none.json'], /none\.json is no report/],
  [['before.json', 'nowhere.json'], /nowhere\.json/],
  [['before.json', 'stranger.json'], /nothing is comparable/],
  [['before.json', 'same.json', '--tolerance', 'much'], /percentage/],
  [['before.json', 'same.json', '--format', 'pdf'], /html, markdown, terminal/],
])('refuses %j with 64', async (args, words) => {
  const { code, out, err } = await compare(...args)
  expect(code).toBe(64)
  expect(out + err).toMatch(words)
})

it('prints a page, or writes both', async () => {
  expect((await compare('before.json', 'open.json', '--format', 'markdown')).out).toMatch(
    /^## 2 reports compared/,
  )
  expect((await compare('before.json', 'open.json', '--format', 'html')).out).toMatch(/^<!doctype html>/)
  const { out } = await compare('before.json', 'open.json', '--out', 'pages')
  expect(out).toMatch(/Written\n {2}pages\/compare\.html\n {2}pages\/compare\.md\n/)
  expect(readFileSync(join(cwd, 'pages', 'compare.html'), 'utf8')).toMatch(/<h2>Differences<\/h2>/)
  await compare('before.json', 'open.json', '--out', 'one', '--format', 'markdown')
  expect(existsSync(join(cwd, 'one', 'compare.md'))).toBe(true)
  expect(existsSync(join(cwd, 'one', 'compare.html'))).toBe(false)
})
