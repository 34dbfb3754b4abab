import { constants, createHash, privateEncrypt } from 'node:crypto'
import { field, forged, good, type Table, testsLettingIn, withMac } from '../testing/compare.ts'
import { base64url, issuer, privateKey, publicKey } from '../testing/rig.ts'

const [head = '', payload = '', signature = ''] = good.split('.')
const zeros = base64url(Buffer.alloc(256))
const digest = createHash('sha256').update(`${head}.${payload}`).digest()

/** The good signature plus the modulus: the same number to whoever reduces it. */
const overModulus = (): Buffer => {
  const { n = '' } = publicKey.export({ format: 'jwk' })
  const [value = 0n, modulus = 0n] = [signature, n].map((text) =>
    BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`),
  )
  const hex = (value + modulus).toString(16)
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
}

/** The good header and claims under a signature that opens to this block. */
const withBlock = (block: Buffer): string =>
  `${head}.${payload}.${base64url(privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, block))}`

const nextCharacter = (character: string): string => String.fromCharCode(character.charCodeAt(0) + 1)

const opening: Table = {
  'sig-not-reduced': { token: `${head}.${payload}.${base64url(overModulus())}` },
  'sig-lenient-padding': {
    token: withBlock(Buffer.concat([Buffer.of(0, 1, 0xff, 0), digest, Buffer.alloc(220, 7)])),
  },
  'sig-noncanonical': { token: good.slice(0, -1) + nextCharacter(good.slice(-1)) },
  'sig-unchecked': forged({}),
  'sig-empty-passes': { token: `${head}.${payload}.` },
  'sig-no-segment-passes': { token: `${head}.${payload}` },
  'sig-error-is-success': { token: `${head}.${payload}.${signature.slice(0, -4)}` },
  'sig-trivial-passes': { token: `${head}.${payload}.${zeros}` },
  'sig-trailing-ignored': { token: `${good}AAAA` },
  'sig-leading-zero-stripped': {
    token: `${head}.${payload}.${base64url(Buffer.concat([Buffer.of(0), Buffer.from(signature, 'base64url')]))}`,
  },
  'sig-padded': { token: `${good}==` },
  'std-base64': { token: `${head}.${payload}.${signature.replaceAll('-', '+').replaceAll('_', '/')}` },
  'sig-illegal-char-skipped': field(`Bearer ${good.slice(0, -8)}!${good.slice(-8)}`),
  'sig-whitespace-stripped': field(`Bearer ${good.slice(0, -8)} ${good.slice(-8)}`),
  'hmac-empty-key': withMac(''),
  'hmac-weak-secret': withMac('secret'),
  'hmac-guessable-secret': withMac(issuer),
  'jwe-header-skips-signature': forged({ enc: 'A256GCM' }),
}

testsLettingIn(opening)
