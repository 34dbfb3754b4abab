import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStand, type Stand } from './fixtures/stand.ts'

/** The example of config/vitest, run by Vitest itself in a process of its own. */

const root = join(import.meta.dirname, '..')
let sound: Stand
beforeAll(async () => {
  sound = await openStand([])
})
afterAll(() => sound.close())

type Test = {
  readonly title: string
  readonly ancestorTitles: readonly string[]
  readonly status: 'passed' | 'failed' | 'skipped' | 'pending'
  readonly failureMessages: readonly string[]
}

const runExample = async (
  { cwd, gatewayUrl, keyFile }: Pick<Stand, 'cwd' | 'gatewayUrl' | 'keyFile'>,
  args: readonly string[],
): Promise<{ readonly code: number; readonly tests: readonly Test[]; readonly text: string }> => {
  const file = join(cwd, 'results.json')
  const { code, text } = await new Promise<{ code: number; text: string }>((done) => {
    execFile(
      process.execPath,
      [
        join(root, 'node_modules/vitest/vitest.mjs'),
        ...['run', '--root', join(root, 'config/vitest'), '--reporter', 'json', '--outputFile', file],
        ...args,
      ],
      {
        cwd: root,
        env: {
          PATH: process.env.PATH,
          GATEWAY_URL: gatewayUrl,
          SIGNING_KEY: keyFile,
        },
      },
      (error, stdout, stderr) =>
        done({ code: typeof error?.code === 'number' ? error.code : 0, text: stdout + stderr }),
    )
  })
  const written = readFileSync(file, 'utf8')
  const results = JSON.parse(written) as { testResults: readonly { assertionResults: readonly Test[] }[] }
  return { code, tests: results.testResults.flatMap((each) => each.assertionResults), text: text + written }
}

const statusOf = (tests: readonly Test[], id: string) =>
  tests.find(({ title }) => title.startsWith(`${id} · `))?.status

it('registers each case under its topic and requirement, passes on the sound gateway, and skips what does not apply', async () => {
  const { code, tests, text } = await runExample(sound, ['-t', 'audience|credential|the run could tell'])
  expect(text).not.toMatch(/eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]{20,}/)
  expect(tests.filter(({ status }) => status === 'failed')).toEqual([])
  expect(code).toBe(0)
  const wrong = tests.find(({ title }) => title.startsWith('aud-wrong · '))
  expect(wrong).toMatchObject({ status: 'passed' })
  expect(wrong?.ancestorTitles).toEqual([
    'gateproof: our gateway',
    'audience',
    expect.stringMatching(/^audience\.[\w-]+ · /),
  ])
  expect(tests.find(({ title }) => title === 'the run could tell')?.status).toBe('passed')
  expect(statusOf(tests, 'ctl-second-key')).toMatch(/skipped|pending/)
})

it('fails with the finding where the gateway is wrong, and sends what the filter of Vitest leaves alone', async () => {
  const faulty = await openStand(['aud-unchecked', 'exp-unchecked'])
  const { code, tests } = await runExample(faulty, ['-t', 'aud-wrong'])
  await faulty.close()
  expect(code).toBe(1)
  const [failed, ...others] = tests.filter(({ status }) => status === 'failed')
  expect(others).toEqual([])
  expect(failed?.title).toMatch(/^aud-wrong · /)
  expect(failed?.failureMessages.join()).toMatch(/A bad request was let in[^]*expected: 401[^]*observed: 200/)
  expect(statusOf(tests, 'time-exp-past')).not.toBe('passed')
})

it('fails where nothing can be told, and says why', async () => {
  const { code, tests } = await runExample({ ...sound, gatewayUrl: 'http://127.0.0.1:9/v1' }, [
    '-t',
    'aud-wrong|the run could tell',
  ])
  expect(code).toBe(1)
  const failed = tests.filter(({ status }) => status === 'failed')
  expect(failed.map(({ title }) => title.split(' ·')[0])).toEqual(['aud-wrong', 'the run could tell'])
  expect(failed[0]?.failureMessages.join()).toMatch(/inconclusive: the target did not answer/)
  expect(failed[1]?.failureMessages.join()).toMatch(/127\.0\.0\.1:9 cannot be tested/)
})
