import { bare, field, good, type Table, testsLettingIn, testsRefusing } from '../testing/compare.ts'
import { type Probe } from '../testing/rig.ts'

const json = JSON.stringify
const post = (type: string, body: string): Probe => ({
  method: 'POST',
  headers: ['Content-Type', type],
  body,
})

const opening: Table = {
  'scheme-any': field(`Token ${good}`),
  'scheme-optional': field(good),
  'scheme-find': field(`Basic Bearer ${good}`),
  'scheme-doubled': field(`Bearer Bearer ${good}`),
  'scheme-unverified-odd-case': field('bEaReR x.y.z'),
  'dpop-scheme-accepted': field(`DPoP ${good}`),
  'wrong-scheme-passes': field('Basic eDp5'),
  'tab-separator': field(`Bearer\t${good}`),
  glued: field(`Bearer${good}`),
  'colon-separator': field(`Bearer: ${good}`),
  'auth-param-token': field(`Bearer token="${good}"`),
  'quoted-token': field(`Bearer "${good}"`),
  'percent-decoded': field(`Bearer ${good.replaceAll('.', '%2E')}`),
  'nul-truncates-token': field(`Bearer ${good}%00x`),
  'comma-takes-first': field(`Bearer ${good}, Bearer x`),
  'comma-takes-last': field(`Bearer x, Bearer ${good}`),
  'semicolon-stripped': field(`Bearer ${good}; a=b`),
  'space-junk-ignored': field(`Bearer ${good} .x`),
  'duplicate-takes-first': { headers: ['Authorization', `Bearer ${good}`, 'Authorization', 'Bearer x'] },
  'duplicate-takes-last': { headers: ['Authorization', 'Bearer x', 'Authorization', `Bearer ${good}`] },
  'duplicate-takes-bearer': { headers: ['Authorization', 'Basic x', 'Authorization', `Bearer ${good}`] },
  'empty-header-passes': field(''),
  'empty-token-passes': field('Bearer'),
  'opaque-token-passes': field('Bearer null'),
  'optional-bad-token-anonymous': { path: '/ping', token: 'x.y.z' },
  'query-also': bare(`/hello?access_token=${good}`),
  'query-other-names': bare(`/hello?jwt=${good}`),
  'cookie-also': bare('/hello', 'Cookie', `a=b; jwt=${good}`),
  'form-also': post('application/x-www-form-urlencoded', `access_token=${good}`),
  'multipart-also': post(
    'multipart/form-data; boundary=b',
    `--b\r\nContent-Disposition: form-data; name="access_token"\r\n\r\n${good}\r\n--b--\r\n`,
  ),
  'json-body-also': post('application/json', json({ access_token: good })),
  'lookalike-header': bare('/hello', 'X-Access-Token', good),
  'proxy-authorization': bare('/hello', 'Proxy-Authorization', `Bearer ${good}`),
  'basic-password-token': field(`Basic ${Buffer.from(`x:${good}`).toString('base64')}`),
  'ws-protocol-also': bare('/hello', 'Sec-WebSocket-Protocol', `bearer, ${good}`),
  'conflicting-locations': { token: good, path: '/hello?access_token=x' },
  'query-overrides-header': { token: 'x', path: `/hello?access_token=${good}` },
}

const refusing: Table = {
  'scheme-case-sensitive': field(`bearer ${good}`),
  'double-space-refused': field(`Bearer  ${good}`),
  'header-name-case-sensitive': { headers: ['AUTHORIZATION', `Bearer ${good}`] },
}

testsLettingIn(opening)
testsRefusing(refusing)
