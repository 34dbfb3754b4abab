import { existsSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { algorithmOf, freshKey } from '../forge/algorithm.ts'
import { trustKinds } from '../import/kinds.ts'
import { exportKeys } from './keys-export.ts'
import { UsageError, type Terminal } from './terminal.ts'

/** `gateproof keys make`: a private JWK Set of one key, in a file that only its owner can read. */
export const makeKeys = async (
  options: { readonly alg: string; readonly kid: string; readonly out: string },
  terminal: Terminal,
): Promise<number> => {
  const algorithm = algorithmOf(options.alg)
  if (algorithm === undefined || algorithm.family === 'hmac')
    throw new UsageError(`no key pair signs ${options.alg}; RS256, PS256, ES256 and EdDSA are usual`)
  const file = resolve(terminal.cwd, options.out)
  if (existsSync(file)) throw new UsageError(`${options.out} is there already, and a key is not overwritten`)
  const { privateKey } = await freshKey(algorithm)
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid: options.kid, alg: algorithm.name, use: 'sig' }
  writeFileSync(file, `${JSON.stringify({ keys: [jwk] }, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  terminal.out(`${options.out}\n`)
  terminal.err(
    `the gateway must trust its public half: gateproof keys export ${options.out} --for ${trustKinds.join(' | ')}\n`,
  )
  return 0
}

/** `gateproof keys show`: the public half alone, in the form that a gateway takes. */
export const showKeys = (
  file: string,
  options: { readonly as: 'jwks' | 'pem' | 'oci' },
  terminal: Terminal,
): number => exportKeys(file, { for: options.as }, terminal)
