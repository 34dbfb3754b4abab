#!/usr/bin/env node
// usage: prove.mjs
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { must, openProof } from '../proof.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const nginx = fileURLToPath(new URL('../nginx', import.meta.url))
const ports = { nginx: 8551, gateway: 8552, server: 8553 }
const issuer = `https://localhost:${ports.server}`
const audience = 'https://gateway.example.test'
const upstream = 'http://127.0.0.1:9458'
const secret = randomBytes(24).toString('base64url')
const base = parse(readFileSync(join(here, 'gateproof.yaml'), 'utf8'))
/** The token of `expired` takes six seconds to be over: it is asked for where that is the point. */
const { expired, ...lasting } = base.tokens.others
const brief = { ...base, tokens: { ...base.tokens, others: lasting }, cases: { maxWait: '10s' } }

/** One check each of what a gateway must do at the least, by genuine tokens where nobody gives us a key. */
const founding = {
  audience: 'aud-wrong',
  expiry: 'time-exp-past-wait',
  kid: 'kid-unknown-forged',
  scope: ['scope-insufficient', 'scope-missing-claim'],
  scheme: 'cred-scheme-token-jwt',
}
const checks = Object.values(founding).flat()
const quickChecks = checks.filter((id) => id !== founding.expiry)

/** How bearer.js of ../nginx is broken to have that fault, and no other: pairs of what stands there and what then does. */
const faults = {
  audience: [['(Array.isArray(claims.aud) ? claims.aud : [claims.aud]).includes(policy.audience) &&', '']],
  expiry: [['now < claims.exp + policy.leewaySeconds &&', '']],
  kid: [
    [
      'if (header === undefined || signature',
      "if (header !== undefined && header.alg === 'RS256' && keys[header.kid] === undefined) return object(parts[1])\n  if (header === undefined || signature",
    ],
  ],
  scope: [["requiredScope !== '' && !scopes(claims)", "requiredScope === '-' && !scopes(claims)"]],
  scheme: [
    ['!/^Bearer(?: |$)/i.test(authorizations[0])', 'false'],
    ['/^Bearer +([^ ]+)$/i', '/^[^ ]+ +([^ ]+)$/i'],
  ],
}

async function main() {
  const proof = openProof('authorization-server')
  try {
    await must([join(here, 'certificates.sh'), proof.folder])
    await startServer(proof, 12)
    await proveWhole(proof)
    await proof.stop('server')
    await startServer(proof, 300)
    await proveFaults(proof)
    await proveClients(proof)
    await proveSources(proof)
    await proveCertificates(proof)
    await proveDpop(proof)
    await proveIntrospection(proof)
  } catch (error) {
    proof.check('the proof goes to its end', false, error.stack)
  }
  return proof.close()
}

/** The authorization server, whose tokens live for so many seconds. */
async function startServer(proof, lifetime) {
  const { folder } = proof
  const signer = (kid) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const name = { kid, alg: 'ES256', use: 'sig' }
    writeFileSync(join(folder, `${kid}.jwk.json`), JSON.stringify({ ...privateKey.export({ format: 'jwk' }), ...name }), {
      mode: 0o600,
    })
    return { keys: [{ ...publicKey.export({ format: 'jwk' }), ...name }] }
  }
  const post = { client_secret: secret, token_endpoint_auth_method: 'client_secret_post' }
  const clients = [
    ...['post', 'brief', 'second', 'opaque', 'gateway'].map((id) => ({ client_id: id, ...post })),
    { client_id: 'jwt', token_endpoint_auth_method: 'private_key_jwt', jwks: signer('client-key') },
    {
      client_id: 'assertion',
      ...post,
      grant_types: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
      jwks: signer('assertion-key'),
    },
    {
      client_id: 'mtls',
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_san_dns: 'client.example.test',
      tls_client_certificate_bound_access_tokens: true,
    },
  ]
  const settings = { lifetime, clients, audiences: [audience, 'https://other.example.test'] }
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings), { mode: 0o600 })
  await proof.start('server', ports.server, [execPath, join(here, 'server.mjs'), folder, String(ports.server)])
}

