#!/usr/bin/env node
// usage: keys.mjs DIRECTORY
import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv, stderr } from 'node:process'
import { pathToFileURL } from 'node:url'

const name = { kid: 'gateproof-lab', alg: 'RS256', use: 'sig' }

/**
 * Writes a fresh RSA pair into the folder, in the three shapes that gateways and gateproof read:
 * `private.jwks.json` (mode 600), `jwks.json` and `public.pem`.
 */
export function writeKeys(directory) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const keySet = (key) => `${JSON.stringify({ keys: [{ ...name, ...key.export({ format: 'jwk' }) }] })}\n`
  const secret = join(directory, 'private.jwks.json')
  writeFileSync(secret, keySet(privateKey), { mode: 0o600 })
  chmodSync(secret, 0o600) // `mode` leaves a file that stood there before as open as it was
  writeFileSync(join(directory, 'jwks.json'), keySet(publicKey))
  writeFileSync(join(directory, 'public.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
}

if (import.meta.url === pathToFileURL(argv[1]).href) {
  if (argv.length === 3) writeKeys(argv[2])
  else {
    stderr.write('usage: keys.mjs DIRECTORY\n')
    process.exitCode = 64
  }
}
