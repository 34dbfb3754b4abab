import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { configOf } from '../../test/fixtures/config-folder.ts'
import { loadSuites } from '../config/suites.ts'
import { openExchange } from '../exchange/exchange.ts'
import { listenOn, type Wire } from '../exchange/fixture.ts'
import { featuresOf } from '../plan/features.ts'
import { gather } from '../trial/gather.ts'
import { openLoad } from './opening.ts'

const suite = loadSuites(fileURLToPath(new URL('../../suites/', import.meta.url)), [])

const open: Wire[] = []
afterEach(async () => {
  for (const wire of open.splice(0)) await wire.close()
})

/** Opens load with an issued token at a gateway that gives every request this status. */
const openAt = async (status: number, claims: Readonly<Record<string, unknown>>) => {
  const wire = await listenOn(createServer((_, response) => response.writeHead(status).end()))
  open.push(wire)
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = `${encode({ alg: 'RS256', kid: 'theirs' })}.${encode(claims)}.${'A'.repeat(342)}`
  const config = configOf(`
target: { url: ${wire.origin}, routes: { protected: /hello }, proxy: none }
policy: { issuer: https://idp.example.test, audience: https://gw.example.test, algorithms: [RS256] }
tokens: { token: ${token} }
`)
  const exchanger = openExchange(config.target, { now: () => Date.now() })
  const io = {
    exchanger,
    now: () => Date.now(),
    sleep: () => Promise.resolve(),
    newId: () => randomUUID(),
    random: (bytes: number) => randomBytes(bytes),
    signal: new AbortController().signal,
    onEvent: () => undefined,
  }
  const gathered = await gather(config, io)
  if (gathered.kind === 'failed') throw new Error(gathered.message)
  const features = featuresOf(config, gathered.facts)
  const opened = await openLoad(config, suite, { gathered, features }, io)
  await exchanger.close()
  return 'trouble' in opened ? opened.trouble : undefined
}

const claims = { iss: 'https://idp.example.test/', aud: 'https://gw.example.test', exp: 4_000_000_000 }

it('a good token that is refused is held against the policy, before anything is fired', async () => {
  const by = 'in policy.issuer'
  const remark = 'they differ by a slash at the end'
  expect(await openAt(401, claims)).toMatchObject({
    kind: 'good-refused',
    misfits: [
      { name: 'iss', token: 'https://idp.example.test/', wanted: 'https://idp.example.test', by, remark },
    ],
  })
})

it('nothing is compared where the token was not what was refused', async () => {
  expect(await openAt(200, claims)).toMatchObject({ kind: 'accepts-everything', misfits: [] })
})
