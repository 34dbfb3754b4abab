#!/usr/bin/env node
// usage: prove.mjs [--install]
// Keycloak issues every token, and no key of ours signs one. Shows that gateproof judges a gateway so: a sound one, and
// one that does not look at one thing; what it says of a token request that Keycloak refuses; and what each further
// supply would unlock. Takes eight minutes, since tokens have to expire, leeway and all.
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv, execPath, stderr } from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { must, openProof } from '../proof.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const gateproof = fileURLToPath(new URL('../../../bin/gateproof.js', import.meta.url))
const settings = (name) => readFileSync(join(here, name), 'utf8')
const byScope = settings('gateproof.yaml')
const byRole = settings('gateproof-roles.yaml')

/** A wrong audience, an expired token, a key id that nobody has, a missing scope, and another scheme. */
const founding = [
  'aud-wrong',
  'time-exp-past-wait',
  'kid-unknown-forged',
  'scope-missing-claim',
  'cred-scheme-token-jwt',
]

/** What the gateway does not look at, and the findings that this makes. */
const faults = {
  // An ID token of the same issuer is kept out by its audience alone.
  audience: ['aud-wrong', 'typ-id-token'],
  expiry: ['time-exp-past-wait'],
  scope: ['scope-insufficient', 'scope-missing-claim'],
  scheme: ['cred-scheme-token-jwt'],
}

/** What is wrong in the settings of the client, what Keycloak says of it, and what has to be looked at. */
const refusals = {
  'a wrong secret': {
    text: byRole.replace('GATEPROOF_LAB_SECRET}', 'GATEPROOF_LAB_WRONG}'),
    said: '401 unauthorized_client: Invalid client or Invalid client credentials',
    setting: 'tokens.oauth2.clientSecret and auth',
  },
  'a client that there is not': {
    text: byRole.replace('clientId: gateproof\n', 'clientId: nobody\n'),
    said: '401 invalid_client: Invalid client or Invalid client credentials',
    setting: 'tokens.oauth2.clientId, clientSecret and auth',
  },
  'a scope that there is not': {
    text: byRole.replace('scope: gateway orders.read\n', 'scope: gateway orders.raed\n'),
    said: '400 invalid_scope: Invalid scopes: gateway orders.raed',
    setting: 'tokens.oauth2.scope',
  },
  'another client that there is not': {
    text: byRole.replace('clientId: gateproof-second', 'clientId: nobody'),
    said: '401 invalid_client: Invalid client or Invalid client credentials',
    setting: 'tokens.others.second.oauth2.clientId',
  },
  'a realm that there is not': {
    text: byRole.replace(/^ {4}issuer: .*/m, '    issuer: http://127.0.0.1:8509/realms/nowhere'),
    said: 'answered 404 without a token_endpoint',
    setting: 'tokens.oauth2.issuer',
  },
  'a key that the client does not have': {
    text: byScope.replace('client.jwks.json', 'stranger.jwks.json'),
    said: '400 invalid_client',
    setting: 'tokens.oauth2.clientId, clientKey and auth',
  },
}

/** The supplies whose lack a plan without `tokens.others` must name. */
const supplies = [
  'signing-key',
  'other-audience',
  'expired',
  'other-scope',
  'no-scope',
  'other-issuer',
  'second-token',
  'id-token',
]

const wrongSecret = 'never-to-be-read-anywhere'
const secretOf = ({ folder }) => readFileSync(join(folder, 'client.secret'), 'utf8')
const environmentOf = (proof) => ({
  GATEPROOF_LAB: proof.folder,
  GATEPROOF_LAB_SECRET: secretOf(proof),
  GATEPROOF_LAB_WRONG: wrongSecret,
})
/** What runs when it comes is waited for, so that nothing is left running. */
const interrupt = new AbortController()
const differing = (one, other) => one.filter((id) => !other.includes(id)).sort()

