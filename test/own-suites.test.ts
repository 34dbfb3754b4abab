import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runIn } from '../lib/cli/fixture.ts'
import { openStand, type Stand } from './fixtures/stand.ts'

/** Suite files of a user's own, as `cases.files` names them. */

let stand: Stand
beforeAll(async () => {
  stand = await openStand(['aud-unchecked'])
})
afterAll(() => stand.close())

const own = `id: audience.x-tenants
title: A token of another tenant gets nowhere
spec: { document: Our handbook, section: '4' }
level: must
why: It happened once.
cases:
  - id: x-aud-tenant
    title: The audience of another tenant
    variants:
      other: { claims: { aud: https://other-tenant.example.test/ } }
      none: { claims: { aud: null } }
    expect: reject
    severity: critical
  - id: x-aud-ours
    title: Ours
    deviation: {}
    expect: accept
`

const config = (more = ''): string => stand.config(`cases: { files: [own-*.yaml] }\n${more}`)
const call = (...args: readonly string[]) => runIn(stand.cwd, args)

describe('a suite of the user’s own', () => {
  beforeAll(() => {
    stand.write('own-tenants.yaml', own)
    stand.write('own.yaml', config())
  })

  it('is run, judged and reported as the catalogue is', async () => {
    const { code, out } = await call(
      ...['test', '-c', 'own.yaml', '--include', 'x-aud-tenant,x-aud-ours', '--out', 'own'],
      ...['--format', 'json,html,sarif'],
    )
    expect(code).toBe(1)
    expect(out).toMatch(/x-aud-tenant {2}fails open, critical/)
    const results = stand.report('own').conformance?.results ?? []
    expect(results.map((result) => [result.case, result.verdict.status])).toEqual([
      ['x-aud-ours', 'pass'],
      ['x-aud-tenant', 'fail'],
    ])
    expect(results[1]).toMatchObject({
      requirement: 'audience.x-tenants',
      topic: 'audience',
      spec: { document: 'Our handbook', section: '4' },
      why: 'It happened once.',
      digest: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    })
    expect(results[1]?.variants?.map(({ name }) => name)).toEqual(['other', 'none'])
    expect(readFileSync(join(stand.cwd, 'own', 'report.html'), 'utf8')).toMatch(/another tenant/)
    expect(readFileSync(join(stand.cwd, 'own', 'report.sarif'), 'utf8')).toMatch(/audience\.x-tenants/)
  })

  it('does not apply where its steps cannot be made of this target, and is refused where they never can', async () => {
    const steps = (deviation: string) => `id: replay.x-steps
title: Steps of our own
spec: { document: Our handbook, section: '5' }
level: must
cases:
  - id: x-steps
    title: Two requests
    steps:
      - send: { as: first, expect: accept }
      - send: { deviation: ${deviation}, expect: reject }
    expect: reject
`
    const file = stand.write('steps.yaml', stand.config('cases: { files: [steps-*.yaml] }'))
    const judge = () => call('test', '-c', file, '--include', 'controls,x-steps', '--out', 'steps')
    stand.write('steps-own.yaml', steps('{ header: { x: { $header: nowhere } }, sign: attacker }'))
    await judge()
    const found = stand.report('steps').conformance?.results.find((result) => result.case === 'x-steps')
    expect(found?.verdict).toMatchObject({ status: 'not-applicable', missing: ['distinct-deviation'] })
    for (const [wrong, told] of [
      ['{ sign: { as: nobody } }', /publishes a key called `nobody`/],
      ['{ header: { kid: { $delay: seconds } }, sign: attacker }', /not in a step: no `\$delay`/],
      ['{ token: { step: nobody } }', /no step before this one is called `nobody`/],
      ['{ header: { x: { $soon: 1 } } }', /no tagged value `\$soon`/],
    ] as const) {
      stand.write('steps-own.yaml', steps(wrong))
      const { code, err } = await judge()
      expect([code, told.test(err)]).toEqual([64, true])
    }
  })

  it('is selected by its requirement, and by a variant', async () => {
    for (const name of ['audience.x-tenants', 'x-aud-tenant/other'])
      expect((await call('test', '-c', 'own.yaml', '--include', name, '--out', 'some')).code).toBe(1)
  })

  it('can be waived, explained, planned and asked for a token', async () => {
    const waiver = 'waivers: [{ case: x-aud-tenant, kind: let-in, reason: known }]'
    const file = stand.write('waived.yaml', config(waiver))
    expect((await call('test', '-c', file, '--include', 'x-aud-tenant', '--out', 'waived')).code).toBe(0)
    const { out } = await call('explain', 'x-aud-tenant/none', '-c', 'own.yaml')
    expect(out).toMatch(/audience\.x-tenants: A token of another tenant gets nowhere/)
    expect((await call('list', '--plan', 'audience.x-tenants', '-c', 'own.yaml')).out).toMatch(
      /^2 of 2 cases run/,
    )
    expect((await call('token', 'x-aud-tenant', '-c', 'own.yaml')).out).toMatch(/^eyJ/)
  })

  it('counts as required', async () => {
    const required = config().replace('files: [own-*.yaml]', 'files: [own-*.yaml], require: [x-aud-ours]')
    const file = stand.write('required.yaml', required)
    const { code, out } = await call(
      'test',
      '-c',
      file,
      '--include',
      'ctl-valid-accepted,issuer',
      '--out',
      'req',
    )
    expect(code).toBe(2)
    expect(out).toMatch(/cases\.require names x-aud-ours/)
  })
})

