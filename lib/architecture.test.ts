import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = import.meta.dirname

/** The files of lib/ that a user gets, as paths in it. */
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|(^|\/)fixture\.ts$|\/testing\//.test(file))
  .toSorted()

const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))

const importing =
  /(?:^|\n)(?:import|export) [^'"`;]*?from '([^']+)'|(?:^|\n)import '([^']+)'|\bimport\('([^']+)'\)/g

type Import = { readonly from: string; readonly to: string }

const imports: readonly Import[] = [...texts].flatMap(([from, text]) =>
  [...text.matchAll(importing)].map(([, named, bare, late]) => {
    const to = named ?? bare ?? late ?? ''
    return { from, to: to.startsWith('.') ? normalize(join(dirname(from), to)) : to }
  }),
)
const inner = imports.filter(({ to }) => texts.has(to))

/** The folder of lib/ that a file stands in, or the file itself. */
const stageOf = (file: string): string => file.split('/')[0] ?? file

/** Each looks only at those before it; what stands beside the pipeline is among those that it serves. */
const stages = [
  'config',
  'serve',
  'plan',
  'forge',
  'exchange',
  'judge',
  'import',
  'trial',
  'run.ts',
  'load',
  'load.ts',
  'report',
  'reference',
  'index.ts',
  'cli',
]

/** Which key can sign what decides which cases apply: the one look to the right, at one table. */
const looksAhead = ({ from, to }: Import): boolean => stageOf(from) === 'plan' && to === 'forge/algorithm.ts'

const edge = ({ from, to }: Import): string => `${from} → ${to}`

describe('the stages', () => {
  test('are all that lib/ holds', () => {
    expect(files.map(stageOf).filter((stage) => !stages.includes(stage))).toEqual([])
    expect(files.length).toBeGreaterThan(100)
  })

  test('look left', () => {
    const right = inner.filter(
      (one) => stages.indexOf(stageOf(one.to)) > stages.indexOf(stageOf(one.from)) && !looksAhead(one),
    )
    expect(right.map(edge)).toEqual([])
  })

  test('find every file that they import', () => {
    const relative = imports.filter(({ to }) => !to.startsWith('node:') && /^[\w./-]+\.ts$/.test(to))
    expect(relative.filter(({ to }) => !texts.has(to)).map(edge)).toEqual([])
  })

  test.each([
    ['serve', ['config']],
    ['import', ['config', 'exchange', 'judge']],
    ['reference', ['config', 'forge']],
  ])('%s, which stands beside, needs %j alone', (stage, allowed) => {
    const others = inner.filter(
      ({ from, to }) => stageOf(from) === stage && ![stage, ...allowed].includes(stageOf(to)),
    )
    expect(others.map(edge)).toEqual([])
  })

  test('never need the command line, nor the reference gateway', () => {
    const needing = (stage: string) =>
      new Set(inner.filter(({ to }) => stageOf(to) === stage).map(({ from }) => stageOf(from)))
    expect([...needing('cli')]).toEqual(['cli'])
    expect([...needing('reference')].toSorted()).toEqual(['cli', 'index.ts', 'reference'])
  })
})

/** Who may use a package; all others go through them. */
const doors: Readonly<Record<string, RegExp>> = {
  jose: /^(forge|reference)\//,
  undici: /^exchange\//,
  autocannon: /^load\/autocannon\.ts$/,
  ajv: /^(config\/|report\/schema)/,
  typebox: /^(config\/|report\/(report|schema[\w-]*)\.ts$|reference\/gateway\/specification\.ts$)/,
  yaml: /^config\//,
  'cli-table3': /^report\/terminal\.ts$/,
  commander: /^cli\//,
  'oidc-provider': /^reference\/identity\//,
  vitest: /^cli\/vitest\.ts$/,
}

test('each package has one door', () => {
  const packages = imports
    .filter(({ to }) => !to.startsWith('node:') && !to.endsWith('.ts') && !to.startsWith('.'))
    .map(({ from, to }) => ({ from, to: to.startsWith('@') ? to : (to.split('/')[0] ?? to) }))
  const astray = packages.filter(({ from, to }) => doors[to]?.test(from) !== true)
  expect(astray.map(edge)).toEqual([])
  const unused = Object.keys(doors).filter((name) => !packages.some(({ to }) => to === name))
  expect(unused).toEqual([])
})

/** Where a text stands in code, not in a comment. */
const filesWith = (pattern: RegExp): readonly string[] => files.filter((file) => pattern.test(codeOf(file)))

const codeOf = (file: string): string => (texts.get(file) ?? '').replace(/\/\*[^]*?\*\/|(^|\s)\/\/.*$/gm, '')

test('clock, chance and environment come in by the command line alone', () => {
  const reading = filesWith(/\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.(env|argv|cwd|exit)\b/)
  expect(reading.filter((file) => stageOf(file) !== 'cli')).toEqual([])
})

test('a file is named for its subject, and nothing is handed on but by index.ts', () => {
  expect(
    files.filter((file) => /(^|\/)(utils?|helpers?|common|types|constants)(\/|\.ts$)/.test(file)),
  ).toEqual([])
  expect(files.filter((file) => /(^|\/)index\.ts$/.test(file))).toEqual(['index.ts'])
  expect(filesWith(/^export (\*|(type )?\{[^}]*\}) from /m)).toEqual(['index.ts'])
})

test('no rule is switched off', () => {
  const pattern = /eslint-disable|@ts-(ignore|expect-error|nocheck)|prettier-ignore/
  expect(files.filter((file) => pattern.test(texts.get(file) ?? ''))).toEqual([])
})

/** A known failure becomes data there; whatever else is caught would be swallowed. */
const catches: Readonly<Record<string, number>> = {
  'cli/bench.ts': 1,
  'cli/embedded.worker.ts': 1,
  'cli/keys-export.ts': 1,
  'cli/load.ts': 2,
  'cli/main.ts': 1,
  'cli/process-terminal.ts': 1,
  'cli/vitest.ts': 1,
  'config/pattern.ts': 1,
  'config/selection.ts': 1,
  'config/signing-key.ts': 3,
  'config/source.ts': 1,
  'config/suites.ts': 1,
  'config/tls.ts': 1,
  'exchange/body.ts': 1,
  'exchange/dial.ts': 4,
  'exchange/http2.ts': 1,
  'exchange/issue.ts': 1,
  'exchange/parser.ts': 1,
  'exchange/provider.ts': 1,
  'exchange/socket.ts': 1,
  'forge/check-proof.ts': 1,
  'forge/check.ts': 1,
  'forge/decryption.ts': 1,
  'forge/good.ts': 1,
  'forge/keyring.ts': 1,
  'forge/pool-cache.ts': 1,
  'judge/forwarded-claim.ts': 2,
  'judge/metadata-checks.ts': 1,
  'load.ts': 1,
  'import/json.ts': 1,
  'import/probe-issuer.ts': 1,
  'load/cases/mix.ts': 1,
  'load/cases/run.ts': 1,
  'load/dial.ts': 1,
  'load/http2.ts': 1,
  'load/load-bytes.ts': 1,
  'load/phase-thread.ts': 1,
  'load/probe.ts': 2,
  'load/traffic.ts': 1,
  'reference/gateway/check-proof.ts': 1,
  'reference/gateway/faults/answers.ts': 1,
  'reference/gateway/faults/certificate.ts': 1,
  'reference/gateway/faults/header.ts': 1,
  'reference/gateway/faults/signing.ts': 1,
  'reference/gateway/open-token.ts': 1,
  'reference/gateway/strict-json.ts': 1,
  'reference/gateway/verification-key.ts': 1,
  'reference/identity/assertion.ts': 1,
  'reference/stack.ts': 1,
  'report/compare/noise.ts': 1,
  'report/html/phase.ts': 1,
  'report/report.ts': 1,
  'serve/listener.ts': 1,
  'serve/open.ts': 2,
  'serve/serve.ts': 1,
  'trial/fitness.ts': 1,
  'trial/gather.ts': 1,
  'trial/issued-tokens.ts': 1,
  'trial/io.ts': 1,
  'trial/provider-facts.ts': 1,
  'trial/request-maker.ts': 2,
  'trial/steps.ts': 1,
}

test('what is caught is counted', () => {
  const counted = files.map((file) => [file, codeOf(file).match(/\bcatch\b/g)?.length ?? 0] as const)
  expect(Object.fromEntries(counted.filter(([, count]) => count > 0))).toEqual(catches)
})
