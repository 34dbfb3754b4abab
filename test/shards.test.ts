import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runIn } from '../lib/cli/fixture.ts'
import type { SigningKey } from '../lib/config/config.ts'
import { algorithmOf, freshKey } from '../lib/forge/algorithm.ts'
import { decodeHistogram } from '../lib/load/histogram-codec.ts'
import { startStack, type Stack } from '../lib/reference/stack.ts'
import { parseReport, type Report } from '../lib/report/report.ts'

/** A load run that is shared, joined, and stopped: the whole way from the command line. */

let cwd: string
let stack: Stack
let lax: Stack

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'gateproof-shards-'))
  const key: SigningKey = { kid: 'gateproof', alg: 'RS256', ...(await freshKey(algorithmOf('RS256')!)) }
  const jwk = { ...key.privateKey.export({ format: 'jwk' }), kid: key.kid, alg: key.alg, use: 'sig' }
  writeFileSync(join(cwd, 'private.jwks.json'), JSON.stringify({ keys: [jwk] }))
  stack = await startStack({ now: () => Date.now(), signingKeys: [key], faults: [] })
  lax = await startStack({ now: () => Date.now(), signingKeys: [key], faults: ['exp-unchecked'] })
  for (const [name, { gatewayUrl, issuer, audience }] of [
    ['good', stack],
    ['lax', lax],
  ] as const)
    writeFileSync(
      join(cwd, `${name}.yaml`),
      `
target: { url: ${gatewayUrl}, routes: { protected: /hello } }
policy: { issuer: ${issuer}, audience: ${audience}, algorithms: [RS256], clockSkew: 0s }
tokens: { keys: private.jwks.json }
load: { connections: 4, warmup: 50ms, duration: 2s, tokens: 100, mix: { valid: 80, time-exp-past: 20 } }
thresholds: [misjudged = 0, perSecond > 1]
`,
    )
})
afterAll(async () => {
  await Promise.all([stack.close(), lax.close()])
  rmSync(cwd, { recursive: true, force: true })
})

const gateproof = (...args: readonly string[]) => runIn(cwd, args)
const reportIn = (folder: string): Report => {
  const parsed = parseReport(readFileSync(join(cwd, folder, 'report.json'), 'utf8'))
  if (parsed.kind === 'faulty') throw new Error(parsed.faults.join('; '))
  return parsed.report
}

describe('a load run that two processes share', () => {
  it('is joined to one report, which holds the thresholds that its parts did not', async () => {
    // Nobody waits for it here: two processes in one have no machine to wait for.
    const startAt = new Date(Date.now() + 3_600_000).toISOString()
    const sleep = () => Promise.resolve()
    const parts = await Promise.all(
      ['0/2', '1/2'].map((shard, at) =>
        runIn(
          cwd,
          ['load', '-c', 'good.yaml', '--shard', shard, '--start-at', startAt, '--out', `part-${at}`],
          { sleep },
        ),
      ),
    )
    expect(parts.map(({ err }) => err)).toEqual(['', ''])
    const reports = ['part-0', 'part-1'].map(reportIn)
    expect(reports.map(({ load }) => load?.thresholds)).toEqual([[], []])
    expect(reports.map(({ load }) => load?.phases[0]?.connections)).toEqual([2, 2])
    expect(reports.map(({ load }) => load?.validation !== undefined)).toEqual([true, false])

    const files = ['part-1/report.json', 'part-0/report.json']
    const { out, err } = await gateproof('merge', ...files, '--out', 'joint')
    expect(err).toBe('')
    expect(out).toContain('misjudged = 0')
    const { load } = reportIn('joint')
    expect(load?.thresholds.map(({ ok }) => ok)).toEqual([true, true])
    const total = (report: Report) => decodeHistogram(report.load?.phases[0]?.histogram ?? '').total
    expect(total(reportIn('joint'))).toBe(reports.reduce((sum, report) => sum + total(report), 0))
    expect(load?.run?.merged).toHaveLength(2)
    expect(readFileSync(join(cwd, 'joint', 'report.html'), 'utf8')).toContain('0 of 2')
  })

  it.each([
    [['part-0/report.json'], 'these are missing: 1'],
    [['part-0/report.json', 'part-0/report.json'], 'is shard 0 of 2, as'],
    [['private.jwks.json'], 'is no report of gateproof'],
    [['nowhere.json'], 'nowhere.json'],
  ])('is not joined from %j', async (files, words) => {
    const { code, err } = await gateproof('merge', ...files)
    expect(code).toBe(64)
    expect(err).toContain(words)
  })

  it.each([
    [['--shard', '2/2'], 'from 0/2 to 1/2'],
    [['--shard', '0/9'], '4 cannot be shared by 9'],
    [['--start-at', '2020-01-01T00:00:00Z'], 'that moment is over'],
    [['--abort-on', 'p99 > 5'], 'a unit is missing'],
    [['--abort-on', 'lost > 5'], 'known while a run lasts'],
  ])('is not started with %j', async (args, words) => {
    const { code, err } = await gateproof('load', '-c', 'good.yaml', ...args)
    expect(code).toBe(64)
    expect(err).toContain(words)
  })
})

describe('a load run', () => {
  it('ends early where it is to be stopped at what happens, with exit 1 and a report of what was measured', async () => {
    const { code } = await gateproof(
      'load',
      '-c',
      'lax.yaml',
      '--abort-on',
      'misjudged > 0',
      '--out',
      'stopped',
    )
    expect(code).toBe(1)
    const { load } = reportIn('stopped')
    expect(load?.thresholds[0]).toMatchObject({ expression: 'abort on misjudged > 0', ok: false })
    expect(load?.phases[0]?.ms).toBeLessThan(2000)
    expect(load?.phases[0]?.judged).toBeGreaterThan(0)
  })

  it('shows what the first misjudged were, without what authenticates', () => {
    const [first] = reportIn('stopped').load?.phases[0]?.offenders ?? []
    expect(first).toMatchObject({ case: 'time-exp-past', expected: 'refused', status: 200 })
    expect(first?.request).toMatchObject({ method: 'GET', path: expect.stringContaining('/hello') })
    expect(first?.request?.token?.claims).toContain('"exp"')
    for (const file of ['report.json', 'report.html'])
      expect(readFileSync(join(cwd, 'stopped', file), 'utf8')).not.toMatch(
        /eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]{20,}/,
      )
  })

  it('keeps its tokens for the next one only where it is asked to, for nobody else to read', async () => {
    const short = ['load', '-c', 'good.yaml', '--quiet', '--abort-on', 'perSecond > 0']
    await gateproof(...short, '--out', 'uncached')
    expect(readdirSync(cwd)).not.toContain('tokens')
    await gateproof(...short, '--out', 'cached', '--token-cache', 'tokens')
    const [file = '', ...more] = readdirSync(join(cwd, 'tokens'))
    expect(more).toEqual([])
    expect(statSync(join(cwd, 'tokens', file)).mode & 0o777).toBe(0o600)
    const before = readFileSync(join(cwd, 'tokens', file), 'utf8')
    await gateproof(...short, '--out', 'cached', '--token-cache', 'tokens')
    expect(readFileSync(join(cwd, 'tokens', file), 'utf8')).toBe(before)
  })

  it('says on what machine and by which command it was measured', () => {
    expect(reportIn('stopped').load?.run).toMatchObject({
      command: "gateproof load -c lax.yaml --abort-on 'misjudged > 0' --out stopped",
      machine: { node: process.version },
    })
  })
})