/** nginx of ../nginx with the key of the authorization server, sound or with one fault. */
async function startNginx(proof, fault) {
  const { folder } = proof
  const conf = replaced(readFileSync(join(nginx, 'nginx.conf'), 'utf8'), [
    ['listen 127.0.0.1:8502;', `listen 127.0.0.1:${ports.nginx};`],
    ['server 127.0.0.1:9402;', `server ${new URL(upstream).host};`],
  ])
  const script = replaced(readFileSync(join(nginx, 'bearer.js'), 'utf8'), [
    ["issuer: 'https://issuer.example.test/'", `issuer: '${issuer}'`],
    ['leewaySeconds: 30', 'leewaySeconds: 0'],
    ...(fault === undefined ? [] : faults[fault]),
  ])
  const key = readFileSync(join(folder, 'public.pem'), 'utf8').replace(/-----.*-----|\n/g, '')
  writeFileSync(join(folder, 'nginx.conf'), conf)
  writeFileSync(join(folder, 'bearer.js'), script)
  writeFileSync(join(folder, 'keys.js'), `export default { 'gateproof-lab': '${key}' }\n`)
  await proof.start('nginx', ports.nginx, ['nginx', '-p', folder, '-c', 'nginx.conf', '-e', 'stderr'])
}

/** The text with each of these put in the place of the other; throws where one is not there. */
function replaced(text, pairs) {
  return pairs.reduce((rest, [from, to]) => {
    if (!rest.includes(from)) throw new Error(`not there any more: ${from}`)
    return rest.replace(from, () => to)
  }, text)
}

const test = (proof, settings, include = quickChecks) =>
  proof.test(settings, {
    include: ['ctl-valid-accepted', ...include],
    environment: { GATEPROOF_LAB: proof.folder, CLIENT_SECRET: secret },
  })

/** No failure, and these cases passed. */
function expectSound(proof, name, outcome, passed = quickChecks) {
  const missed = passed.filter((id) => outcome.verdictOf(id)?.status !== 'pass')
  const wrong = outcome.ids('fail', 'inconclusive')
  const holds = outcome.exit === 0 && missed.length === 0 && wrong.length === 0
  proof.check(`${name}: ${outcome.line}`, holds, `not passed: ${missed}; wrong: ${wrong}; ${outcome.reasons} ${outcome.said}`)
}

/** These cases find that the request was let in, and no others find anything. */
function expectFault(proof, name, outcome, cases) {
  const found = outcome.ids('fail', 'warn', 'inconclusive')
  const kinds = cases.map((id) => outcome.verdictOf(id)?.mismatches?.map(({ kind }) => kind) ?? [])
  const isOpen = kinds.every((some) => some.includes('let-in') || some.includes('lenient'))
  // A good token in another spelling is no bypass.
  const exit = kinds.flat().includes('let-in') ? 1 : 0
  const holds = outcome.exit === exit && isOpen && String(found.toSorted()) === String(cases.toSorted())
  proof.check(`${name}: ${cases.join(', ')} and nothing else`, holds, `${outcome.line}; found: ${found}; ${outcome.said}`)
}

const issuedTo = (proof, client) => proof.log('server').split(`issued ${client}\n`).length - 1

/** Tokens that live for twelve seconds, and a run that takes longer. */
async function proveWhole(proof) {
  proof.say('# nginx, the whole catalogue, tokens of 12 s')
  await startNginx(proof)
  const environment = { GATEPROOF_LAB: proof.folder, CLIENT_SECRET: secret }
  const outcome = await proof.test({ ...base, cases: { maxWait: '30s' } }, { environment })
  expectSound(proof, 'sound', outcome, [
    ...checks,
    'time-exp-past-wait/waited',
    'time-exp-past-wait/genuine',
    'aud-wrong/genuine',
    'scope-insufficient/genuine',
    'scope-missing-claim/genuine',
  ])
  proof.check('the end of the token is told before the run', /the good token ends in \d+ s.*others take its place/.test(outcome.said))
  const count = issuedTo(proof, 'post')
  proof.check('tokens are got anew before they end', count >= 5, `${count} were issued`)
  const notes = outcome.verdictOf('time-exp-past-wait/genuine')?.notes ?? []
  proof.check('what else a genuine token differs in is told', notes.includes('differs-further: sub, client_id'), String(notes))
  proof.check('no token and no secret is in the report', !/eyJ[\w-]+\.[\w-]+\.[\w-]{20}/.test(outcome.text) && !outcome.text.includes(secret))
  await proof.stop('nginx')
}

async function proveFaults(proof) {
  proof.say('# nginx with one fault')
  for (const [fault, cases] of Object.entries(founding)) {
    await startNginx(proof, fault)
    const outcome = await (fault === 'expiry' ? test(proof, { ...brief, tokens: base.tokens }, checks) : test(proof, brief))
    expectFault(proof, fault, outcome, [cases].flat())
    await proof.stop('nginx')
  }
}

const oauth2 = (changes) => ({ ...brief, tokens: { oauth2: { ...base.tokens.oauth2, ...changes } } })

