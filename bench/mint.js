// How fast are pools minted, beside the machine's crypto? `node bench/mint.js [ROUNDS] [SECONDS]`, after `npm run build`
//
// In turn, and on as many threads: node:crypto signing the bytes of one token over and over, and a pool of distinct
// tokens as `load` makes it, the start of its threads and their hand-over included. Trust the ratio; the rates are those
// of this machine.
import { Buffer } from 'node:buffer'
import { constants, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { mintPool } from '../dist/forge/pool.js'

const threads = availableParallelism()

const signOver = (alg, key) => {
  const input = Buffer.alloc(600, 'a')
  if (alg === 'EdDSA') return () => sign(null, input, key)
  return alg === 'ES256'
    ? () => sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' })
    : () => sign('sha256', input, { key, padding: constants.RSA_PKCS1_PADDING })
}

const signFor = ({ alg, key, seconds }) => {
  const once = signOver(alg, key)
  const started = performance.now()
  let count = 0
  while (performance.now() - started < seconds * 1000) {
    for (let batch = 0; batch < 20; batch++) once()
    count += 20
  }
  return (count / (performance.now() - started)) * 1000
}

const raw = async (workers, order) => {
  const rates = workers.map(async (worker) => {
    worker.postMessage(order)
    return (await once(worker, 'message'))[0]
  })
  return (await Promise.all(rates)).reduce((sum, each) => sum + each, 0)
}

const claims = {
  iss: 'https://identity.example.test/',
  aud: 'https://gateway.example.test/orders',
  sub: 'gateproof',
  client_id: 'gateproof',
  iat: 1_700_000_000,
  exp: 1_700_003_600,
  scope: 'orders.read orders.write',
  groups: Array.from({ length: 12 }, (_, at) => `group-${at}`),
}

const pool = async ({ alg, key }, count) => {
  const template = {
    key: { kid: 'bench', alg, privateKey: key, publicKey: createPublicKey(key) },
    header: { alg, typ: 'at+jwt', kid: 'bench' },
    claims,
    prefix: 'bench',
  }
  return (await mintPool(template, count)).perSecond
}

const middle = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

const main = async () => {
  const [rounds = 5, seconds = 1.5] = process.argv.slice(2).map(Number)
  const keys = {
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    EdDSA: generateKeyPairSync('ed25519').privateKey,
  }
  const workers = Array.from({ length: threads }, () => new Worker(new URL(import.meta.url)))
  console.log(`median of ${rounds} rounds of about ${seconds} s on ${threads} threads`)
  for (const [alg, key] of Object.entries(keys)) {
    const measured = []
    let signed = await raw(workers, { alg, key, seconds: 0.2 })
    for (let round = 0; round < rounds; round++) {
      const ours = () => pool({ alg, key }, Math.round(signed * seconds))
      const theirs = () => raw(workers, { alg, key, seconds })
      const [first, second] = round % 2 === 0 ? [theirs, ours] : [ours, theirs]
      const [a, b] = [await first(), await second()]
      const [crypto, minted] = round % 2 === 0 ? [a, b] : [b, a]
      signed = crypto
      measured.push({ crypto, minted, ratio: minted / crypto })
    }
    const of = (name, digits) => middle(measured.map((each) => each[name])).toFixed(digits)
    console.log(
      `${alg}  node:crypto ${of('crypto', 0)}/s   pool ${of('minted', 0)} tokens/s   ratio ${of('ratio', 2)}`,
    )
  }
  for (const worker of workers) await worker.terminate()
}

if (isMainThread) await main()
else parentPort.on('message', (order) => parentPort.postMessage(signFor(order)))
