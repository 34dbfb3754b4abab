import { claim, header, respelt, type Table, testsRefusing } from '../testing/compare.ts'
import { goodClaims, nowSeconds } from '../testing/rig.ts'

const json = JSON.stringify
const claims = JSON.stringify(goodClaims)

const refusing: Table = {
  'optional-refuses-none': { path: '/ping' },
  'jti-uuid-only': claim({ jti: 'one' }),
  'unknown-header-refused': header({ 'x-future': 1 }),
  'unknown-claim-refused': claim({ future: 1 }),
  'aud-array-refused': claim({ aud: [goodClaims.aud] }),
  'aud-first-only': claim({ aud: ['other', goodClaims.aud] }),
  'fractional-dates-refused': claim({ exp: nowSeconds + 0.5 }),
  'nbf-zero-refused': claim({ nbf: 0 }),
  'non-ascii-refused': claim({ name: 'Ž' }),
  'whitespace-refused': respelt(json(goodClaims, null, 2)),
  'big-integers-refused': respelt(claims.replace('{', `{"big":${'9'.repeat(40)},`)),
}

testsRefusing(refusing)