async function proveClients(proof) {
  proof.say('# how the client authenticates, and by which grant')
  await startNginx(proof)
  const tls = { ...base.tokens.oauth2.tls, cert: '${GATEPROOF_LAB}/client.pem', key: '${GATEPROOF_LAB}/client.key' }
  const clients = {
    private_key_jwt: { clientId: 'jwt', auth: 'private_key_jwt', clientKey: '${GATEPROOF_LAB}/client-key.jwk.json' },
    tls_client_auth: { clientId: 'mtls', auth: 'tls_client_auth', tls },
    jwt_assertion: { clientId: 'assertion', grant: 'jwt_assertion', assertionKey: '${GATEPROOF_LAB}/assertion-key.jwk.json', resource: undefined },
  }
  for (const [name, changes] of Object.entries(clients)) {
    expectSound(proof, name, await test(proof, oauth2(changes), ['kid-unknown-forged']), ['kid-unknown-forged'])
  }
  const stranger = { ...tls, cert: '${GATEPROOF_LAB}/stranger.pem', key: '${GATEPROOF_LAB}/stranger.key' }
  const turned = await test(proof, oauth2({ clientId: 'mtls', auth: 'tls_client_auth', tls: stranger }))
  const said = turned.reasons.join()
  proof.check('a certificate of another client is told in the provider’s words', turned.exit === 2 && /invalid_client/.test(said), said)
  const untrusted = await test(proof, oauth2({ tls: undefined }))
  proof.check('so is a provider whose authority is not known', untrusted.exit === 2 && /did not answer/.test(untrusted.reasons.join()), untrusted.reasons.join())
  const elsewhere = await test(proof, oauth2({ resource: 'https://nowhere.example.test' }))
  proof.check('and a resource that it does not know', elsewhere.exit === 2 && /invalid_target/.test(elsewhere.reasons.join()), elsewhere.reasons.join())
}

/** Prints a token, or the whole answer, or a token that it has revoked (RFC 7009). */
const askScript = `
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
const { GATEPROOF_LAB: folder, CLIENT_SECRET: secret } = process.env
const [form, how] = process.argv.slice(2)
const post = (path, body) =>
  new Promise((done, fail) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const options = { method: 'POST', headers, ca: readFileSync(folder + '/ca.pem') }
    request('${issuer}' + path, options, async (response) => done(Buffer.concat(await response.toArray()).toString()))
      .on('error', fail)
      .end(body)
  })
const client = 'client_secret=' + secret + '&' + form
const text = await post('/token', 'grant_type=client_credentials&' + client)
const token = JSON.parse(text).access_token
if (how === 'revoked') await post('/token/revocation', client + '&token=' + token)
process.stdout.write(how === 'json' ? text : token)
`

async function proveSources(proof) {
  proof.say('# other sources of tokens')
  const script = join(proof.folder, 'ask.mjs')
  writeFileSync(script, askScript)
  const command = (form, ...more) => [execPath, script, form, ...more]
  const good = 'client_id=post&scope=orders.read'
  const others = {
    otherAudience: { command: command(`${good}&resource=https://other.example.test`) },
    otherScope: { command: command('client_id=post&scope=orders.list') },
    noScope: { command: command('client_id=post&scope=none') },
    expired: { command: command('client_id=brief&scope=orders.read') },
  }
  const printed = await test(proof, { ...brief, tokens: { command: command(good), others } }, checks)
  expectSound(proof, 'a command that prints a token', printed, checks)
  delete others.expired
  const json = await test(proof, { ...brief, tokens: { command: command(good, 'json'), others } })
  expectSound(proof, 'a command that prints JSON', json)
  const token = await must(command(good), { GATEPROOF_LAB: proof.folder, CLIENT_SECRET: secret })
  const settings = { ...brief, tokens: { token: '${ACCESS_TOKEN}', others } }
  const issued = await proof.test(settings, {
    include: ['ctl-valid-accepted', ...quickChecks],
    environment: { GATEPROOF_LAB: proof.folder, CLIENT_SECRET: secret, ACCESS_TOKEN: token },
  })
  expectSound(proof, 'one issued token', issued)
  await proof.stop('nginx')
  await startNginx(proof, 'audience')
  expectFault(proof, 'a command, and the audience unchecked', await test(proof, { ...brief, tokens: { command: command(good), others } }), ['aud-wrong'])
  await proof.stop('nginx')
}

async function startGateway(proof, settings) {
  const file = 'gateway.json'
  const common = { port: ports.gateway, issuer, audience, upstream }
  writeFileSync(join(proof.folder, file), JSON.stringify({ ...common, ...settings }), { mode: 0o600 })
  await proof.start('gateway', ports.gateway, [execPath, join(here, 'gateway.mjs'), proof.folder, file])
}

