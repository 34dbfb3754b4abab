import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { here, ports, settingsFor } from '../bench.mjs'
import { provesFault, provesNoFalsePass, provesSound } from '../claims.mjs'

/** What a client meets that sends many bad tokens: a lock-out, a limit of its rate, a page to log in at. */
export async function prove(bench) {
  await bench.startGateway()
  await proveLimits(bench)
  await proveLogin(bench)
  await provePacing(bench)
  await proveLasting(bench, '401')
  await bench.stop('gateway')
  await bench.startGateway({ fault: 'audience' })
  await proveFaulty(bench)
  await proveLasting(bench, '403', 'audience')
}

const include = ['audience', 'credential']
const limits = [
  [8521, '429 with Retry-After'],
  [8522, '429 without Retry-After'],
  [8523, '503'],
]
const login = 8524

const at = (bench, port, more) =>
  settingsFor(bench, { target: { url: `http://127.0.0.1:${port}/v1`, ...more }, cases: { maxWait: '1s' } })

async function proveLimits(bench) {
  await startNginx(bench)
  for (const [port, name] of limits)
    provesSound(bench.check, await bench.test(at(bench, port), { include: ['audience'] }), name, {
      include: ['audience'],
    })
}

/** That every refusal is a redirect is told once, where the answers themselves are judged. */
async function proveLogin(bench) {
  const topics = [...include, 'responses']
  const run = await bench.test(at(bench, login), { include: topics })
  const told = run.having('fail', 'warn', 'inconclusive')
  const others = told.filter(({ topic, verdict }) => topic !== 'responses' || verdict.status !== 'warn')
  bench.check(
    'a login page: every case judged, the redirect told in the topic responses alone',
    run.exit === 0 && told.some((result) => result.case === 'resp-status-401-not-302') && others.length === 0,
    `${run.line}; ${others.map((result) => `${result.case} ${JSON.stringify(result.verdict)}`).join('; ')} ${run.said}`,
  )
  await bench.stop('front')
}

/** More than forty bad tokens in two seconds lock the client out; slower, it never comes to that. */
async function provePacing(bench) {
  await startHaproxy(bench, { WINDOW: '2s', ALLOWED: '40', LOCKED: '403' })
  const run = await bench.test(at(bench, ports.front, slow), { include: ['audience'] })
  provesSound(bench.check, run, 'a lock-out that pacing avoids', { include: ['audience'] })
  await bench.stop('front')
}

const slow = { pace: { concurrency: 2, perSecond: 15 } }

async function proveFaulty(bench) {
  await startNginx(bench)
  const limited = await bench.test(at(bench, 8522), { include: ['audience'] })
  provesFault(bench.check, limited, 'audience', '429 without Retry-After')
  const redirected = await bench.test(at(bench, login), { include })
  provesFault(bench.check, redirected, 'audience', 'a login page')
  await bench.stop('front')
  await startHaproxy(bench, { WINDOW: '2s', ALLOWED: '40', LOCKED: '401' })
  const paced = await bench.test(at(bench, ports.front, slow), { include: ['audience'] })
  provesFault(bench.check, paced, 'audience', 'a lock-out that pacing avoids')
  await bench.stop('front')
}

/** Nothing that the lock-out may have refused is believed, least of all where it answers as the gateway itself does. */
async function proveLasting(bench, LOCKED, fault) {
  await startHaproxy(bench, { WINDOW: '1h', ALLOWED: '20', LOCKED })
  const run = await bench.test(at(bench, ports.front), { include, seconds: 120 })
  const where = `a lock-out for an hour (${LOCKED})`
  const reasons = [...new Set(run.having('inconclusive').map(({ verdict }) => verdict.reason))].join(' ')
  bench.check(
    `${where}: ends by itself with ${run.exit}, says so, and what to do`,
    run.exit === (run.ids('fail').length > 0 ? 1 : 2) &&
      reasons === 'locked-out' &&
      /locked us out twice: lower target\.pace/.test(run.said),
    `${run.line}; ${reasons}; ${run.said}`,
  )
  if (fault === undefined) bench.check(`${where}: no finding`, run.ids('fail', 'warn').length === 0, run.line)
  else provesNoFalsePass(bench.check, run, fault, where)
  await bench.stop('front')
}

async function startHaproxy(bench, environment) {
  bench.folder('front')
  const command = ['haproxy', '-db', '-f', join(here, 'lock-out/haproxy.cfg')]
  await bench.start('front', `http://127.0.0.1:${ports.front}/`, command, { environment })
}

async function startNginx(bench) {
  const folder = bench.folder('front')
  copyFileSync(join(here, 'lock-out/nginx.conf'), join(folder, 'nginx.conf'))
  await bench.start('front', `http://127.0.0.1:${login}/`, [
    'nginx',
    '-p',
    folder,
    '-c',
    'nginx.conf',
    '-e',
    'stderr',
  ])
}
