import type { KeyObject } from 'node:crypto'
import { compactDecrypt, type DecryptOptions, errors } from 'jose'
import type { Decisions } from './decisions.ts'

/** A deployment to which tokens are encrypted: signed first, as ever, and then put into a JWE. */
export type Encryption = {
  readonly privateKey: KeyObject
  /** The one way in which the content key is delivered, and the one in which the content is encrypted. */
  readonly alg: string
  readonly enc: string
  /** Are tokens that are only signed refused (RFC 9068 section 4)? */
  readonly required: boolean
  /** A private key that the deployment holds to sign with; nothing is decrypted by it. */
  readonly signingKey?: KeyObject
}

export type OpeningDecisions = {
  /** The signed token in what was presented; undefined where there is none. Nothing in it is trusted yet. */
  readonly openToken: (
    token: string,
    encryption: Encryption | undefined,
    d: Decisions,
  ) => Promise<string | undefined>
  readonly takesUnencrypted: (encryption: Encryption) => boolean
  readonly decrypt: (token: string, encryption: Encryption, d: Decisions) => Promise<string | undefined>
  /** What a compressed plaintext may come to. */
  readonly inflatesAtMostBytes: number
}

export const soundOpening: OpeningDecisions = {
  openToken: async (token, encryption, d) => {
    if (encryption === undefined) return token
    if (isEncrypted(token)) return d.decrypt(token, encryption, d)
    return d.takesUnencrypted(encryption) ? token : undefined
  },
  takesUnencrypted: ({ required }) => !required,
  decrypt: (token, { privateKey, alg, enc }, d) =>
    decrypted(token, privateKey, {
      keyManagementAlgorithms: [alg],
      contentEncryptionAlgorithms: [enc],
      maxDecompressedLength: d.inflatesAtMostBytes,
    }),
  inflatesAtMostBytes: 100_000,
}

/** Has the token the five parts of a JWE (RFC 7516 section 9)? */
export const isEncrypted = (token: string): boolean => token.split('.', 6).length === 5

/** The plaintext of a compact JWE, or undefined where the key does not open it. */
export const decrypted = async (
  token: string,
  key: KeyObject | Uint8Array,
  options: DecryptOptions,
): Promise<string | undefined> => {
  try {
    const { plaintext } = await compactDecrypt(token, key, options)
    return Buffer.from(plaintext).toString()
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}
