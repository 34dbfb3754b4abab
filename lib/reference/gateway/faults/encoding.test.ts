import { sign } from 'node:crypto'
import { claim, field, good, respelt, type Table, testsLettingIn, testsRefusing } from '../testing/compare.ts'
import { base64url, goodClaims, goodHeader, privateKey, type Probe, signed } from '../testing/rig.ts'

const json = JSON.stringify
const claims = JSON.stringify(goodClaims)
const [head = '', payload = '', signature = ''] = good.split('.')
/** The good token with its claims, which begin as given, encoded in another way and signed as they are. */
const reencoded = (encode: (segment: string) => string, start = '{'): Probe => {
  const input = `${head}.${encode(base64url(claims.replace('{', start)))}`
  return field(`Bearer ${input}.${base64url(sign('sha256', Buffer.from(input), privateKey))}`)
}

/** A beginning by which the last character of the encoded claims has bits that are not used. */
const uneven = ['{', '{ ', '{  '].find((start) => (start.length + claims.length - 1) % 3 === 1)

const nextCharacter = (character: string): string => String.fromCharCode(character.charCodeAt(0) + 1)

const opening: Table = {
  'base64-illegal-skipped': reencoded((segment) => `${segment.slice(0, 9)}!${segment.slice(9)}`),
  'base64-padded': reencoded((segment) => `${segment}==`),
  'base64-standard': reencoded(
    (segment) => segment.replaceAll('_', '/').replaceAll('-', '+'),
    '{"a":"???>>>",',
  ),
  'base64-noncanonical': reencoded(
    (segment) => segment.slice(0, -1) + nextCharacter(segment.slice(-1)),
    uneven,
  ),
  'parts-extra-ignored': { token: `${good}.x` },
  'trailing-dot-ignored': { token: `${good}.` },
  'split-skip-empty': { token: `.${good.replace('.', '..')}` },
  'sd-jwt-accepted': { token: `${good}~x~` },
  'json-serialization-accepted': field(`Bearer ${json({ protected: head, payload, signature })}`),
  polyglot: (() => {
    const evil = base64url(json({ ...goodClaims, sub: 'admin' }))
    return field(
      `Bearer {"  ${head}.${evil}.":"","protected":"${head}","payload":"${payload}","signature":"${signature}"}`,
    )
  })(),
  'empty-payload-passes': {
    token: `${head}..${base64url(sign('sha256', Buffer.from(`${head}.`), privateKey))}`,
  },
  'payload-non-object-passes': respelt('[]'),
  'invalid-utf8-replaced': {
    token: signed(json(goodHeader), Buffer.from(claims.replace('client', 'cl\xffent'), 'latin1')),
  },
  'utf16-accepted': { token: signed(json(goodHeader), Buffer.from(claims, 'utf16le')) },
  'json-lenient': respelt(claims.replace('}', '/*x*/,}')),
  'json-nan': respelt(claims.replace(String(goodClaims.exp), 'NaN')),
  'nul-truncates-claims': claim({ aud: `${goodClaims.aud}\0.evil` }),
  'duplicate-first-wins': respelt(claims.replace('}', ',"aud":"other"}')),
  'key-nocase': respelt(claims.replace('"aud"', '"AUD"')),
  'proto-claims-inherited': respelt(
    claims.replace('"aud":"gw.example.test"', '"__proto__":{"aud":"gw.example.test"}'),
  ),
}

const refusing: Table = {
  'key-escapes-undecoded': respelt(claims.replace('"aud"', '"\\u0061ud"')),
}

testsLettingIn(opening)
testsRefusing(refusing)
