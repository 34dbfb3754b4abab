// One measurement of what validation costs, in a process of its own: `cost.js SECONDS same|real`, and what the gateway
// told as a message. Prints JSON.
import { Buffer } from 'node:buffer'
import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mintPool } from '../dist/forge/pool.js'
import { armNames, armsOf } from '../dist/load/arms.js'
import { endpointOf } from '../dist/load/endpoint.js'
import { measureValidation } from '../dist/load/validation.js'

const [seconds, which] = process.argv.slice(2)
const [{ gatewayUrl, issuer, audience, key }] = await once(process, 'message')
process.disconnect()
const { origin, host, pathname } = new URL(gatewayUrl)
const head = (path) => `GET ${pathname}${path} HTTP/1.1\r\nHost: ${host}\r\n`
const durationMs = Number(seconds) * 1000
/** A block is hardly ever shorter, so there are distinct tokens enough. */
const maxBlocks = durationMs / 2

const now = Math.floor(Date.now() / 1000)
const privateKey = createPrivateKey(key)
const minted = async (count) => {
  const template = {
    key: { kid: 'bench', alg: 'RS256', privateKey, publicKey: createPublicKey(privateKey) },
    header: { alg: 'RS256', typ: 'JWT', kid: 'bench' },
    claims: { iss: issuer, aud: audience, sub: 'bench', client_id: 'bench', iat: now, exp: now + 3600 },
    prefix: randomBytes(6).toString('hex'),
  }
  const frame = {
    before: Buffer.from(`${head('/hello')}Authorization: Bearer `),
    after: Buffer.from('\r\n\r\n'),
  }
  return (await mintPool(template, count, { frame })).texts
}
const expecting = (status, requests) => ({ requests, isExpected: (answer) => answer.status === status })
const open = (more) => expecting(200, [Buffer.from(`${head('/ping')}${more}\r\n`)])

const repeated = await minted(1)
const token = repeated.at(0).toString('latin1').split('Bearer ')[1].trim()
const padded = () => open(`X-Padding-Hdr: Bearer ${token}\r\n`)
const real = which === 'real'
const plan = armsOf({
  public: { bare: open(''), withBytes: padded() },
  repeated: real ? expecting(200, repeated) : padded(),
  // Two equal routes: what the one costs more is nothing.
  distinct: real
    ? expecting(200, await minted(maxBlocks))
    : { ...padded(), requests: Array(maxBlocks).fill(padded().requests[0]) },
  algorithm: 'RS256',
  others: [],
})
const settings = {
  endpoint: endpointOf({ origin, tls: { insecure: false } }),
  timeoutMs: 5000,
  durationMs,
  maxBlocks,
  bodyBytes: 0,
  seed: randomBytes(4).readUInt32LE(),
}
const result = await measureValidation(plan, settings, new globalThis.AbortController().signal)
const found = result.differences.find(({ of }) => of === armNames.distinct)
const { valid, reason, blocks, aa } = result
console.log(JSON.stringify({ ...found, valid, reason, blocks, aa }))
