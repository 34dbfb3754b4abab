import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SigningKey } from '../lib/config/config.ts'
import { run } from '../lib/cli/main.ts'
import type { FaultName } from '../lib/reference/gateway/faults.ts'
import { startStack } from '../lib/reference/stack.ts'
import { parseReport } from '../lib/report/report.ts'
import { signingKey } from './worlds/standing.ts'

let cwd: string
let key: SigningKey

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'gateproof-load-cases-'))
  key = await signingKey('gateproof')
  const jwk = { ...key.privateKey.export({ format: 'jwk' }), kid: key.kid, alg: key.alg, use: 'sig' }
  writeFileSync(join(cwd, 'private.jwks.json'), JSON.stringify({ keys: [jwk] }))
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

let calls = 0
const call = async (args: readonly string[]) => {
  let told = ''
  const tell = (more: string): void => {
    told += more
  }
  const code = await run([...args], {
    ...{ env: {}, cwd, out: tell, err: tell, outIsTerminal: false, errIsTerminal: false, columns: 100 },
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    random: (bytes) => randomBytes(bytes),
    newId: () => randomUUID(),
    signal: new AbortController().signal,
  })
  return { code, told }
}

/** Runs load cases against the embedded stack with these faults. */
const loadCases = async (include: string, ...faults: readonly FaultName[]) => {
  const stack = await startStack({ now: () => Date.now(), signingKeys: [key], faults: [...faults] })
  const out = `run${++calls}`
  writeFileSync(
    join(cwd, `${out}.yaml`),
    `
target: { url: ${stack.gatewayUrl}, routes: { protected: /hello } }
policy: { issuer: ${stack.issuer}, audience: ${stack.audience}, algorithms: [RS256], clockSkew: 0s }
tokens: { keys: private.jwks.json }
`,
  )
  try {
    const args = ['load', '--cases', '-c', `${out}.yaml`, '--include', include]
    const { code, told } = await call([...args, '--out', out, '--format', 'json,junit,html'])
    const read = (name: string) => readFileSync(join(cwd, out, name), 'utf8')
    const parsed = parseReport(read('report.json'))
    if (parsed.kind === 'faulty') throw new Error(parsed.faults.join('; '))
    return { code, told, report: parsed.report, junit: read('junit.xml'), html: read('report.html') }
  } finally {
    await stack.close()
  }
}

describe('gateproof load --cases', () => {
  it('fails a gateway that lets a forged token in, with the case as its result and exit 1', async () => {
    const { code, report, told, junit, html } = await loadCases(
      'load-mixed-good-bad',
      'verdict-cache-collides',
    )
    expect(code).toBe(1)
    expect(report.load?.results).toMatchObject([
      {
        case: 'load-mixed-good-bad',
        topic: 'load',
        verdict: { status: 'fail', mismatches: [{ kind: 'let-in' }] },
      },
    ])
    expect(report.load?.phases.map(({ name }) => name)).toEqual(['load-mixed-good-bad'])
    expect(report.conformance).toBeUndefined()
    for (const text of [told, junit, html]) expect(text).toContain('load-mixed-good-bad')
    expect(junit).toContain('<failure')
  })

  it('passes the sound gateway, and says what a case lacks that does not run', async () => {
    const { code, report, told } = await loadCases('load-mixed-good-bad,load-identity-isolation')
    const statuses = report.load?.results.map((each) => [each.case, each.verdict.status])
    expect(statuses).toEqual([
      ['load-identity-isolation', 'not-applicable'],
      ['load-mixed-good-bad', 'pass'],
    ])
    expect(told).toContain('missing upstream')
    expect(code).toBe(0)
  })

  it('refuses a selection without a load case, and options of another kind of run', async () => {
    const stray = await call(['load', '--cases', '-c', 'run1.yaml', '--include', 'audience'])
    expect(stray.code).toBe(64)
    expect(stray.told).toContain('no load case')
    const shard = await call(['load', '--cases', '-c', 'run1.yaml', '--shard', '0/2'])
    expect(shard.code).toBe(64)
    expect(shard.told).toContain('--shard')
  })

  it('is what `test` names where a load case is asked of it', async () => {
    const { told } = await call(['explain', 'load-mixed-good-bad', '-c', 'run1.yaml'])
    expect(told).toContain('gateproof load --cases --include load-mixed-good-bad')
  })
})
