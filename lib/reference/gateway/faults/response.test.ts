import {
  bare,
  claim,
  field,
  forged,
  good,
  header,
  respelt,
  type Rewording,
  type Table,
  testsRefusing,
  testsRewording,
} from '../testing/compare.ts'
import { base64url, goodClaims, goodHeader, type Probe, signed } from '../testing/rig.ts'

const json = JSON.stringify
const claims = JSON.stringify(goodClaims)
const [, payload = '', signature = ''] = good.split('.')
const bad: Probe = claim({ aud: 'other' })
const oddToken = (start: string, rest = `${payload}.${signature}`): Probe => ({
  token: `${base64url(start)}.${rest}`,
})

const refusing: Table = {
  'refuse-all': { token: good },
  'cty-crash': header({ cty: 'text/xml' }),
  'lone-surrogate-crash': respelt(claims.replace('client', '\\ud800')),
}

const rewording: Rewording = {
  'accept-all': [bad, ({ status }) => status, 200],
  'no-challenge': [{}, ({ challenge }) => challenge, undefined],
  'forbidden-for-401': [bad, ({ status }) => status, 403],
  'forbidden-without-credentials': [{}, ({ status }) => status, 403],
  'redirect-to-login': [{}, ({ status, headers }) => [status, headers.location], [302, '/login']],
  'not-found-for-bad-token': [bad, ({ status }) => status, 404],
  'bad-request-for-bad-token': [bad, ({ status }) => status, 400],
  'server-error-on-bad-token': [bad, ({ status }) => status, 500],
  'ok-with-error-body': [bad, ({ status }) => status, 200],
  'no-challenge-for-bad-token': [bad, ({ challenge }) => challenge, undefined],
  'no-challenge-without-credentials': [{}, ({ challenge }) => challenge, undefined],
  'no-challenge-on-head': [{ method: 'HEAD' }, ({ challenge }) => challenge, undefined],
  'challenge-not-bearer': [{}, ({ challenge }) => challenge, 'Basic realm="gateway"'],
  'challenge-without-params': [{}, ({ challenge }) => challenge, 'Bearer'],
  'challenge-unparsable': [{}, ({ challenge }) => challenge, 'Bearer realm="gateway'],
  'challenge-dup-params': [{}, ({ challenge }) => challenge, 'Bearer realm="gateway", realm="gateway"'],
  'challenge-charset': [bad, ({ challenge }) => challenge?.includes('\u00e9'), true],
  'no-error-code': [bad, ({ challenge }) => challenge, 'Bearer realm="gateway"'],
  'no-error-code-request': [field('Bearer'), ({ challenge }) => challenge, 'Bearer realm="gateway"'],
  'error-without-credentials': [
    {},
    ({ challenge }) => challenge,
    'Bearer realm="gateway", error="invalid_token"',
  ],
  'error-unknown': [bad, ({ challenge }) => challenge?.includes('error="bad_jwt"'), true],
  'error-wrong': [bad, ({ challenge }) => challenge?.includes('error="invalid_request"'), true],
  'echo-token': [bad, ({ body }) => body.includes(bad.token ?? '-'), true],
  'claims-in-error': [bad, ({ body }) => body.includes('other'), true],
  'stack-in-error': [bad, ({ body }) => body.includes('node_modules'), true],
  'signature-in-error': [bad, ({ body }) => body.includes('expected'), true],
  'html-reflects-path': [bare('/hello?<b>'), ({ body }) => body, '<p>/v1/hello?<b></p>'],
  'no-content-type': [{}, ({ headers }) => headers['content-type'], undefined],
  'realm-reflects-host': [{}, ({ challenge }) => challenge?.includes('127.0.0.1'), true],
  'header-reflects-path': [bare('/hello?%0d%0aX-Injected:%201'), ({ headers }) => headers['x-injected'], '1'],
  'cacheable-401': [{}, ({ headers }) => headers['cache-control'], 'public, max-age=300'],
  'cors-only-on-success': [{ token: good }, ({ headers }) => headers['access-control-allow-origin'], '*'],
  'cacheable-success': [{ token: good }, ({ headers }) => headers['cache-control'], 'public, max-age=300'],
  'no-cache-control': [{ token: good }, ({ headers }) => headers['cache-control'], undefined],
  'header-crash': [oddToken('no JSON'), ({ status }) => status, 500],
  'header-non-object-crash': [oddToken('[]'), ({ status }) => status, 500],
  'payload-crash': [oddToken(json(goodHeader), 'e30x.x'), ({ status }) => status, 500],
  'payload-non-object-crash': [respelt('[]'), ({ status }) => status, 500],
  'segments-crash': [{ token: 'a.b' }, ({ status }) => status, 500],
  'empty-segment-crash': [{ token: '..' }, ({ status }) => status, 500],
  'jwe-crash': [{ token: 'a.b.c.d.e' }, ({ status }) => status, 500],
  'base64-crash': [{ token: 'a.b.c~' }, ({ status }) => status, 500],
  'utf8-crash': [
    { token: signed(json(goodHeader), Buffer.from('{"a":"\xff"}', 'latin1')) },
    ({ status }) => status,
    500,
  ],
  'non-ascii-crash': [field('Bearer \u00e9'), ({ status }) => status, 500],
  'alg-type-crash': [header({ alg: 1 }), ({ status }) => status, 500],
  'alg-unknown-crash': [header({ alg: 'XX' }), ({ status }) => status, 500],
  'kid-type-crash': [header({ kid: 1 }), ({ status }) => status, 500],
  'kid-unknown-crash': [header({ kid: 'x' }), ({ status }) => status, 500],
  'typ-type-crash': [header({ typ: 1 }), ({ status }) => status, 500],
  'reference-type-crash': [forged({ jku: [] }), ({ status }) => status, 500],
  'crit-type-crash': [header({ crit: 'x' }), ({ status }) => status, 500],
  'json-number-crash': [respelt('{"exp":NaN}'), ({ status }) => status, 500],
}

testsRefusing(refusing)
testsRewording(rewording)
