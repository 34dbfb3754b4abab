import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { near, ports, settingsFor } from '../bench.mjs'
import { provesFault, provesSound } from '../claims.mjs'

/**
 * A gateway that takes nobody without a certificate. nginx says so with a page of its own (400), after the handshake;
 * HAProxy ends the handshake with an alert, which with TLS 1.3 comes when the client has written already.
 */
export async function prove(bench) {
  const { lab, check } = bench
  const ca = join(lab, 'ca.pem')
  const own = { cert: join(lab, 'client.pem'), key: join(lab, 'client.key') }
  const strange = { cert: join(lab, 'stranger.pem'), key: join(lab, 'stranger.key') }
  const at = (port, pair) =>
    settingsFor(bench, {
      target: { url: `https://127.0.0.1:${port}/v1`, tls: { ca, ...pair } },
      cases: { maxWait: '1s' },
    })
  const include = ['audience', 'path', 'hop', 'credential']
  const shut = async (sentence, port, pair) => {
    const run = await bench.test(at(port, pair), { include: ['audience'] })
    check(sentence, run.exit === 2 && /target\.tls\.cert/.test(run.said), `${run.line}; ${run.said}`)
  }

  await bench.startGateway({ tls: 'client' })
  provesSound(check, await bench.test(at(ports.gateway, own), { include }), 'nginx, with the certificate', {
    include,
  })
  await shut('nginx, without a certificate: ends with 2 and names target.tls.cert', ports.gateway)
  await shut('nginx, with a stranger’s: the same', ports.gateway, strange)
  await bench.stop('gateway')
  await bench.startGateway({ tls: 'client', fault: 'audience' })
  provesFault(check, await bench.test(at(ports.gateway, own), { include: near }), 'audience', 'nginx')
  await bench.stop('gateway')

  await bench.startGateway()
  await startHaproxy(bench)
  provesSound(
    check,
    await bench.test(at(ports.front, own), { include: near }),
    'HAProxy, with the certificate',
    // HAProxy joins two equal Host lines: ../../FINDINGS.md.
    { include: near, warns: ['path-host-duplicate'] },
  )
  await shut('HAProxy, without a certificate: ends with 2 and names target.tls.cert', ports.front)
  await shut('HAProxy, with a stranger’s: the same', ports.front, strange)
}

async function startHaproxy(bench) {
  const { lab } = bench
  const folder = bench.folder('haproxy')
  const pair = join(folder, 'server.pem')
  writeFileSync(
    pair,
    ['server.pem', 'server.key'].map((name) => readFileSync(join(lab, name), 'utf8')).join(''),
  )
  const lines = [
    'defaults',
    '    mode http',
    '    timeout client 30s',
    '    timeout connect 2s',
    '    timeout server 30s',
    'frontend front',
    `    bind 127.0.0.1:${ports.front} ssl crt ${pair} ca-file ${join(lab, 'ca.pem')} verify required alpn h2,http/1.1`,
    '    default_backend gateway',
    'backend gateway',
    `    server gateway 127.0.0.1:${ports.gateway}`,
  ]
  writeFileSync(join(folder, 'haproxy.cfg'), `${lines.join('\n')}\n`)
  await bench.start('haproxy', `https://127.0.0.1:${ports.front}/`, [
    'haproxy',
    '-db',
    '-f',
    join(folder, 'haproxy.cfg'),
  ])
}
