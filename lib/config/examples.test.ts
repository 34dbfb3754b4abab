import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { folderWith, privateJwk } from '../../test/fixtures/config-folder.ts'
import { checkEnforces } from './enforces.ts'
import { loadConfig } from './load.ts'
import { listFaults } from './fault-list.ts'
import { readFeatures } from './features.ts'
import { readYaml } from './yaml.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const examples = readdirSync(join(root, 'config')).filter((name) => name.endsWith('.yaml'))
const textOf = (name: string): string => readFileSync(join(root, 'config', name), 'utf8')

const env = {
  OCI_GATEWAY: 'gw.example.test',
  IDCS_URL: 'https://idcs.example.test',
  CLIENT_ID: 'id',
  CLIENT_SECRET: 'secret',
  OCI_SCOPE: 'gw.example.test/read',
}

const load = (name: string, text = textOf(name)) => {
  const cwd = folderWith({
    [`config/${name}`]: text,
    'gateproof-embedded.jwks.json': JSON.stringify(privateJwk()),
    'config/private.jwks.json': JSON.stringify(privateJwk()),
  })
  return loadConfig(`config/${name}`, { env, cwd })
}

test('there are examples of the embedded gateway, a local one and OCI with IDCS', () => {
  expect(examples).toEqual(['embedded.yaml', 'local.yaml', 'oci-idcs.yaml'])
})

test.each(examples)('%s is right, and names its schema for editors', (name) => {
  expect(textOf(name)).toMatch(/^# yaml-language-server: \$schema=schema\/gateproof\.schema\.json\n/)
  const features = readYaml('features.yaml', readFileSync(join(root, 'suites/features.yaml'), 'utf8'))
  expect(checkEnforces(load(name), readFeatures(features.value, listFaults(features)))).toEqual([])
})

test('embedded.yaml is for the ports of the embedded gateway', () => {
  const { target, tokens, load: loading } = load('embedded.yaml')
  expect(target).toMatchObject({ origin: 'http://127.0.0.1:8480', basePath: '/v1' })
  expect(Object.keys(target.routes)).toEqual(['protected', 'scoped', 'public', 'others'])
  expect(tokens.kind).toBe('keys')
  expect(loading.mix).toEqual({ valid: 90, 'time-exp-past': 10 })
})

test('oci-idcs.yaml takes its secret from the environment', () => {
  const { tokens, secrets, target } = load('oci-idcs.yaml')
  expect(tokens).toMatchObject({ kind: 'oauth2', client: { scope: 'gw.example.test/read' } })
  expect(secrets).toContain('secret')
  expect(target.origin).toBe('https://gw.example.test')
  expect(textOf('oci-idcs.yaml')).not.toMatch(/clientSecret: (?!"\$\{)/)
})

test('what local.yaml has in comments is right too', () => {
  const uncommented = textOf('local.yaml').replace(/^( *)# ( *(?:- |[a-zA-Z]+:(?: |$)).*)$/gm, '$1$2')
  const config = load('local.yaml', uncommented)
  expect(config.waivers).toHaveLength(1)
  expect(config.serve.upstream?.port).toBe(9402)
  expect(config.policy.clockSkewSeconds).toBe(60)
  expect(Object.keys(config.target.routes)).toContain('optional')
})
