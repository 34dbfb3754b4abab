import { createCipheriv, createDecipheriv, createPublicKey, diffieHellman } from 'node:crypto'
import { derive } from '../../../forge/jwe-agreement.ts'
import type { Decisions } from '../decisions.ts'
import { decrypted, type Encryption, isEncrypted } from '../open-token.ts'
import type { GatewayRequest } from '../request.ts'
import { isObject, parsed } from '../strict-json.ts'
import { segmentJson, serverErrorWhere } from './answers.ts'
import { secretX } from './curve-arithmetic.ts'
import { type Fault, fault } from './fault.ts'
import { anyClaims, bareClaims, believed, withoutClaimChecks } from './jwe-inner.ts'
import { publicKeyOf } from './signing.ts'

/** Where nothing else opens a token of five parts, this does. */
const openedAlso =
  (
    open: (
      token: string,
      encryption: Encryption | undefined,
      d: Decisions,
    ) => Promise<string | undefined> | string | undefined,
  ): Fault['alter'] =>
  (next) => ({
    openToken: async (token, encryption, d) => {
      if (!isEncrypted(token)) return next.openToken(token, encryption, d)
      const opened = await next.openToken(token, encryption, d)
      return opened === undefined || opened === token
        ? ((await open(token, encryption, d)) ?? opened)
        : opened
    },
  })

