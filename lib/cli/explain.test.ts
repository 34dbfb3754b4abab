import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startStack } from '../reference/stack.ts'
import { benchCase } from './bench.ts'
import { standInConfig } from './embedded.ts'
import { explanation } from './explain.ts'
import { runIn } from './fixture.ts'
import { terminalOf } from './process-terminal.ts'

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'gateproof-explain-'))
})
afterAll(() => {
  rmSync(cwd, { recursive: true, force: true })
})

const terminal = () => ({
  ...terminalOf(process, new AbortController().signal),
  cwd,
  err: () => undefined,
})

/** A compact JWS with a signature that could be one. */
const usable = /eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]{20,}/

describe('without a configuration', () => {
  it('the embedded stack is meant, and that is said on stderr alone', async () => {
    const { code, out, err } = await runIn(cwd, ['explain', 'aud-wrong'])
    expect(code).toBe(0)
    expect(err).toMatch(/no gateproof\.yaml here.*embedded stack/)
    expect(out).toMatch(/^aud-wrong\/minted · must · critical\n/)
    expect(out).toContain('http://127.0.0.1:8480/v1/hello')
    const told = await runIn(cwd, ['token', 'aud-wrong'])
    expect(told.code).toBe(0)
    expect(told.out).toMatch(usable)
  })

  it('a configuration that was named and is not there is a mistake', async () => {
    expect((await runIn(cwd, ['explain', 'aud-wrong', '-c', 'nowhere.yaml'])).code).toBe(64)
  })

  it('a gateproof.yaml in the folder is read, faults and all', async () => {
    writeFileSync(join(cwd, 'gateproof.yaml'), 'target: 1\n')
    const { code, err } = await runIn(cwd, ['explain', 'aud-wrong'])
    rmSync(join(cwd, 'gateproof.yaml'))
    expect(code).toBe(64)
    expect(err).toMatch(/gateproof\.yaml:1/)
  })

  it('the stand-in says of the stack what is true of it', async () => {
    const stack = await startStack({ now: () => Date.now(), signingKeys: [] })
    const { policy, target } = await standInConfig(terminal())
    await stack.close()
    expect(policy.issuers).toEqual([stack.issuer])
    expect(policy.audiences).toEqual([stack.audience])
    expect(target.basePath).toBe(new URL(stack.gatewayUrl).pathname)
  })
})

describe('the page of a case', () => {
  it.each([
    [
      'aud-wrong',
      [
        /^Requirement\n {2}audience\./m,
        /^Why it matters\n/m,
        /rfc-editor\.org\/rfc\/rfc7519#section-4\.1\.3/,
      ],
    ],
    ['aud-prefix/word', [/^Variants\n {2}word, path, domain$/m, /gateproof token aud-prefix\/word\)/]],
    [
      'cred-nul-in-header',
      [
        /^Sent, byte by byte\n/m,
        /Bearer \$TOKEN\\x00\$TOKEN_2$/m,
        /read -r TOKEN; read -r TOKEN_2;/,
        /%s\\000%s/,
      ],
    ],
    ['cred-scheme-basic-token', [/Authorization: Basic \$TOKEN$/m]],
    ['cred-no-header', [/401 with a bare Bearer challenge\./]],
    ['ctl-valid-repeat', [/The same 20 times/]],
    [
      'sig-payload-modified/seen',
      [
        /^Sent first: the good request\n[^]*Bearer \$GOOD\n[^]*^Then\n[^]*Bearer \$TOKEN$/m,
        /read -r TOKEN; read -r GOOD;/,
        /'"\$GOOD"/,
      ],
    ],
    [
      'kid-sqli-timing/sql-server',
      [/Sent with a sleep of 5 s\./, /with 5 s\s+and with 10 s, three times each/, /WAITFOR DELAY '0:0:5'--/],
    ],
    ['ctl-second-key', [/^Does not apply here\n {2}second-key: /m]],
  ] as const)('%s', async (id, words) => {
    const { code, out } = await runIn(cwd, ['explain', id])
    expect(code).toBe(0)
    for (const each of words) expect(out).toMatch(each)
    expect(out).not.toMatch(usable)
    expect(out.match(/[\w-]{200,}/g) ?? []).toEqual([])
    const commands = out.indexOf('How to repeat it')
    const prose = out.slice(0, commands === -1 ? undefined : commands)
    expect(prose.split('\n').filter((line) => Array.from(line).length > 80)).toEqual([])
  })

  it('names the configuration in what it tells to call', async () => {
    writeFileSync(
      join(cwd, 'other.yaml'),
      `target: { url: http://127.0.0.1:1/, routes: { protected: /x } }
policy: { issuer: https://issuer.example.test/, audience: a, algorithms: [RS256] }
tokens: { token: opaque-token-of-nobody }
`,
    )
    const { out } = await runIn(cwd, ['explain', 'ctl-valid-accepted', '-c', 'other.yaml'])
    expect(out).toMatch(/gateproof token ctl-valid-accepted -c other\.yaml\)/)
    expect(out).not.toContain('opaque-token-of-nobody')
  })

  it('shows what it has no words for as the suite has it, and does not fall over it', async () => {
    const benched = await benchCase('aud-wrong', undefined, terminal())
    const { planned, variant } = benched
    const steps = [{ send: { deviation: {} } }, { keySet: { remove: ['issuer'] } }]
    const strange = {
      ...benched,
      planned: { ...planned, case: { ...planned.case, novelty: { some: ['data'] } } },
      variant: { ...variant, expect: { is: 'reject' as const, moonPhase: 'full' }, steps },
    }
    const text = explanation(strange, { width: 80, configFile: undefined }).join('\n')
    expect(text).toMatch(/^Also: novelty\n {2}\{ "some": \[ "data" \] \}$/m)
    expect(text).toMatch(/moonPhase: full/)
    expect(text).toMatch(
      /^Steps\n {2}1\. Send the good request\. Expected: [^]*\n {2}2\. Key set: withdraw the issuer’s key\./m,
    )
    expect(text).toMatch(/gateproof test --include aud-wrong/)
  })
})

describe('gateproof token --all', () => {
  it('prints every credential, a line each, in the order in which they are named', async () => {
    const { out } = await runIn(cwd, ['token', 'sig-payload-modified/seen', '--all'])
    const [token, good, end] = out.split('\n')
    expect(token).toMatch(usable)
    expect(good).toMatch(usable)
    expect(end).toBe('')
    // One flaw: the signature is that of the good token.
    expect(token?.split('.')[2]).toBe(good?.split('.')[2])
    expect(token?.split('.')[1]).not.toBe(good?.split('.')[1])
  })
})
