import { spawnSync } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { here, ports, settingsFor } from '../bench.mjs'
import { provesFault, provesFindings, provesSound } from '../claims.mjs'
import { faults } from '../faults.mjs'
import { writeEnvoy } from './envoy.mjs'

const tool = { name: 'tool.fronts.test', address: '10.213.0.1', jwks: ports.jwks, upstream: ports.upstream }
const gateway = ['10.213.0.2', ports.gateway]
const plain = ['10.213.0.2', ports.front]
const servername = 'inner.fronts.test'
const inside = (namespace) => ['ip', 'netns', 'exec', `gateproof-${namespace}`]

/** Names in the certificate of the laboratory: not the one in `target.url`. */
export const names = [servername, tool.name]

/** A gateway on a network of its own, where nothing of ours has the address at which it listens. */
export async function prove(bench) {
  const made = spawnSync(join(here, 'namespace/namespaces.sh'), ['up'], { encoding: 'utf8' })
  try {
    if (made.status === 0) await proveWithin(bench)
    else
      bench.skip(
        'a gateway in a namespace of its own',
        `the machine makes no namespaces: ${made.stderr.trim()}`,
      )
  } finally {
    // What runs in a namespace has to end before it goes.
    await bench.stopAll()
    spawnSync(join(here, 'namespace/namespaces.sh'), ['down'])
  }
}

async function proveWithin(bench) {
  const { lab, check } = bench
  const within = inside('tool')
  const target = {
    url: 'https://gateway.fronts.test/v1',
    connect: gateway.join(':'),
    tls: { ca: join(lab, 'ca.pem'), servername },
    plaintextUrl: `http://${plain.join(':')}/v1`,
  }
  const settings = (more) => settingsOf(bench, { ...target, ...more })
  const shut = async (sentence, said, more) => {
    const run = await bench.test(settings(more), { include: ['audience'], within })
    check(sentence, run.exit === 2 && said.test(run.said), `${run.line}; ${run.said}`)
  }

  await startEnvoy(bench, [])
  const run = await bench.test(settings(), { include, within, seconds: 240 })
  provesFindings(check, run, known, `Envoy, keys fetched over TLS from ${tool.name}`)
  check(
    'what it must not fetch, it could have reached: no case of that is in doubt',
    run.results.filter(({ topic }) => topic === 'references').length > 10 &&
      !JSON.stringify(run.results).includes('no-fetch-unproven'),
  )
  for (const id of ['hop-plaintext-port', 'jwks-tls-untrusted'])
    check(`what only such a network lets one ask has passed: ${id}`, run.ids('pass').includes(id), run.line)
  await shut('without target.connect nobody has that name', /cannot be tested: .*gateway\.fronts\.test/, {
    connect: undefined,
  })
  await shut(
    'without target.tls.servername the handshake fails',
    /cannot be tested: TLS with 10\.213\.0\.2:8520/,
    {
      tls: { ca: target.tls.ca },
    },
  )
  await bench.stop('gateway')

  await startEnvoy(bench, ['audience', 'plaintext', 'unverified'])
  const wrong = await bench.test(settings(), { include: [...include, 'alg'], within })
  const ofFaults = [...faults.audience.fails, 'hop-plaintext-port', 'jwks-tls-untrusted']
  const fails = [...ofFaults, ...known].filter((id) => !ofNoType.includes(id))
  provesFindings(
    check,
    wrong,
    fails,
    'Envoy, faults audience, plaintext (served without TLS), unverified (key set)',
  )
  await bench.stop('gateway')

  // One that calls whatever a token names, at an address that only the listener's `url` says.
  await startNginx(bench, 'fetches')
  const caller = settingsFor(bench, {
    target: { url: `http://${gateway.join(':')}/v1` },
    serve: {
      upstream: `0.0.0.0:${ports.upstream}`,
      listener: {
        listen: `0.0.0.0:${ports.listener}`,
        url: `http://${tool.address}:${ports.listener}`,
        reachable: true,
      },
    },
    cases: { maxWait: '1s' },
  })
  const called = await bench.test(caller, { include: ['references', 'audience'], within })
  provesFault(check, called, 'fetches', 'nginx')
  await bench.stop('gateway')
  await startNginx(bench)
  const quiet = await bench.test(caller, { include: ['references', 'audience'], within })
  provesSound(check, quiet, 'nginx', { include: ['references', 'audience'] })
}

const include = [
  ...['audience', 'references', 'hop', 'upstream'],
  ...[
    'jwks-tls-untrusted',
    'jwks-rotation-new-kid',
    'jwks-oct-public',
    'jwks-dup-kid-other-type',
    'jwks-redirect',
  ],
]

/** An audience that is neither a text nor a list of texts is refused by Envoy whatever it is meant to demand. */
const ofNoType = ['aud-array-non-string', 'aud-null', 'aud-number-object']

/** What is wrong with Envoy itself in those topics: ../FINDINGS.md. */
const known = [
  'aud-scheme-swap',
  'aud-trailing-slash',
  'jwks-oct-public',
  'jwks-dup-kid-other-type',
  'alg-label-family-no-jwk-alg',
  'alg-crv-mismatch',
]

function settingsOf(bench, target) {
  const { lab } = bench
  const settings = settingsFor(bench, {
    target,
    serve: {
      jwks: {
        listen: `0.0.0.0:${ports.jwks}`,
        url: `https://${tool.name}:${ports.jwks}`,
        tls: { cert: join(lab, 'server.pem'), key: join(lab, 'server.key') },
      },
      upstream: { listen: `0.0.0.0:${ports.upstream}`, url: `http://${tool.name}:${ports.upstream}` },
      listener: { listen: `0.0.0.0:${ports.listener}`, url: `http://${tool.name}:${ports.listener}` },
    },
    cases: { maxWait: '5s' },
  })
  // As ../../envoy-remote says of Envoy with fetched keys.
  const policy = {
    ...settings.policy,
    clockSkew: '60s',
    keySet: { maxAge: '2s' },
    enforces: ['require-exp', 'case-sensitive-paths'],
  }
  return { ...settings, policy }
}

async function startEnvoy(bench, faults) {
  const file = writeEnvoy(bench.folder('gateway'), {
    lab: bench.lab,
    gateway,
    plain,
    tool,
    servername,
    faults,
  })
  const home = env.GATEPROOF_ENVOY || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'gateproof/envoy')
  const command = [
    join(home, 'bin/envoy'),
    '--config-path',
    file,
    '--disable-hot-restart',
    '--log-level',
    'warning',
  ]
  await bench.start('gateway', `http://${plain.join(':')}/`, command, { within: inside('gateway') })
}

async function startNginx(bench, fault) {
  const listen = gateway.join(':')
  await bench.startGateway({
    fault,
    listen,
    upstream: `${tool.address}:${ports.upstream}`,
    within: inside('gateway'),
  })
}
