import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runIn } from '../lib/cli/fixture.ts'
import { openStand, type Stand } from './fixtures/stand.ts'

/** Waivers as a user meets them: in a configuration, a run, an exit code and a report. */

let lax: Stand
let sound: Stand
beforeAll(async () => {
  ;[lax, sound] = await Promise.all([openStand(['aud-unchecked']), openStand([])])
})
afterAll(() => Promise.all([lax.close(), sound.close()]))

const test = (stand: Stand, waivers: string, ...args: readonly string[]) =>
  runIn(stand.cwd, [
    ...['test', '-c', stand.write('waived.yaml', stand.config(`waivers: [${waivers}]`)), '--out', 'out'],
    ...['--include', 'aud-wrong', ...args],
  ])
const accepted = '{ case: aud-wrong, kind: let-in, reason: ticket 123, until: 2999-12-31 }'

describe('an accepted risk', () => {
  it('does not fail the run, and is shown as waived with its reason in every report', async () => {
    expect((await test(lax, '')).code).toBe(1)
    const { code, out } = await test(lax, accepted, '--format', 'json,html,markdown,junit')
    expect(code).toBe(0)
    expect(out).toMatch(/1 waived/)
    const { conformance } = lax.report('out')
    expect(conformance?.summary).toMatchObject({ fail: 1, waived: 1 })
    expect(conformance?.results[0]?.waived).toEqual([
      { kind: 'let-in', reason: 'ticket 123', until: '2999-12-31' },
    ])
    for (const file of ['report.html', 'summary.md', 'junit.xml'])
      expect(readFileSync(join(lax.cwd, 'out', file), 'utf8'), file).toMatch(/ticket 123/)
  })

  it('hides no mismatch of another kind', async () => {
    expect((await test(lax, '{ case: aud-wrong, kind: wrong-status, reason: x }')).code).toBe(1)
  })

  it('hides no other case', async () => {
    expect((await test(lax, accepted, '--include', 'aud-wrong,aud-case')).code).toBe(1)
  })
})

describe('a waiver that has had its day', () => {
  it('ends the run with 2 once it has expired, and says so', async () => {
    const { code, out } = await test(lax, accepted.replace('2999-12-31', '2020-02-29'))
    expect(code).toBe(2)
    expect(out).toMatch(/the waiver of let-in for aud-wrong expired on 2020-02-29/)
  })

  it('ends the run with 2 where its case passes now', async () => {
    const { code, out } = await test(sound, accepted)
    expect(code).toBe(2)
    expect(out).toMatch(/the waiver of let-in for aud-wrong is stale/)
  })

  it('is left alone where its case did not run, or ran in part', async () => {
    const onOther = accepted.replace('aud-wrong', 'aud-prefix')
    expect((await test(sound, onOther)).code).toBe(0)
    expect((await test(sound, onOther, '--include', 'aud-prefix/word')).code).toBe(0)
    expect((await test(sound, onOther, '--include', 'aud-prefix')).code).toBe(2)
    const onTopic = '{ topic: audience, kind: wrong-status, reason: x }'
    expect((await test(sound, onTopic)).code).toBe(0)
  })

  it('is left alone where its case could not be judged', async () => {
    const dead = sound.config(`waivers: [${accepted}]`).replace(/url: .*/, 'url: http://127.0.0.1:9/v1')
    const { code, out } = await runIn(sound.cwd, [
      ...['test', '-c', sound.write('dead.yaml', dead), '--out', 'dead', '--include', 'aud-wrong'],
    ])
    expect(code).toBe(2)
    expect(out).not.toMatch(/waiver/)
  })
})

it.each([
  [
    '{ case: aud-wrng, kind: let-in, reason: x }',
    /waived\.yaml:\d+:\d+: unknown case `aud-wrng`; did you mean `aud-wrong`/,
  ],
  ['{ topic: audienc, kind: wrong-status, reason: x }', /unknown topic `audienc`; did you mean `audience`/],
  ['{ case: aud-wrong, kind: let-inn, reason: x }', /unknown kind `let-inn`; did you mean `let-in`/],
  ['{ topic: audience, kind: let-in, reason: x }', /fails open: it cannot be waived for a whole topic/],
  ['{ topic: audience, kind: reached-upstream, reason: x }', /fails open/],
  ['{ topic: audience, kind: leaks, reason: x }', /fails open/],
  ['{ case: aud-wrong, reason: x }', /kind/],
  ['{ case: aud-wrong, kind: let-in }', /reason/],
  ['{ case: aud-wrong, topic: audience, kind: let-in, reason: x }', /it has both/],
  ['{ kind: let-in, reason: x }', /it has neither/],
  ['{ case: aud-wrong, kind: let-in, reason: x, until: 2027-02-30 }', /no such day/],
])('a configuration with the waiver %s is refused with 64', async (waiver, words) => {
  const { code, err } = await test(sound, waiver)
  expect(err).toMatch(words)
  expect(code).toBe(64)
})
