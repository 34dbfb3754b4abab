import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { readNamed } from '../config/source.ts'
import { algorithmOf, freshKey } from '../forge/algorithm.ts'
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
    `the gateway must trust its public half: gateproof keys show ${options.out} --as jwks | pem | oci\n`,
  )
  return 0
}

/** `gateproof keys show`: the public half alone, in the form that a gateway takes. */
export const showKeys = (
  file: string,
  options: { readonly as: 'jwks' | 'pem' | 'oci' },
  terminal: Terminal,
): number => {
  const keys = readKeys(file, terminal).map((jwk) => publicHalf(jwk, file))
  switch (options.as) {
    case 'jwks':
      terminal.out(`${JSON.stringify({ keys }, null, 2)}\n`)
      break
    case 'pem':
      for (const jwk of keys)
        terminal.out(
          createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString(),
        )
      break
    case 'oci':
      terminal.out(`${JSON.stringify(keys.map(ociStaticKey), null, 2)}\n`)
  }
  return 0
}

type Jwk = JsonWebKey & { readonly kid?: string; readonly alg?: string }

const readKeys = (file: string, terminal: Terminal): readonly Jwk[] => {
  const text = readNamed(file, resolve(terminal.cwd, file))
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new UsageError(`${file} is not JSON; a JWK Set looks like {"keys":[{"kty":"RSA", …}]}`)
  }
  const keys: readonly unknown[] =
    typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys)
      ? value.keys
      : [value]
  return keys.map((key) => {
    if (isJwk(key)) return key
    throw new UsageError(`${file} holds no JWK Set and no JWK`)
  })
}

const isJwk = (value: unknown): value is Jwk =>
  typeof value === 'object' && value !== null && 'kty' in value && typeof value.kty === 'string'

/** Only members that are known to be public are taken over. */
const publicHalf = (jwk: Jwk, file: string): Jwk => {
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    const named = {
      ...(jwk.kid === undefined ? {} : { kid: jwk.kid }),
      ...(jwk.alg === undefined ? {} : { alg: jwk.alg }),
    }
    return { ...key.export({ format: 'jwk' }), ...named, use: 'sig' }
  } catch {
    throw new UsageError(
      `${file}: the key ${jwk.kid ?? 'without kid'} is no RSA, EC or OKP key that can be read`,
    )
  }
}

/** A static key of an OCI API Gateway deployment: `use` set, `key_ops` and certificates left out. */
const ociStaticKey = ({ kid, kty, alg, n, e }: Jwk): object => {
  if (kty !== 'RSA') throw new UsageError('OCI API Gateway takes RSA keys alone')
  return { format: 'JSON_WEB_KEY', kid: kid ?? 'gateproof', kty, use: 'sig', alg: alg ?? 'RS256', n, e }
}
