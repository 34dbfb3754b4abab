import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { near, ports, settingsFor } from '../bench.mjs'
import { provesFault, provesSound } from '../claims.mjs'

// Where the proxies come from. The gateway refuses everybody else, so nothing that goes past them goes unnoticed.
const outgoing = '127.0.0.2'
const tinyproxy = `127.0.0.1:${ports.front}`
const squid = `127.0.0.1:${ports.other}`
const password = 'front-of-the-laboratory'

/** Forward proxies in front of a gateway with a certificate of a private authority: everything goes through tunnels. */
export async function prove(bench) {
  const { lab, check } = bench
  const target = {
    url: `https://127.0.0.1:${ports.gateway}/v1`,
    tls: { ca: join(lab, 'ca.pem') },
    proxy: `http://${tinyproxy}`,
  }
  const settings = (more) => settingsFor(bench, { target: { ...target, ...more }, cases: { maxWait: '1s' } })

  await bench.startGateway({ tls: 'server', allow: outgoing })
  const straight = await bench.test(settings({ proxy: 'none' }), { include: ['audience'] })
  check(
    'past the proxies the gateway lets nobody in',
    straight.exit === 2 && /403/.test(straight.said),
    straight.said,
  )

  await startTinyproxy(bench)
  provesSound(check, await bench.test(settings()), 'through tinyproxy')
  const refused = await bench.test(settings({ tls: { ca: join(lab, 'other-ca.pem') } }), {
    include: ['audience'],
  })
  check(
    'a certificate of another authority ends with 2 and names target.tls.ca',
    refused.exit === 2 && /not trusted: set target\.tls\.ca/.test(refused.said),
    refused.said,
  )

  const include = ['audience']
  const fromEnvironment = settings({ proxy: undefined })
  const HTTPS_PROXY = `http://${tinyproxy}`
  const named = await bench.test(fromEnvironment, { include, environment: { HTTPS_PROXY } })
  provesSound(check, named, 'through HTTPS_PROXY', { include })
  const exempt = { HTTPS_PROXY, NO_PROXY: 'example.test, 127.0.0.0/8' }
  const around = await bench.test(fromEnvironment, { include, environment: exempt })
  check('NO_PROXY leads past the proxy', around.exit === 2 && /403/.test(around.said), around.said)
  const gone = await bench.test(fromEnvironment, {
    include,
    environment: { HTTPS_PROXY: 'http://127.0.0.1:1' },
  })
  check(
    'a proxy that is not there ends with 2 and is named',
    gone.exit === 2 && /proxy 127\.0\.0\.1:1\b/.test(gone.said),
    gone.said,
  )
  await bench.stop('tinyproxy')

  await startTinyproxy(bench, `BasicAuth gateproof ${password}`)
  const known = await bench.test(settings({ proxy: `http://gateproof:${password}@${tinyproxy}` }), {
    include,
  })
  provesSound(check, known, 'with the password of the proxy', { include })
  const unknown = await bench.test(settings({ proxy: `http://gateproof:not-${password}@${tinyproxy}` }), {
    include,
  })
  check(
    'a wrong password of the proxy ends with 2 and the status',
    unknown.exit === 2 && /CONNECT .* 40[17]/.test(unknown.said),
    unknown.said,
  )
  const written = JSON.stringify([known.report, unknown.report]) + known.said + unknown.said
  check('no report holds the password', known.complete && unknown.complete && !written.includes(password))
  await bench.stop('tinyproxy')

  await startSquid(bench)
  provesSound(
    check,
    await bench.test(settings({ proxy: `http://${squid}` }), { include: bytes }),
    'through Squid',
    { include: bytes },
  )
  await bench.stop('gateway')

  await bench.startGateway({ tls: 'server', allow: outgoing, fault: 'audience' })
  provesFault(
    check,
    await bench.test(settings({ proxy: `http://${squid}` }), { include: near }),
    'audience',
    'through Squid',
  )
  await bench.stop('gateway')
  // Spelled so that no ordinary client would send them: these are written byte by byte.
  await bench.startGateway({ tls: 'server', allow: outgoing, fault: 'paths' })
  provesFault(
    check,
    await bench.test(settings({ proxy: `http://${squid}` }), { include: bytes }),
    'paths',
    'through Squid',
  )
  await bench.stop('gateway')

  await bench.startGateway({ allow: outgoing })
  const plain = settings({ url: `http://127.0.0.1:${ports.gateway}/v1`, tls: undefined, proxy: undefined })
  const HTTP_PROXY = squid
  const run = await bench.test(plain, { include: bytes, environment: { HTTP_PROXY } })
  provesSound(check, run, 'without TLS, through HTTP_PROXY', { include: bytes })
}

const bytes = ['path', 'hop', 'credential', 'audience']

async function startTinyproxy(bench, ...more) {
  const file = join(bench.folder('tinyproxy'), 'tinyproxy.conf')
  const lines = [
    'User nobody',
    'Listen 127.0.0.1',
    `Port ${ports.front}`,
    `Bind ${outgoing}`,
    'Allow 127.0.0.1',
    `ConnectPort ${ports.gateway}`,
    'Timeout 60',
    'LogLevel Warning',
    ...more,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  await bench.start('tinyproxy', `http://${tinyproxy}/`, ['tinyproxy', '-d', '-c', file])
}

async function startSquid(bench) {
  const file = join(bench.folder('squid'), 'squid.conf')
  const lines = [
    `http_port ${squid}`,
    `acl gateway port ${ports.gateway}`,
    'http_access deny !CONNECT',
    'http_access deny !gateway',
    'http_access allow localhost',
    'http_access deny all',
    `tcp_outgoing_address ${outgoing}`,
    'cache deny all',
    'access_log none',
    'cache_log /dev/null',
    'pid_filename none',
    'shutdown_lifetime 0 seconds',
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  await bench.start('squid', `http://${squid}/`, ['squid', '-N', '-f', file])
}
