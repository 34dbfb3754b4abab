// The embedded gateway in a process of its own, run by the benchmarks. Tells its parent where it is, and the key that it
// trusts: one that was made for this run, and is of no use to anybody else.
import { generateKeyPairSync } from 'node:crypto'
import { startStack } from '../dist/reference/stack.js'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const { gatewayUrl, issuer, audience } = await startStack({
  now: () => Date.now(),
  signingKeys: [{ kid: 'bench', alg: 'RS256', publicKey }],
  faults: [],
})
process.send?.({ gatewayUrl, issuer, audience, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) })
process.on('disconnect', () => process.exit())
