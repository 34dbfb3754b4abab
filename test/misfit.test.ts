import { createPrivateKey, sign } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runIn } from '../lib/cli/fixture.ts'
import { openStand, type Stand } from './fixtures/stand.ts'

/** A good token that does not get in, as a user meets it: what differs, with both values, before any verdict. */

let stand: Stand
beforeAll(async () => {
  stand = await openStand([])
})
afterAll(() => stand.close())

let files = 0
const testWith = (config: string) => runWith(config, ['test', '--include', 'aud-wrong,scope-insufficient'])

const runWith = async (config: string, [command = '', ...words]: readonly string[]) => {
  const file = stand.write(`misfit-${++files}.yaml`, config)
  const { code, out } = await runIn(stand.cwd, [command, '-c', file, '--out', `out-${files}`, ...words])
  for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
  return { code, text: out.replaceAll(/\s+/g, ' '), report: stand.report(`out-${files}`) }
}

const issuer = 'https://identity.oraclecloud.com/'
const audience = 'https://gw.embedded.test/'

/** A token by the key that the gateway trusts, from a command. */
const issuedBy = (claims: Readonly<Record<string, unknown>>, header = {}): string => {
  const { keys } = JSON.parse(readFileSync(stand.keyFile, 'utf8')) as { keys: [Record<string, string>] }
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  const all = { iss: issuer, aud: audience, sub: 'me', iat: now - 5, exp: now + 300, ...claims }
  const input = `${encode({ alg: 'RS256', kid: 'gateproof', ...header })}.${encode(all)}`
  const signature = sign('sha256', Buffer.from(input), createPrivateKey({ key: keys[0], format: 'jwk' }))
  const file = stand.write(`token-${files}.jwt`, `${input}.${signature.toString('base64url')}`)
  return `tokens: { command: ["${process.execPath}", -e, "process.stdout.write(fs.readFileSync('${stand.cwd}/${file}'))"] }`
}

const configWith = (policy: string, tokens: string, more = ''): string =>
  stand
    .config(more)
    .replace(/policy:.*/, `policy: ${policy}`)
    .replace(/tokens:.*/, tokens)

const plainPolicy = `{ issuer: ${issuer}, audience: ${audience}, algorithms: [RS256] }`

