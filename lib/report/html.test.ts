import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { baseClaims, exchange, result, success } from '../../test/fixtures/report-parts.ts'
import {
  cleanReport,
  hostileReport,
  largeReport,
  loadReport,
  partialReport,
  richReport,
} from '../../test/fixtures/report.ts'
import { renderHtml } from './html.ts'
import type { Report } from './report.ts'

const pages = [richReport, cleanReport, loadReport, partialReport, hostileReport].map(renderHtml)
const tagsOf = (page: string): readonly string[] =>
  page.replace(/<(style|script)>.*?<\/\1>/gs, '<$1></$1>').match(/<[a-z!/][^>]*>/gi) ?? []
const named = (page: string, name: string) => tagsOf(page).filter((tag) => tag.startsWith(`<${name}`))

it('renders the page as it was last agreed', async () => {
  await expect(renderHtml(richReport)).toMatchFileSnapshot('__snapshots__/report.html')
  await expect(renderHtml(loadReport)).toMatchFileSnapshot('__snapshots__/report-load.html')
})

it('has a language, a title and a viewport', () => {
  for (const page of pages) {
    expect(page).toMatch(/^<!doctype html>\s*<html lang="en">/)
    expect(page).toMatch(/<title>[^<]+<\/title>/)
    expect(page).toContain('<meta name="viewport" content="width=device-width, initial-scale=1" />')
  }
})