describe('what is wrong with a suite of the user’s own is told with its place', () => {
  it.each([
    [
      'an unknown key',
      (text: string) => text.replace('level: must', 'levle: must'),
      /own-wrong\.yaml:4:1: unknown key `levle`; did you mean `level`/,
    ],
    [
      'an id that the catalogue may take one day',
      (text: string) => text.replace('x-aud-tenant', 'aud-tenant'),
      /own-wrong\.yaml:7:\d+: .*begins with `x-`/,
    ],
    [
      'a requirement’s id that it may take',
      (text: string) => text.replace('.x-tenants', '.tenants'),
      /own-wrong\.yaml:1:\d+: .*`audience\.x-tenants`/,
    ],
    ['an unknown topic', (text: string) => text.replace('audience.x', 'audiences.x'), /of no topic/],
    [
      'an unknown feature',
      (text: string) => text.replace('expect: reject', 'expect: reject\n    features: [scoped-rout]'),
      /unknown feature `scoped-rout`; did you mean `scoped-route`/,
    ],
    [
      'an unknown expectation',
      (text: string) => text.replace('expect: reject', 'expect: rejct'),
      /own-wrong\.yaml:12:\d+: .*reject/,
    ],
    [
      'two cases of one id',
      (text: string) => text.replace('x-aud-ours', 'x-aud-tenant'),
      /stands in this file already/,
    ],
    [
      'an unknown tagged value',
      (text: string) => text.replace('aud: null', 'aud: { $polcy: audience }'),
      /\$polcy/,
    ],
    ['no YAML', () => 'a: [', /own-wrong\.yaml:1:\d+/],
  ])('%s', async (_, change, words) => {
    stand.write('own-wrong.yaml', change(own))
    const file = stand.write('wrong.yaml', stand.config('cases: { files: [own-wrong.yaml] }'))
    const { code, err } = await call('test', '-c', file, '--out', 'wrong')
    expect(err).toMatch(words)
    expect(code).toBe(64)
  })

  it('a file that is not there', async () => {
    const file = stand.write('wrong.yaml', stand.config('cases: { files: [nowhere.yaml] }'))
    const { code, err } = await call('test', '-c', file)
    expect(err).toMatch(/wrong\.yaml:\d+:\d+: cannot read `nowhere\.yaml`/)
    expect(code).toBe(64)
  })
})
