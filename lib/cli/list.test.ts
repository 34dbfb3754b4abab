import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runIn } from './fixture.ts'

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'gateproof-list-'))
  write('token.yaml', configOf('tokens: { token: opaque-token-of-nobody }'))
  write('chosen.yaml', configOf('tokens: { token: opaque-token-of-nobody }\ncases: { include: [audience] }'))
})
afterAll(() => {
  rmSync(cwd, { recursive: true, force: true })
})

const write = (name: string, text: string): void => {
  writeFileSync(join(cwd, name), text)
}
/** Nothing listens there: a plan needs nobody. */
const configOf = (more: string): string => `
target: { name: staging, url: http://127.0.0.1:9/v1, routes: { protected: /hello } }
policy: { issuer: https://issuer.example.test/, audience: https://gw.example.test, algorithms: [RS256] }
${more}
`
const plan = (...args: readonly string[]) => runIn(cwd, ['list', '--plan', ...args])

it('says how many cases run and how many do not, and what each supply would unlock, most first', async () => {
  const { code, out, err } = await plan('-c', 'token.yaml')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const [, running, all, idle] = /^(\d+) of (\d+) cases run against staging; (\d+) do not\.$/m.exec(out) ?? []
  expect(Number(running) + Number(idle)).toBe(Number(all))
  expect(Number(idle)).toBeGreaterThan(100)
  const [, alone = ''] = /What each would unlock by itself:\n([^]*?)\n\n/.exec(out) ?? []
  const counts = [...alone.matchAll(/^ {2}[\w-]+: (\d+) cases?/gm)].map(([, count]) => Number(count))
  expect(counts.length).toBeGreaterThan(1)
  expect(counts).toEqual(counts.toSorted((a, b) => b - a))
  expect(out).toMatch(/^ {2}public-route: \d+ cases?, \d+ variants?\. \w/m)
  expect(out).toMatch(/What it takes several for:\n[^]* \+ [^]*: \d+ case/)
  expect(out).toMatch(/--verbose/)
})

it('fits 80 columns, case by case too', async () => {
  for (const { out } of [await plan('-c', 'token.yaml'), await plan('-c', 'token.yaml', '--verbose')])
    expect(out.split('\n').filter((line) => Array.from(line).length > 80)).toEqual([])
})

it('tells with --verbose what each case lacks', async () => {
  const { out } = await plan('-c', 'token.yaml', '--verbose')
  const idle = Number(/; (\d+) do not/.exec(out)?.[1])
  expect(out.match(/^ {2}[\w-]+: missing /gm)?.length).toBe(idle)
  expect(out).toMatch(/^AUDIENCE\n {2}aud-wrong: missing jwt \+ signing-key, or missing other-audience$/m)
})

it('plans what the configuration selects, or else what is named', async () => {
  const all = await plan('-c', 'token.yaml')
  const chosen = await plan('-c', 'chosen.yaml')
  const named = await plan('audience', '-c', 'token.yaml')
  const counts = [all, chosen, named].map(({ out }) => Number(/of (\d+) cases/.exec(out)?.[1]))
  expect(counts[1]).toBe(counts[2])
  expect(counts[1]).toBeLessThan(counts[0]!)
})

it('takes a word that no case bears for a mistake', async () => {
  expect((await plan('audienc', '-c', 'token.yaml')).code).toBe(64)
})

it('plans for the embedded stack where there is no configuration, and says so', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'gateproof-list-'))
  const { code, out, err } = await runIn(empty, ['list', '--plan', 'audience'])
  rmSync(empty, { recursive: true })
  expect(code).toBe(0)
  expect(err).toMatch(/no gateproof\.yaml here: this is for the embedded stack/)
  expect(out).toMatch(/cases run against the embedded gateway/)
})

it('says where a token of a provider would tell more than the policy does', async () => {
  const client = '{ oauth2: { issuer: http://127.0.0.1:9, clientId: c, clientSecret: s } }'
  const target = 'target: { url: http://127.0.0.1:9/v1, routes: { protected: /hello } }'
  write('provider.yaml', `${target}\ntokens: ${client}\n`)
  write('declared.yaml', configOf(`tokens: ${client}`))
  const told = /No token is asked for here, so a run may\s+hold more/
  expect((await plan('-c', 'provider.yaml')).out).toMatch(told)
  expect((await plan('-c', 'declared.yaml')).out).not.toMatch(told)
  expect((await plan('-c', 'token.yaml')).out).not.toMatch(told)
})