describe('a good token that the gateway refuses is compared with', () => {
  it('the policy: an issuer without its slash, another audience, an algorithm', async () => {
    const tokens = issuedBy({ iss: issuer.slice(0, -1), aud: 'account' })
    const policy = plainPolicy.replace('RS256', 'PS256')
    const { code, text, report } = await testWith(configWith(policy, tokens))
    expect(code).toBe(2)
    expect(text).toMatch(/the good token is refused \(it answered 401/)
    expect(text).toContain(
      'iss: "https://identity.oraclecloud.com" in the token, "https://identity.oraclecloud.com/" in policy.issuer (they differ by a slash at the end)',
    )
    expect(text).toContain('aud: "account" in the token, "https://gw.embedded.test/" in policy.audience')
    expect(text).toContain('alg: "RS256" in the token, "PS256" in policy.algorithms')
    expect(report.exit?.reasons.join('\n')).toContain('in policy.issuer (they differ by a slash at the end)')
    expect(JSON.stringify(report)).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]{20}/)
  })

  it('the clock of the target', async () => {
    const ended = Math.floor(Date.now() / 1000) - 600
    const { code, text } = await testWith(configWith(plainPolicy, issuedBy({ exp: ended })))
    expect(code).toBe(2)
    expect(text).toMatch(/exp: "[-\dT:]+Z" in the token, "[-\dT:]+Z" by the target’s clock \(60\d s over\)/)
  })

  it('the key set of the provider, and its name for itself', async () => {
    const other = readFileSync(stand.keyFile, 'utf8').replace('"gateproof"', '"Gateproof"')
    const { d: _, ...publicKey } = (JSON.parse(other) as { keys: [Record<string, unknown>] }).keys[0]
    const server = createServer((request, response) =>
      response.end(
        JSON.stringify(
          request.url === '/jwks' ? { keys: [publicKey] } : { issuer: 'http://127.0.0.1/realms/other' },
        ),
      ),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const policy = `{ issuer: "http://127.0.0.1:${port}/", audience: ${audience}, algorithms: [RS256], jwks: "http://127.0.0.1:${port}/jwks" }`
    const { code, text } = await testWith(configWith(policy, 'tokens: { keys: private.jwks.json }'))
    server.close()
    expect(code).toBe(2)
    expect(text).toContain(
      `iss: "http://127.0.0.1:${port}/" in the token, "http://127.0.0.1/realms/other" in the provider’s discovery document`,
    )
    expect(text).toContain(
      'kid: "gateproof" in the token, "Gateproof" in the key set policy.jwks (they differ by letter case)',
    )
    expect(text).toContain('the gateway must trust the public half of tokens.keys')
  })

  it('nothing where it is as the configuration says: then the gateway’s own settings differ', async () => {
    const policy = plainPolicy.replace(`${audience},`, `${audience}v2,`)
    const { code, text } = await testWith(configWith(policy, 'tokens: { keys: private.jwks.json }'))
    expect(code).toBe(2)
    expect(text).toMatch(
      /the token says iss "https:\/\/identity.oraclecloud.com\/", aud .*, alg "RS256", kid "gateproof"/,
    )
    expect(text).toMatch(/compare both, to the last slash, with the gateway's policy/)
  })
})

it('a scope that is missing on one route is told, and the other routes are judged', async () => {
  const { code, text, report } = await testWith(configWith(plainPolicy, issuedBy({ scp: 'orders.read' })))
  expect(code).toBe(2)
  expect(text).toMatch(
    /GET \/orders refuses the good token, so that nothing can be judged there \(it answered 403/,
  )
  expect(text).toContain(
    'scope: nothing in the token, "orders.read" for the route GET /orders (it stands in scp: policy.scopeClaim)',
  )
  expect(report.conformance?.results.map(({ verdict }) => verdict.status)).toContain('not-applicable')
})

describe('gateproof load compares as gateproof test does, before it fires anything', () => {
  const phases = 'load: { tokens: 20, warmup: 0s, duration: 200ms }'
  const ceiling =
    'load: { tokens: 20, warmup: 0s, model: open, ceiling: { from: 50, upTo: 100, step: 300ms } }'

  it.each([
    ['phases', phases, ['load']],
    ['a ceiling', ceiling, ['load']],
    ['a shard', phases, ['load', '--shard', '0/2']],
    ['load cases', phases, ['load', '--cases', '--include', 'load-mixed-good-bad']],
  ])('%s', async (_, settings, words) => {
    const tokens = issuedBy({ aud: `${audience}v2` })
    const more = `${settings}\nthresholds: [misjudged = 0]`
    const { code, text, report } = await runWith(configWith(plainPolicy, tokens, more), words)
    expect(code).toBe(2)
    expect(text).toMatch(/the good token is refused \(it answered 401/)
    const difference =
      'aud: "https://gw.embedded.test/v2" in the token, "https://gw.embedded.test/" in policy.audience'
    expect(text).toContain(difference)
    expect(text).not.toContain('the token says iss')
    expect(report.exit?.reasons.join('\n')).toContain(difference)
    expect(report.load?.phases.map(({ sent }) => sent)).toEqual([0])
    expect(JSON.stringify(report)).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]{20}/)
  })

  it('an issued token that has ended', async () => {
    const ended = Math.floor(Date.now() / 1000) - 600
    const source = issuedBy({ exp: ended })
    const token = readFileSync(`${stand.cwd}/token-${files}.jwt`, 'utf8')
    for (const tokens of [source, `tokens: { token: "${token}" }`]) {
      const { code, text } = await runWith(configWith(plainPolicy, tokens, phases), ['load'])
      expect(code).toBe(2)
      expect(text).toMatch(/exp: "[-\dT:]+Z" in the token, "[-\dT:]+Z" by the target’s clock \(60\d s over\)/)
    }
  })

  it('nothing where our own token is as the configuration says', async () => {
    const policy = plainPolicy.replace(`${audience},`, `${audience}v2,`)
    const { code, text } = await runWith(configWith(policy, 'tokens: { keys: private.jwks.json }', phases), [
      'load',
    ])
    expect(code).toBe(2)
    expect(text).toMatch(/compare both, to the last slash, with the gateway's policy/)
  })
})
