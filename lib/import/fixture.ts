import { generateKeyPairSync } from 'node:crypto'
import type { Config } from '../config/config.ts'
import { configOf } from '../../test/fixtures/config-folder.ts'
import { blanksIn } from './blank.ts'
import { draft } from './draft.ts'
import type { Found } from './found.ts'
import { importText } from './import.ts'
import type { ImportKind } from './kinds.ts'

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** The public half of a fresh RSA key, in the forms that gateways take. */
export const publicKey = {
  jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' },
  privateJwk: { ...pair.privateKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256' },
  pem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
}

/** What is written where a blank stands, unless the test says something else. */
const answers: Readonly<Record<string, string>> = {
  FILL_IN_GATEWAY_URL: 'https://gw.example.test',
  FILL_IN_ISSUER: 'https://issuer.example.test/',
  FILL_IN_AUDIENCE: 'https://api.example.test',
  FILL_IN_ALGORITHM: 'RS256',
}

export type Imported = {
  readonly found: Found
  /** The file as it is written. */
  readonly text: string
  readonly blanks: readonly string[]
  /** The file as our loader reads it once its blanks are filled. */
  readonly config: Config
}

/** Reads a gateway's file of a kind, writes a configuration, fills its blanks, and loads it. */
export const imported = (kind: ImportKind, text: string, url?: string): Imported => {
  const found = importText(kind, 'gateway.conf', text)
  const written = draft(found, { head: [], name: 'gateproof.yaml', ...(url !== undefined && { url }) })
  const blanks = blanksIn(written.text)
  const filled = blanks.reduce(
    (all, name) => all.replaceAll(`\${${name}}`, answers[name] ?? 'filled'),
    written.text,
  )
  const files = Object.fromEntries(written.keyFiles.map(({ name, keys }) => [name, JSON.stringify({ keys })]))
  return {
    found,
    text: written.text,
    blanks,
    config: configOf(filled, { files, env: { ACCESS_TOKEN: 't' } }),
  }
}
