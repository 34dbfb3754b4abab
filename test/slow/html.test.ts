import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { comparisonOf } from '../../lib/report/compare/fixture.ts'
import { renderComparisonHtml } from '../../lib/report/compare/html.ts'
import { renderHtml } from '../../lib/report/html.ts'
import { hostileReport, loadReport, richReport } from '../fixtures/report.ts'

/** The page in a real browser. Without Chromium these tests fail: nothing is passed over in silence. */

const pages: Readonly<Record<string, string>> = {
  rich: renderHtml(richReport),
  hostile: renderHtml(hostileReport),
  load: renderHtml(loadReport),
  compare: renderComparisonHtml(comparisonOf(richReport, hostileReport), []),
}
const frameOf = (attributes: string): string =>
  `<!doctype html><meta charset="utf-8"><body><iframe height="800" ${attributes}></iframe><script src="inspection.js"></script>`
const files: Readonly<Record<string, string>> = {
  'frame.html': frameOf(''),
  'unscripted.html': frameOf('sandbox="allow-same-origin"'),
}

let server: Server
let origin = ''
let profile = ''

beforeAll(async () => {
  const inspection = await readFile(join(import.meta.dirname, 'inspection.js'), 'utf8')
  profile = await mkdtemp(join(tmpdir(), 'gateproof-browser-'))
  server = createServer((request, response) => {
    const [, name = '', file = ''] = (request.url ?? '').split('/')
    const isScript = file === 'inspection.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8')
    response.end(isScript ? inspection : file === 'report.html' ? pages[name] : files[file])
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await new Promise((done) => server.close(done))
  await rm(profile, { recursive: true, force: true })
})

const run = promisify(execFile)
const browse = (url: string, options: readonly string[]) =>
  run(
    'chromium',
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...['--enable-logging=stderr', '--hide-scrollbars', `--user-data-dir=${profile}`],
      ...options,
      url,
    ],
    { timeout: 60_000, maxBuffer: 64 << 20 },
  )

type Found = {
  readonly error?: string
  readonly widths: readonly { readonly width: number; readonly wider: number }[]
  readonly loaded: readonly string[]
  readonly injected: number
  readonly isFormShown: boolean
  readonly byText: { readonly cases: readonly string[]; readonly said: string }
  readonly byNothing: { readonly cases: readonly string[] }
  readonly bySeverity: { readonly cases: readonly string[] }
  readonly all: number
  readonly isUnfolded: boolean
  readonly faint: readonly string[]
}

const schemes = { dark: 0, light: 1 } as const

type View = { readonly scheme: keyof typeof schemes; readonly file: string }

const inspect = async (name: string, { scheme, file }: View): Promise<Found> => {
  const { stdout, stderr } = await browse(`${origin}/${name}/${file}`, [
    `--blink-settings=preferredColorScheme=${schemes[scheme]}`,
    '--virtual-time-budget=10000',
    '--dump-dom',
  ])
  expect(stderr).not.toMatch(/Content Security Policy|Uncaught/)
  const found = /data-found="([^"]+)"/.exec(stdout)?.[1]
  if (found === undefined) throw new Error(`the page was not inspected: ${stderr.slice(-2000)}`)
  return JSON.parse(decodeURIComponent(found)) as Found
}

it.each([
  ['rich', 'light'],
  ['rich', 'dark'],
  ['hostile', 'light'],
] as const)('shows the %s report well in %s', { timeout: 90_000 }, async (name, scheme) => {
  const found = await inspect(name, { scheme, file: 'frame.html' })
  expect(found.error).toBeUndefined()
  expect(found.widths.filter(({ wider }) => wider > 0)).toEqual([])
  expect(found.loaded).toEqual([])
  expect(found.injected).toBe(0)
  expect(found.faint).toEqual([])
  expect(found.isFormShown).toBe(true)
  expect(found.byText).toEqual({ cases: ['case-aud-prefix'], said: '1 of 16 cases' })
  expect(found.byNothing.cases).toEqual([])
  expect(found.bySeverity.cases).toEqual(['case-time-leeway'])
  expect(found.all).toBe(16)
  expect(found.isUnfolded).toBe(true)
})

it.each([
  ['rich', 1280],
  ['rich', 390],
  ['load', 390],
  ['compare', 1280],
  ['compare', 390],
] as const)('draws the %s report %d pixels wide', { timeout: 90_000 }, async (name, width) => {
  const file = join(profile, 'page.png')
  await browse(`${origin}/${name}/report.html`, [`--screenshot=${file}`, `--window-size=${width},2000`])
  const image = await readFile(file)
  expect([image.readUInt32BE(16), image.readUInt32BE(20)]).toEqual([width, 2000])
  expect(image.length).toBeGreaterThan(20_000)
})

it('shows everything but the filters where scripts are off', { timeout: 90_000 }, async () => {
  const found = await inspect('rich', { scheme: 'light', file: 'unscripted.html' })
  expect(found).toEqual({ isFormShown: false, shown: 16 })
})

it('prints', { timeout: 90_000 }, async () => {
  const file = join(profile, 'page.pdf')
  await browse(`${origin}/rich/report.html`, [`--print-to-pdf=${file}`, '--no-pdf-header-footer'])
  expect((await stat(file)).size).toBeGreaterThan(20_000)
})