it('loads nothing: no address but links to RFCs, to report.json and within the page', () => {
  for (const page of pages) {
    const addresses = [
      ...page.matchAll(/\s(?:href|src|srcset|data|action|poster|xlink:href)="([^"]*)"/g),
    ].map(([, address = '']) => address)
    const links = /^(#[\w-]+|report\.json|https:\/\/www\.rfc-editor\.org\/rfc\/rfc\d+(#section-[\d.]+)?)$/
    expect(addresses.filter((address) => !links.test(address))).toEqual([])
    expect(
      tagsOf(page).filter((tag) => /^<(link|img|iframe|object|embed|base|video|audio|source)/.test(tag)),
    ).toEqual([])
    expect(page).not.toMatch(/url\(|@import/)
  }
})

it('allows its own style and script by their hashes, and nothing else', () => {
  for (const page of pages) {
    const policy =
      /Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? ''
    expect(policy).toMatch(/^default-src 'none'; /)
    expect(policy).not.toContain('unsafe')
    for (const name of ['style', 'script']) {
      const contents = [...page.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map(
        ([, text = '']) => text,
      )
      const hashes = contents.map((text) => `sha256-${createHash('sha256').update(text).digest('base64')}`)
      expect(hashes).toHaveLength(1)
      expect(policy).toContain(`${name}-src '${hashes[0] ?? ''}'`)
    }
  }
})

it('lets nothing of a stranger act', () => {
  for (const page of pages) {
    expect(named(page, 'script')).toHaveLength(1)
    expect(tagsOf(page).filter((tag) => /\son\w+=|javascript:|style=/i.test(tag))).toEqual([])
    expect(page.replaceAll(/[\n\t]/g, '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
  }
  expect(renderHtml(hostileReport)).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
})

it('closes what it opens', () => {
  const empty = /^<(!doctype|meta|input|br|rect|line|circle|path|text [^>]*\/)/
  for (const page of pages) {
    const open: string[] = []
    for (const tag of tagsOf(page)) {
      const name = /^<\/?([\w!]+)/.exec(tag)?.[1] ?? ''
      if (tag.startsWith('</')) expect(open.pop()).toBe(name)
      else if (!empty.test(tag)) open.push(name)
    }
    expect(open).toEqual([])
  }
})

it('has one main heading, no level left out, and no id twice', () => {
  for (const page of pages) {
    const levels = tagsOf(page)
      .flatMap((tag) => /^<h([1-6])/.exec(tag)?.[1] ?? [])
      .map(Number)
    expect(levels.filter((level) => level === 1)).toHaveLength(1)
    levels.reduce((before, level) => {
      expect(level).toBeLessThanOrEqual(before + 1)
      return level
    }, 0)
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id = '']) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const anchors = [...page.matchAll(/\shref="#([^"]+)"/g)].map(([, id = '']) => id)
    expect(anchors.filter((id) => !ids.includes(id))).toEqual([])
  }
})

it('marks a partial report as partial, and a waived finding as waived', () => {
  expect(renderHtml(partialReport)).toContain('<strong>Partial.</strong>')
  expect(renderHtml(richReport)).not.toContain('<strong>Partial.</strong>')
  expect(renderHtml(richReport)).toContain('accepted risk, ticket 123')
  expect(renderHtml(richReport)).not.toContain('id="finding-alg-lowercase"')
})

it('says why a measurement is not valid', () => {
  expect(renderHtml(loadReport)).toContain('the generator ran late: p99 12 ms')
})

it('draws a table where a histogram cannot be read', () => {
  const { load } = loadReport
  if (load === undefined) throw new Error('the fixture has no load part')
  const broken: Report = {
    ...loadReport,
    load: { ...load, phases: load.phases.map((phase) => ({ ...phase, histogram: 'bm9wZQ==' })) },
  }
  expect(renderHtml(broken)).toContain('aria-label="Classes of phase ceiling"')
})

it('stays small with a whole suite in it', () => {
  expect(renderHtml(largeReport(300)).length).toBeLessThan(1_500_000)
})

it('marks what a token has otherwise than the good one, and not when it was minted', () => {
  const { conformance, load, ...rest } = richReport
  if (conformance === undefined || load === undefined) throw new Error('the fixture lacks a part')
  const marksOf = (claims: Readonly<Record<string, unknown>>): readonly string[] => {
    const judged = { status: 'pass', notes: [] } as const
    const results = [
      result({
        case: 'good',
        requirement: 'controls.good',
        title: 'good',
        verdict: judged,
        evidence: [exchange({ recipe: 'baseline' }, success)],
      }),
      result({
        case: 'bad',
        requirement: 'time.bad',
        title: 'bad',
        verdict: judged,
        evidence: [exchange({ recipe: 'bad', claims }, success)],
      }),
    ]
    const page = renderHtml({ ...rest, conformance: { ...conformance, results } })
    return [...page.matchAll(/<span class="line">&quot;(\w+)&quot;[^<]*<\/span><\/mark\s*>/g)].map(
      ([, name = '']) => name,
    )
  }
  const later = { ...baseClaims, iat: baseClaims.iat + 90, exp: baseClaims.exp + 91, jti: 'another' }
  expect(marksOf(later)).toEqual([])
  expect(marksOf({ ...later, exp: baseClaims.iat - 3600 })).toEqual(['exp'])
  expect(marksOf({ ...later, iat: baseClaims.iat + 7200 })).toEqual(['iat'])
  expect(marksOf({ ...later, aud: ['a', 'b'], extra: null })).toEqual(['aud', 'extra'])
  const { sub, ...without } = later
  expect(sub).toBe('gateproof')
  expect(marksOf(without)).toEqual(['sub'])
  expect(marksOf({ ...later, jti: 7 })).toEqual(['jti'])
})

it('shows who came to the listener, whatever they said', () => {
  const { conformance, ...rest } = richReport
  if (conformance === undefined) throw new Error('the fixture lacks a part')
  const contacts = [
    { protocol: 'http', requests: [{ method: 'GET', path: '/gateproof-0/<jwks>' }] },
    { protocol: 'tls', serverName: 'keys.example.test', requests: [], firstBytes: '\u0016\u0003<' },
  ] as const
  const fetched = result({
    case: 'key-jku-pingback',
    requirement: 'references.key-url',
    title: 'fetched',
    verdict: {
      status: 'fail',
      mismatches: [{ kind: 'fetched', safety: 'fails-open', level: 'must', detail: 'http: "GET" "/"' }],
      notes: [],
    },
    evidence: [{ ...exchange({ recipe: 'bad' }, success), contacts: [...contacts] }],
  })
  const page = renderHtml({ ...rest, conformance: { ...conformance, results: [fetched] } })
  expect(page).toContain('At the listener: 2 contacts')
  expect(page).toContain('<b>GET /gateproof-0/&lt;jwks&gt;</b> http\n')
  expect(page).toContain('<b>tls</b> for keys.example.test \\x16\\x03&lt;\n')
})
