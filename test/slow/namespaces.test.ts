import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { algorithmOf, freshKey } from '../../lib/forge/algorithm.ts'
import { decodeHistogram } from '../../lib/load/histogram-codec.ts'
import { parseReport, type Report } from '../../lib/report/report.ts'

/**
 * Shards as on machines of their own: each process in a network namespace, joined to that of the gateway by an interface
 * and nothing else, as the pods of a job are. Needs root and a kernel that makes namespaces; without them it is skipped.
 */
const shards = 3
const port = 8480
const host = 'gateway.shards.test'
const names = { gateway: 'gateproof-shards', shard: (at: number) => `gateproof-shard-${at}` }
const here = fileURLToPath(new URL('../../', import.meta.url))

const ip = (...args: readonly string[]): boolean => spawnSync('ip', args, { stdio: 'ignore' }).status === 0
const within = (name: string, command: readonly string[]): readonly string[] => [
  'netns',
  'exec',
  name,
  ...command,
]
const each = Array.from({ length: shards }, (_, at) => at)

const makeNamespaces = (): boolean =>
  ip('netns', 'add', names.gateway) &&
  each.every((at) => {
    const name = names.shard(at)
    mkdirSync(`/etc/netns/${name}`, { recursive: true })
    writeFileSync(`/etc/netns/${name}/hosts`, `10.214.${at}.1 ${host}\n`)
    return (
      ip('netns', 'add', name) &&
      ip(
        '-n',
        name,
        'link',
        'add',
        'out',
        'type',
        'veth',
        'peer',
        'name',
        `in-${at}`,
        'netns',
        names.gateway,
      ) &&
      ip('-n', names.gateway, 'addr', 'add', `10.214.${at}.1/30`, 'dev', `in-${at}`) &&
      ip('-n', name, 'addr', 'add', `10.214.${at}.2/30`, 'dev', 'out') &&
      ip('-n', names.gateway, 'link', 'set', `in-${at}`, 'up') &&
      ip('-n', name, 'link', 'set', 'out', 'up')
    )
  })

const removeNamespaces = (): void => {
  for (const at of each) {
    ip('netns', 'del', names.shard(at))
    rmSync(`/etc/netns/${names.shard(at)}`, { recursive: true, force: true })
  }
  ip('netns', 'del', names.gateway)
}

const isPossible = process.getuid?.() === 0 && makeNamespaces()
let folder: string
let gateway: ChildProcess | undefined

const policy = { issuer: 'https://idp.example.test/', audience: 'https://api.example.test' }

/** The reference gateway, listening to whoever can reach its namespace. */
const program = (publicJwk: unknown): string => `
  import { startGateway } from ${JSON.stringify(join(here, 'dist/reference/gateway/gateway.js'))}
  const backend = { type: 'STOCK_RESPONSE_BACKEND', status: 200, body: 'hello' }
  const key = ${JSON.stringify(publicJwk)}
  const authentication = {
    type: 'JWT_AUTHENTICATION', tokenHeader: 'Authorization', tokenAuthScheme: 'Bearer', maxClockSkewInSeconds: 0,
    issuers: [${JSON.stringify(policy.issuer)}], audiences: [${JSON.stringify(policy.audience)}],
    publicKeys: { type: 'STATIC_KEYS', keys: [{ ...key, format: 'JSON_WEB_KEY', use: 'sig' }] },
  }
  const specification = { requestPolicies: { authentication }, routes: [{ path: '/hello', methods: ['GET'], backend }] }
  const listen = { host: '0.0.0.0', port: ${port} }
  await startGateway({ specification, pathPrefix: '/v1', faults: [], now: () => Date.now(), listen })
  console.log('up')
`

beforeAll(async () => {
  if (!isPossible) return
  folder = mkdtempSync(join(tmpdir(), 'gateproof-namespaces-'))
  const algorithm = algorithmOf('RS256')
  if (algorithm === undefined) throw new Error('RS256 is not known')
  const { privateKey, publicKey } = await freshKey(algorithm)
  const known = { kid: 'gateproof', alg: 'RS256' }
  const jwk = { ...privateKey.export({ format: 'jwk' }), ...known, use: 'sig' }
  writeFileSync(join(folder, 'private.jwks.json'), JSON.stringify({ keys: [jwk] }), { mode: 0o600 })
  writeFileSync(
    join(folder, 'gateproof.yaml'),
    `
target: { url: "http://${host}:${port}/v1", proxy: none, routes: { protected: /hello } }
policy: { issuer: ${policy.issuer}, audience: ${policy.audience}, algorithms: [RS256], clockSkew: 0s }
tokens: { keys: private.jwks.json }
load: { connections: 6, warmup: 200ms, duration: 3s, tokens: 100, mix: { valid: 80, time-exp-past: 20 } }
thresholds: [misjudged = 0, perSecond > 1]
`,
  )
  const script = program({ ...publicKey.export({ format: 'jwk' }), ...known })
  const started = spawn(
    'ip',
    within(names.gateway, [process.execPath, '--input-type=module', '-e', script]),
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  gateway = started
  await once(started.stdout, 'data')
})
afterAll(async () => {
  if (gateway?.exitCode === null) {
    const ended = once(gateway, 'exit')
    gateway.kill()
    await ended
  }
  removeNamespaces()
  if (isPossible) rmSync(folder, { recursive: true, force: true })
})

const gateproof = async (command: string, args: readonly string[]): Promise<number | null> => {
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  const [code]: (number | null)[] = await once(child, 'exit')
  return code ?? null
}

const reportIn = (name: string): Report => {
  const parsed = parseReport(readFileSync(join(folder, name, 'report.json'), 'utf8'))
  if (parsed.kind === 'faulty') throw new Error(parsed.faults.join('; '))
  return parsed.report
}

const totalOf = ({ load }: Report): number => decodeHistogram(load?.phases[0]?.histogram ?? '').total

it.runIf(isPossible)('three processes with a network each share a run, and are joined exactly', async () => {
  const bin = join(here, 'bin/gateproof.js')
  const startAt = new Date(Date.now() + 12_000).toISOString()
  const codes = await Promise.all(
    each.map((at) => {
      const load = [
        'load',
        '--quiet',
        '--shard',
        `${at}/${shards}`,
        '--start-at',
        startAt,
        '--out',
        `part-${at}`,
      ]
      return gateproof('ip', within(names.shard(at), [process.execPath, bin, ...load]))
    }),
  )
  // Three generators and a gateway on one machine: they may be late, and say so.
  for (const code of codes) expect([0, 2]).toContain(code)
  const parts = each.map((at) => reportIn(`part-${at}`))
  const files = each.map((at) => `part-${at}/report.json`)
  expect([0, 2]).toContain(await gateproof(process.execPath, [bin, 'merge', ...files, '--out', 'joint']))
  const joint = reportIn('joint')
  expect(totalOf(joint)).toBe(parts.reduce((sum, part) => sum + totalOf(part), 0))
  expect(totalOf(joint)).toBeGreaterThan(100)
  const classes = joint.load?.phases[0]?.classes ?? []
  expect(classes.map(({ case: name, misjudged }) => [name, misjudged])).toEqual([
    ['valid', 0],
    ['time-exp-past', 0],
  ])
})