async function prove(install) {
  const proof = openProof('keycloak')
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupt.abort())
  try {
    if (install) await must([join(here, 'install.sh')])
    await begin(proof, 'roles')
    const over = Date.now() + 67_000 // a second to live, a minute of leeway, five seconds for the clocks
    for (const [what, refusal] of Object.entries(refusals)) await proveRefusal(proof, what, refusal)
    await provePlan(proof)
    await setTimeout(Math.max(0, over - Date.now()), undefined, { signal: interrupt.signal })
    const byRoleSound = await proveSound(proof, 'by roles', byRole)
    for (const [fault, findings] of Object.entries(faults)) {
      await begin(proof, 'roles', fault)
      await proveFault(proof, `by roles, ${fault}`, { text: byRole, sound: byRoleSound, findings })
    }
    await begin(proof, 'scope')
    const byScopeSound = await proveSound(proof, 'by scopes', byScope)
    // Nobody gives an expired token here: a good one is sent again when its time is up.
    for (const fault of ['scope', 'expiry']) {
      await begin(proof, 'scope', fault)
      await proveFault(proof, `by scopes, ${fault}`, {
        text: byScope,
        sound: byScopeSound,
        findings: faults[fault],
      })
    }
  } catch (error) {
    proof.check('all is proved to its end', false, error.stack)
  } finally {
    await must([join(here, '../stop.sh'), proof.folder])
  }
  const exit = await proof.close()
  return interrupt.signal.aborted ? 130 : exit
}

/** Starts the gateway so, and Keycloak where it does not run yet. */
async function begin(proof, ...how) {
  interrupt.signal.throwIfAborted()
  await must([join(here, '../stop.sh'), proof.folder, 'gateway'])
  const began = Date.now()
  await must([join(here, 'start.sh'), proof.folder, ...how])
  proof.say(`# ${how.join(', without ')}: started in ${((Date.now() - began) / 1000).toFixed(1)} s`)
}

async function proveRefusal(proof, what, { text, said, setting }) {
  interrupt.signal.throwIfAborted()
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const stranger = { kid: 'gateproof-client', alg: 'ES256', ...privateKey.export({ format: 'jwk' }) }
  writeFileSync(join(proof.folder, 'stranger.jwks.json'), JSON.stringify({ keys: [stranger] }), {
    mode: 0o600,
  })
  const outcome = await proof.test(text, { include: ['controls'], environment: environmentOf(proof) })
  const told = outcome.reasons.join(' ')
  proof.check(
    `${what}: exit 2, in the words of Keycloak`,
    outcome.exit === 2 && told.includes(said),
    told || outcome.said,
  )
  proof.check(`${what}: ${setting} is what to look at`, told.includes(setting), told)
  const everything = outcome.said + outcome.text
  const secrets = [wrongSecret, secretOf(proof), stranger.d]
  proof.check(`${what}: no secret is told`, !secrets.some((secret) => everything.includes(secret)))
}

async function provePlan(proof) {
  const file = join(proof.folder, 'least.yaml')
  writeFileSync(file, byRole.replace(/^ {2}others:\n(?: {4}.*\n)*/m, ''))
  const command = [execPath, gateproof, 'list', '--plan', '--verbose', '--config', file]
  const plan = await must(command, environmentOf(proof))
  for (const supply of supplies)
    proof.check(
      `the plan says what ${supply} would unlock`,
      new RegExp(`^ *${supply}: \\d+ (?:case|variant)`, 'm').test(plan),
      plan,
    )
}

async function proveSound(proof, what, text) {
  const outcome = await proof.test(text, { environment: environmentOf(proof) })
  proof.say(`# ${what}, sound: ${outcome.line}`)
  const open = outcome.ids('fail', 'inconclusive')
  proof.check(
    `${what}, sound: exit 0, nothing fails and nothing is inconclusive`,
    outcome.exit === 0 && open.length === 0,
    open.join(),
  )
  for (const id of founding) {
    const { status } = outcome.verdictOf(id) ?? {}
    proof.check(`${what}, sound: ${id} passes`, status === 'pass', status)
  }
  const credentials = [secretOf(proof), /eyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{86,}/]
  const held = outcome.said + outcome.text
  proof.check(
    `${what}, sound: the report holds no secret and no whole token`,
    !credentials.some((one) => held.search(one) >= 0),
  )
  return outcome
}

async function proveFault(proof, what, { text, sound, findings }) {
  const outcome = await proof.test(text, { environment: environmentOf(proof) })
  proof.say(`# ${what} unchecked: ${outcome.line}`)
  const found = differing(outcome.ids('fail', 'warn'), sound.ids('fail', 'warn'))
  proof.check(
    `${what} unchecked: ${findings.join(' and ')}, and no other`,
    found.join() === findings.join(),
    found.join(),
  )
  const lost = differing(
    sound.ids('pass', 'warn', 'observed'),
    outcome.ids('pass', 'fail', 'warn', 'observed'),
  )
  proof.check(`${what} unchecked: all else is judged as before`, lost.length === 0, lost.join())
}

const words = argv.slice(2)
if (words.some((word) => word !== '--install')) {
  stderr.write('usage: prove.mjs [--install]\n')
  process.exitCode = 64
} else process.exitCode = await prove(words.includes('--install'))