const headerOf = (token: string): Readonly<Record<string, unknown>> => {
  const header = parsed(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
  return isObject(header) ? header : {}
}

/** What stands where the ciphertext does. */
const inTheClear = (token: string): string => Buffer.from(token.split('.')[3] ?? '', 'base64url').toString()

const zeroBytes: Readonly<Record<string, number>> = { A128GCM: 16, A256GCM: 32, 'A128CBC-HS256': 32 }

/** AES-GCM under a content key agreed on directly; the tag passes where the test says so. */
const openAgreed = (
  token: string,
  secret: Buffer | undefined,
  isRight: (tag: Buffer, computed: Buffer) => boolean,
): string | undefined => {
  const { enc } = headerOf(token)
  if (secret === undefined || enc !== 'A256GCM') return undefined
  const key = derive(secret, enc, 32)
  const [header = '', , ...rest] = token.split('.')
  const [vector, ciphertext, tag] = rest.map((part) => Buffer.from(part, 'base64url'))
  if (vector?.length !== 12 || ciphertext === undefined || tag === undefined) return undefined
  const plaintext = createDecipheriv('aes-256-gcm', key, vector).update(ciphertext)
  const again = createCipheriv('aes-256-gcm', key, vector)
  again.setAAD(Buffer.from(header))
  again.update(plaintext)
  again.final()
  return isRight(tag, again.getAuthTag()) ? plaintext.toString() : undefined
}

const agreedSecret = (token: string, encryption: Encryption | undefined): Buffer | undefined => {
  const { epk } = headerOf(token)
  const publicKey = isObject(epk) ? publicKeyOf(epk) : undefined
  if (encryption === undefined || publicKey === undefined) return undefined
  const { privateKey } = encryption
  const isOfSameCurve =
    publicKey.asymmetricKeyDetails?.namedCurve ===
    createPublicKey(privateKey).asymmetricKeyDetails?.namedCurve
  return isOfSameCurve ? diffieHellman({ privateKey, publicKey }) : undefined
}

/** What the key that is there to sign decrypts. */
const bySigningKey = async (
  token: string,
  encryption: Encryption | undefined,
): Promise<string | undefined> =>
  encryption?.signingKey === undefined
    ? undefined
    : decrypted(token, encryption.signingKey, { keyManagementAlgorithms: ['RSA-OAEP', 'RSA-OAEP-256'] })

/** An ephemeral key that no point of its curve is, or from which every private key comes to zero. */
const isUnusable = (request: GatewayRequest): boolean => {
  const header = segmentJson(request, 0)
  const epk = isObject(header) ? header.epk : undefined
  if (!isObject(epk)) return false
  return publicKeyOf(epk) === undefined || /^A+$/.test(String(epk.x))
}

const roundsOf = (request: GatewayRequest): number => {
  const header = segmentJson(request, 0)
  return isObject(header) && typeof header.p2c === 'number' ? header.p2c : 0
}

/** How tokens are decrypted, and what is then believed of them. */
export const jweFaults = {
  'jwe-unsecured-accepted': fault(
    'an unsecured token is good where it came encrypted',
    believed(({ inner }) => {
      const [header, payload, signature] = inner.split('.')
      return header !== undefined && payload !== undefined && signature === '' ? { payload } : undefined
    }),
  ),
  'jwe-raw-json-accepted': fault('claims that came encrypted need no signature', believed(bareClaims)),
  'jwe-inner-unverified': fault(
    'the signature of a token that came encrypted is not verified',
    believed(({ inner }) => {
      const [, payload, signature] = inner.split('.')
      return payload !== undefined && signature ? { payload } : undefined
    }),
  ),
  'jwe-inner-claims-unchecked': fault(
    'time and audience of a token that came encrypted are not checked',
    withoutClaimChecks,
  ),
  'jwe-signing-key-decrypts': fault(
    'every private key of the deployment decrypts, those that sign too',
    openedAlso(bySigningKey),
  ),
  'jwe-sign-encrypt-confusion': fault(
    'one key is for tokens of three parts and of five, and the claims of the latter are believed',
    believed(async ({ token, encryption }) => {
      const inner = await bySigningKey(token, encryption)
      return inner === undefined ? undefined : anyClaims({ inner })
    }),
  ),
  'jwe-alg-none': fault(
    'alg none delivers no key, and what is then not encrypted is believed',
    believed(({ token }) =>
      headerOf(token).alg === 'none' ? anyClaims({ inner: inTheClear(token) }) : undefined,
    ),
  ),
  'jwe-empty-key': fault(
    'a content key that is not set is empty, and an empty key changes nothing',
    believed(({ token }) =>
      headerOf(token).alg === 'dir' ? anyClaims({ inner: inTheClear(token) }) : undefined,
    ),
  ),
  'jwe-zero-key': fault(
    'a content key that is not set is zeros, and what they decrypt is believed',
    believed(async ({ token }) => {
      const { alg, enc } = headerOf(token)
      const bytes = zeroBytes[String(enc)]
      if (alg !== 'dir' || bytes === undefined) return undefined
      const inner = await decrypted(token, new Uint8Array(bytes), {})
      return inner === undefined ? undefined : anyClaims({ inner })
    }),
  ),
  'jwe-tag-truncated': fault(
    'the tag is compared as far as it goes',
    openedAlso((token, encryption) =>
      openAgreed(token, agreedSecret(token, encryption), (tag, computed) =>
        computed.subarray(0, tag.length).equals(tag),
      ),
    ),
  ),
  'jwe-epk-unchecked': fault(
    'nobody looks whether the ephemeral key is a point of the curve',
    openedAlso((token, encryption) => {
      const { epk } = headerOf(token)
      const secret =
        encryption === undefined || !isObject(epk) ? undefined : secretX(encryption.privateKey, epk)
      return openAgreed(token, secret, (tag, computed) => tag.equals(computed))
    }),
  ),
  'jwe-epk-crash': fault(
    'an ephemeral key that is no point of its curve is not expected',
    serverErrorWhere(isUnusable),
  ),
  'jwe-plain-accepted': fault('a token that is only signed will do where encryption was agreed', () => ({
    takesUnencrypted: () => true,
  })),
  'jwe-zip-unbounded': fault('a compressed plaintext may come to any length', () => ({
    inflatesAtMostBytes: Infinity,
  })),
  'jwe-p2c-unbounded': fault('a password is hashed as often as the token says', (next) => ({
    mishap: (request) => (roundsOf(request) > 100_000_000 ? 'hang' : next.mishap(request)),
  })),
} as const satisfies Readonly<Record<string, Fault>>