const at = (url, more) => ({
  ...brief,
  target: { ...base.target, url, ...more },
  policy: { ...base.policy, enforces: ['typ-at-jwt', 'require-exp', 'algorithm-pinned'], forwards: { credential: 'keep' } },
})

/** RFC 8705: the client authenticates by its certificate, to which its tokens are bound. */
async function proveCertificates(proof) {
  proof.say('# a gateway that holds tokens to the client’s certificate')
  const pair = (name) => ({ cert: `\${GATEPROOF_LAB}/${name}.pem`, key: `\${GATEPROOF_LAB}/${name}.key` })
  const { tls, ...client } = base.tokens.oauth2
  const settings = {
    ...at(`https://localhost:${ports.gateway}`, { tls: { ca: '${GATEPROOF_LAB}/ca.pem' } }),
    tokens: {
      oauth2: { ...client, clientId: 'mtls', auth: 'tls_client_auth', tls: { ...tls, ...pair('client') } },
      binding: { certificate: pair('client'), otherCertificate: pair('stranger') },
      others: { otherAudience: { oauth2: { resource: 'https://other.example.test' } } },
    },
  }
  delete settings.tokens.oauth2.clientSecret
  const include = ['pop', 'aud-wrong', 'kid-unknown-forged']
  const bound = ['pop-mtls-header-spoof', 'pop-mtls-no-cert', 'pop-mtls-other-cert']
  await startGateway(proof, { tls: true, binding: 'certificate' })
  const sound = await test(proof, settings, include)
  expectSound(proof, 'sound', sound, ['aud-wrong', 'kid-unknown-forged', 'pop-mtls-valid', ...bound])
  await proof.stop('gateway')
  await startGateway(proof, { tls: true, binding: 'certificate', fault: 'binding' })
  expectFault(proof, 'the certificate unchecked', await test(proof, settings, include), bound)
  await proof.stop('gateway')
}

/** RFC 9449: tokens that the token endpoint binds to a key of ours, after it has asked for a nonce. */
async function proveDpop(proof) {
  proof.say('# a gateway that takes DPoP')
  const settings = {
    ...at(`http://127.0.0.1:${ports.gateway}`),
    tokens: { ...base.tokens, binding: { dpop: true } },
  }
  settings.policy.dpop = { algorithms: ['ES256'] }
  const own = quickChecks.filter((id) => !id.startsWith('cred'))
  await startGateway(proof, { binding: 'dpop' })
  const sound = await test(proof, settings, ['pop', ...own])
  const bound = ['pop-dpop-bound-as-bearer', 'pop-dpop-htm', 'pop-dpop-iat-old-future', 'pop-dpop-jti-replay', 'pop-dpop-other-key']
  expectSound(proof, 'sound', sound, [...own, ...bound, 'pop-dpop-missing-claims', 'pop-dpop-valid'])
  await proof.stop('gateway')
  await startGateway(proof, { binding: 'dpop', fault: 'ath' })
  const faulty = await test(proof, settings, ['pop', ...own])
  expectFault(proof, 'the hash of the token unchecked', faulty, ['pop-dpop-missing-claims'])
  await proof.stop('gateway')
}

/** Opaque tokens, about which the gateway asks the authorization server (RFC 7662). */
async function proveIntrospection(proof) {
  proof.say('# a gateway that introspects opaque tokens')
  const { otherAudience, otherScope } = base.tokens.others
  const revoked = { command: [execPath, join(proof.folder, 'ask.mjs'), 'client_id=opaque&scope=orders.read', 'revoked'] }
  const settings = {
    ...at(`http://127.0.0.1:${ports.gateway}`),
    tokens: { oauth2: { ...base.tokens.oauth2, clientId: 'opaque' }, others: { otherAudience, otherScope, revoked } },
  }
  delete settings.policy.jwks
  settings.policy.enforces = ['introspection']
  const introspection = { url: `${issuer}/token/introspection`, clientId: 'gateway', clientSecret: secret }
  const include = ['aud-wrong', 'scope-insufficient', 'cred-scheme-token-jwt', 'replay-introspection-inactive']
  await startGateway(proof, { introspection })
  expectSound(proof, 'sound', await test(proof, settings, include), include)
  await proof.stop('gateway')
  for (const [fault, found] of Object.entries({ inactive: 'replay-introspection-inactive', audience: 'aud-wrong' })) {
    await startGateway(proof, { introspection, fault })
    expectFault(proof, fault, await test(proof, settings, include), [found])
    await proof.stop('gateway')
  }
}

process.exitCode = await main()
