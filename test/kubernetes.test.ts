import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { freshKey, algorithmOf } from '../lib/forge/algorithm.ts'
import { loadConfig } from '../lib/config/load.ts'
import { readCall } from '../lib/cli/load-run.ts'
import { parseShard } from '../lib/load/shard.ts'

/** The manifests under config/kubernetes/, by hand: what has to agree in them, and with the command line. */

const folder = join(import.meta.dirname, '../config/kubernetes')
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const job = parse(read('job.yaml'))
const map = parse(read('config.yaml'))
const pod = job.spec.template.spec
const [container] = pod.containers
const [script] = container.args as readonly string[]
const shards = Number(/\/(\d+)"/.exec(script ?? '')?.[1])

let dir: string
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gateproof-kubernetes-'))
  const { privateKey } = await freshKey(algorithmOf('RS256')!)
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }
  writeFileSync(join(dir, 'private.jwks.json'), JSON.stringify({ keys: [jwk] }))
  const text = (map.data['gateproof.yaml'] as string).replace('/keys/', `${dir}/`)
  writeFileSync(join(dir, 'gateproof.yaml'), text)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe('the Job', () => {
  it('is indexed, runs all shards at once, and tries none again', () => {
    expect(job).toMatchObject({
      apiVersion: 'batch/v1',
      kind: 'Job',
      spec: { completionMode: 'Indexed', completions: shards, parallelism: shards, backoffLimit: 0 },
    })
    expect(pod.restartPolicy).toBe('Never')
  })

  it('spreads the pods by labels that they bear', () => {
    const [{ labelSelector }] = pod.topologySpreadConstraints
    expect(job.spec.template.metadata.labels).toMatchObject(labelSelector.matchLabels)
  })

  it('mounts what is there, and what its script reads', () => {
    const volumes = (pod.volumes as { name: string }[]).map(({ name }) => name)
    const mounts = container.volumeMounts as { name: string; mountPath: string }[]
    expect(mounts.map(({ name }) => name).toSorted()).toEqual(volumes.toSorted())
    for (const [, path = ''] of (script ?? '').matchAll(/ (\/(?!dev)\w+)\//g))
      expect(mounts.map(({ mountPath }) => mountPath)).toContain(path)
    expect(pod.volumes[0].configMap.name).toBe(map.metadata.name)
  })

  it('runs without privileges', () => {
    expect(pod.automountServiceAccountToken).toBe(false)
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true })
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  })
})

describe('every shard of the Job', () => {
  const now = 1_900_000_000_000

  it('has a command line that makes sense, and all of them together are the run', () => {
    const config = loadConfig('gateproof.yaml', { cwd: dir, env: {} })
    const call = (index: number) =>
      readCall(
        config,
        {
          config: 'gateproof.yaml',
          failOn: 'must',
          shard:
            /--shard "([^"]+)"/.exec(script ?? '')?.[1]?.replace('$JOB_COMPLETION_INDEX', String(index)) ??
            '',
          startAt: String(now / 1000 + 120),
        },
        { cwd: dir, now: () => now },
      )
    const calls = Array.from({ length: shards }, (_, index) => call(index))
    expect(calls.map(({ shard }) => shard?.index)).toEqual([...calls.keys()])
    expect(calls.reduce((sum, each) => sum + each.config.load.connections, 0)).toBe(config.load.connections)
    expect(calls.reduce((sum, each) => sum + (each.config.load.phases[0]?.rate?.from ?? 0), 0)).toBe(20_000)
    expect(parseShard(`${shards}/${shards}`)).toContain('counted from 0')
  })

  it('waits for the start that the environment names', () => {
    expect(script).toContain('--start-at "$START_AT"')
    expect(container.env).toEqual([{ name: 'START_AT', value: '${START_AT}' }])
    expect(read('README.md')).toContain("envsubst '$START_AT' <job.yaml")
  })
})
