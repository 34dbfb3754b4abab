import { good, header, type Table, testsLettingIn, unsigned, withMac } from '../testing/compare.ts'
import { base64url, goodClaims, goodHeader, jwkOf, privateKey, publicKey, signed } from '../testing/rig.ts'

const json = JSON.stringify
const claims = JSON.stringify(goodClaims)
const [, payload = '', signature = ''] = good.split('.')
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
const { n, e } = jwkOf(publicKey)

const lengthed = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
const sshBlob = Buffer.concat(
  [
    Buffer.from('ssh-rsa'),
    Buffer.from(e, 'base64url'),
    Buffer.concat([Buffer.of(0), Buffer.from(n, 'base64url')]),
  ].map(lengthed),
)

const opening: Table = {
  'alg-confusion-openssh': withMac(`ssh-rsa ${sshBlob.toString('base64')}\n`),
  'alg-none': { token: unsigned({ alg: 'none' }) },
  'alg-none-nocase': { token: unsigned({ alg: 'nOnE' }) },
  'alg-none-trimmed': { token: unsigned({ alg: 'none\0' }) },
  'alg-none-unicode': { token: unsigned({ alg: 'ｎone' }) },
  'alg-none-two-parts': { token: unsigned({ alg: 'none' }).slice(0, -1) },
  'alg-none-keeps-signature': { token: unsigned({ alg: 'none' }, signature) },
  'alg-missing-is-none': { token: unsigned({ alg: undefined }) },
  'alg-falsy-skips': { token: unsigned({ alg: '' }, signature) },
  'alg-type-unchecked': { token: unsigned({ alg: 256 }, signature) },
  'alg-unknown-skips': { token: unsigned({ alg: 'XX999' }, signature) },
  'alg-proto-lookup': { token: unsigned({ alg: 'toString' }, signature) },
  'alg-in-payload': {
    token: `${base64url(json({ kid: 'SIGNING_KEY' }))}.${base64url(json({ ...goodClaims, alg: 'none' }))}.`,
  },
  'alg-dup-none': { token: `${base64url('{"alg":"RS256","alg":"none"}')}.${payload}.` },
  'alg-nocase': header({ alg: 'rs256' }),
  'alg-trimmed': header({ alg: 'RS256 ' }),
  'alg-loose-equality': header({ alg: ['RS256'] }),
  'alg-from-token': { token: signed(json({ ...goodHeader, alg: 'RS384' }), claims, privateKey, 'sha384') },
  'alg-jwk-mismatch': { token: signed(json({ ...goodHeader, alg: 'RS512' }), claims, privateKey, 'sha512') },
  'alg-sha1': { token: signed(json({ ...goodHeader, alg: 'RS1' }), claims, privateKey, 'sha1') },
  'alg-label-ignored': { token: signed(json(goodHeader), claims, privateKey, 'sha512') },
  'alg-keyed-on-kty': header({ alg: 'ES256' }),
  'alg-confusion': withMac(pem),
  'alg-confusion-pem-trimmed': withMac(pem.trimEnd()),
  'alg-confusion-pem-crlf': withMac(pem.replaceAll('\n', '\r\n')),
  'alg-confusion-pem-leading-space': withMac(`\t${pem}`),
  'alg-confusion-pem-oneline': withMac(pem.replaceAll('\n', '')),
  'alg-confusion-base64': withMac(publicKey.export({ type: 'spki', format: 'der' }).toString('base64')),
  'alg-confusion-pkcs1-pem': withMac(publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()),
  'alg-confusion-spki-der': withMac(publicKey.export({ type: 'spki', format: 'der' })),
  'alg-confusion-pkcs1-der': withMac(publicKey.export({ type: 'pkcs1', format: 'der' })),
  'alg-confusion-jwk': withMac(json(jwkOf(publicKey))),
  'alg-confusion-jwk-canonical': withMac(json({ e, kty: 'RSA', n })),
  'alg-confusion-modulus': withMac(Buffer.from(n, 'base64url')),
  'alg-confusion-modulus-text': withMac(n),
}

testsLettingIn(opening)
