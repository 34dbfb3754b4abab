#!/usr/bin/env node
// usage: prove.mjs [--install]
import { readFileSync } from 'node:fs'
import { argv, execPath } from 'node:process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { writeKeys } from '../keys.mjs'
import { must, openProof } from '../proof.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const base = parse(readFileSync(join(here, 'gateproof.yaml'), 'utf8'))
const { serve, ...alone } = base
const port = 8550
const upstream = `http://${serve.upstream}`

/** What is asked about the token itself; the faults are in two of these topics. */
const topics = ['alg', 'audience', 'issuer', 'kid', 'signature', 'time']
/** What an audience that nobody looks at lets in, and an end. */
const audienceCases = [
  ...['aud-array-non-string', 'aud-array-wrong', 'aud-case', 'aud-client-id', 'aud-comma-list', 'aud-empty-array'],
  ...['aud-empty-string', 'aud-issuer', 'aud-null', 'aud-number-object', 'aud-prefix', 'aud-scheme-swap'],
  ...['aud-space-list', 'aud-substring', 'aud-suffix', 'aud-trailing-slash', 'aud-whitespace', 'aud-wildcard', 'aud-wrong'],
]
const expiryCases = [
  ...['time-exp-before-iat', 'time-exp-beyond-skew', 'time-exp-iso8601', 'time-exp-negative', 'time-exp-nonnumeric'],
  ...['time-exp-null', 'time-exp-overflow-past', 'time-exp-past', 'time-exp-skew-bound', 'time-exp-string-past'],
  ...['time-exp-zero', 'time-expired-cached'],
]

async function main() {
  const proof = openProof('graphql')
  try {
    if (argv.includes('--install')) await must([join(here, 'install.sh')])
    writeKeys(proof.folder)
    await proveGraphql(proof)
    await proveFaults(proof)
    await proveGrpcWeb(proof)
    await provePlaces(proof)
  } catch (error) {
    proof.check('the proof goes to its end', false, error.stack)
  }
  return proof.close()
}

const start = (proof, ...words) => proof.start('gateway', port, [execPath, join(here, 'server.mjs'), proof.folder, ...words])

const test = (proof, settings, include) =>
  proof.test(settings, { include, environment: { GATEPROOF_LAB: proof.folder } })

/** No failure, and at least so many cases passed. */
function expectSound(proof, name, outcome, least) {
  const wrong = outcome.ids('fail', 'inconclusive')
  const holds = outcome.exit === 0 && wrong.length === 0 && outcome.ids('pass').length >= least
  proof.check(`${name}: ${outcome.line}`, holds, `wrong: ${wrong}; ${outcome.reasons} ${outcome.said}`)
}

/** These cases find that the request was let in, and no others find so. */
function expectFault(proof, name, outcome, cases) {
  const found = outcome.ids('fail', 'inconclusive')
  const isOpen = cases.every((id) => outcome.verdictOf(id)?.mismatches?.some(({ kind }) => kind === 'let-in'))
  const holds = outcome.exit === 1 && isOpen && String(found.toSorted()) === String(cases.toSorted())
  proof.check(`${name}: its ${cases.length} cases fail, and nothing else`, holds, `${outcome.line}; found: ${found}; ${outcome.said}`)
}

async function proveGraphql(proof) {
  proof.say('# GraphQL, which refuses by 200')
  await start(proof)
  const marked = await test(proof, alone)
  expectSound(proof, 'by its markers alone', marked, 350)
  await proof.stop('gateway')
  await start(proof, '--upstream', upstream)
  const seen = await test(proof, base)
  expectSound(proof, 'with the upstream that gateproof serves', seen, 380)
  const hits = seen.results.find((result) => result.case === 'ctl-valid-accepted')?.observed?.reachedUpstream
  proof.check('the good request is seen at the upstream', hits === true, String(hits))
  await proof.stop('gateway')
}

async function proveFaults(proof) {
  proof.say('# GraphQL with one fault')
  for (const [fault, cases] of Object.entries({ audience: audienceCases, expiry: expiryCases })) {
    await start(proof, '--fault', fault)
    expectFault(proof, `${fault}, by markers`, await test(proof, alone, topics), cases)
    await proof.stop('gateway')
    await start(proof, '--fault', fault, '--upstream', upstream)
    expectFault(proof, `${fault}, with the upstream`, await test(proof, base, topics), cases)
    await proof.stop('gateway')
  }
}

/** gRPC-Web answers 200 with the status in the last frame of the body. */
async function proveGrpcWeb(proof) {
  proof.say('# gRPC-Web')
  const route = {
    path: '/gateproof.lab.Accounts/Me',
    method: 'POST',
    headers: { 'content-type': 'application/grpc-web+proto' },
    body: '\0\0\0\0\0', // one message without a field
    accepted: { status: [200], grpcStatus: 0 },
    refused: { status: [200], grpcStatus: 16 },
  }
  const settings = { ...alone, target: { ...base.target, routes: { protected: route } } }
  await start(proof)
  expectSound(proof, 'by its status alone', await test(proof, settings, ['controls', ...topics]), 130)
  await proof.stop('gateway')
  await start(proof, '--fault', 'audience')
  expectFault(proof, 'the audience unchecked', await test(proof, settings, topics), audienceCases)
  await proof.stop('gateway')
}

const bearer = { in: 'header', name: 'Authorization', scheme: 'Bearer' }

/** Tokens in other places than `Authorization: Bearer`, on the plain routes. */
async function provePlaces(proof) {
  proof.say('# tokens in other places')
  const places = {
    'a bare token in a header of its own': { in: 'header', name: 'X-Access-Token', scheme: null },
    'the query': { in: 'query', name: 'access_token' },
    'a cookie': { in: 'cookie', name: 'session' },
    'a form': { in: 'form', name: 'access_token' },
    'several places': [bearer, { in: 'query', name: 'access_token' }, { in: 'cookie', name: 'session' }],
  }
  const include = ['controls', 'credential', 'audience', 'time.expiry', 'scope']
  for (const [name, credential] of Object.entries(places)) {
    const method = credential.in === 'form' ? { method: 'POST' } : {}
    const routes = {
      protected: { path: '/hello', ...method },
      scoped: { path: '/orders', scope: 'orders.read', ...method },
      public: { path: '/ping', ...method },
    }
    const settings = { ...base, target: { ...base.target, routes, credential } }
    const asked = ['--credential', JSON.stringify([credential].flat()), '--upstream', upstream]
    await start(proof, ...asked)
    expectSound(proof, name, await test(proof, settings, include), 60)
    await proof.stop('gateway')
    await start(proof, ...asked, '--fault', 'audience')
    expectFault(proof, `${name}, the audience unchecked`, await test(proof, settings, ['audience', 'time.expiry']), audienceCases)
    await proof.stop('gateway')
  }
}

process.exitCode = await main()
