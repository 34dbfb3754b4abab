import { join } from 'node:path'
import { here, near, ports, settingsFor } from '../bench.mjs'
import { provesFault, provesSound } from '../claims.mjs'

/** A firewall in front of the gateway: what it stops is told as stopped, and never as the gateway's own no. */
export async function prove(bench) {
  const { check } = bench
  const url = `http://127.0.0.1:${ports.front}/v1`
  const settings = (headers) => settingsFor(bench, { target: { url, headers }, cases: { maxWait: '1s' } })

  await bench.startGateway()
  await startFirewall(bench, '1')
  const whole = await bench.test(settings())
  provesSound(check, whole, 'paranoia level 1')
  provesTold(check, whole, 'paranoia level 1')
  await bench.stop('firewall')

  await startFirewall(bench, '2')
  const stopped = await bench.test(settings(), { include: ['audience'] })
  check(
    'paranoia level 2, which refuses every request without Accept and User-Agent: ends with 2 and names target.headers',
    stopped.exit === 2 && /target\.headers/.test(stopped.said),
    `${stopped.line}; ${stopped.said}`,
  )
  const complete = await bench.test(settings(headers), { include: strict })
  provesSound(check, complete, 'paranoia level 2', { include: strict })
  provesTold(check, complete, 'paranoia level 2')
  await bench.stop('gateway')

  await bench.startGateway({ fault: 'audience' })
  provesFault(check, await bench.test(settings(headers), { include: near }), 'audience', 'paranoia level 2')
  await bench.stop('gateway')
}

const headers = { accept: 'application/json', 'user-agent': 'gateproof' }
const strict = ['credential', 'path', 'hop', 'encoding', 'kid', 'upstream']

/** The page of firewall/apache.conf, by which it is known here. */
const page = 'stopped by the firewall'

function provesTold(check, run, level) {
  const units = run.results.flatMap((result) => result.variants ?? [result])
  const byFirewall = units.filter(({ evidence }) => evidence?.at(-1)?.response.bodyExcerpt?.includes(page))
  const passed = byFirewall.filter(({ verdict }) => verdict.status === 'pass')
  const silent = passed.filter(({ verdict }) => !verdict.notes.includes('refused-otherwise'))
  check(
    `${level}: all of the ${passed.length} passes that rest on the firewall say so`,
    passed.length > 0 && silent.length === 0,
    silent
      .map(
        (unit) =>
          unit.case ?? `${unit.evidence[0].request.method} ${unit.evidence[0].request.target} ${unit.name}`,
      )
      .join('; '),
  )
}

async function startFirewall(bench, PARANOIA) {
  const RUN = bench.folder('firewall')
  const command = ['apache2', '-DFOREGROUND', '-f', join(here, 'firewall/apache.conf')]
  await bench.start('firewall', `http://127.0.0.1:${ports.front}/`, command, {
    environment: { RUN, PARANOIA },
  })
}
