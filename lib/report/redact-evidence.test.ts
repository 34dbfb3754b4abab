import { expect, it } from 'vitest'
import { redactEvidence, redactResult } from './redact-evidence.ts'
import { redactor } from './redact.ts'
import type { Evidence, Result } from './report.ts'

const evidence: Evidence = {
  attempt: 1,
  request: {
    method: 'GET',
    target: '/hello?access_token=issued-secret',
    headers: [['Authorization', 'Bearer issued-secret']],
    bodyBytes: 0,
    token: { recipe: 'baseline', header: { alg: 'RS256' }, claims: { sub: 'issued-secret', n: [1, 'x'] } },
  },
  response: {
    status: 200,
    headers: [
      ['SET-COOKIE', 'session=0123456789abcdef; HttpOnly'],
      ['Set-Cookie', 'seen=true'],
      ['x-echo', 'issued-secret'],
    ],
    bodyExcerpt: '{"session":"0123456789abcdef","ok":true,"token":"issued-secret"}',
    truncated: false,
  },
  hits: [{ method: 'GET', target: '/hello', headers: [['cookie', '0123456789abcdef']] }],
  contacts: [
    { protocol: 'http', requests: [{ method: 'GET', path: '/0123456789abcdef' }] },
    { protocol: 'tls', serverName: '0123456789abcdef.test', requests: [], firstBytes: '0123456789abcdef' },
  ],
}

it('takes secrets out of every text of an exchange', () => {
  expect(JSON.stringify(redactEvidence(evidence, redactor(['issued-secret'])))).not.toContain('issued-secret')
})

it('hides what a cookie was set to, there and where it is echoed', () => {
  const shown = redactEvidence(evidence, (text) => text)
  expect(JSON.stringify(shown)).not.toContain('0123456789abcdef')
  expect('headers' in shown.response && shown.response.headers).toContainEqual(['Set-Cookie', '<redacted>'])
})

it('replaces the signature of a DPoP proof, and leaves what it says', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const said = `${part({ typ: 'dpop+jwt', alg: 'ES256' })}.${part({ htm: 'GET', ath: 'x' })}`
  const headers = [['DPoP', `${said}.${'A'.repeat(86)}`]] as const
  const shown = redactEvidence({ ...evidence, request: { ...evidence.request, headers } }, redactor([]))
  expect(shown.request.headers).toEqual([['DPoP', `${said}.<signature: 86 characters>`]])
})

it('leaves all else as it was', () => {
  const shown = redactEvidence(evidence, redactor(['issued-secret']))
  expect(shown.request.token).toEqual({
    recipe: 'baseline',
    header: { alg: 'RS256' },
    claims: { sub: '<redacted>', n: [1, 'x'] },
  })
  expect(shown.response).toMatchObject({
    status: 200,
    bodyExcerpt: '{"session":"<redacted>","ok":true,"token":"<redacted>"}',
  })
})

it('takes secrets out of the sentences of a result and of its variants', () => {
  const result: Result = {
    case: 'aud-prefix',
    requirement: 'audience.exact-match',
    topic: 'audience',
    title: 'The audience is a prefix of ours',
    level: 'must',
    severity: 'critical',
    spec: { document: 'RFC 7519', section: '4.1.3' },
    digest: '0123456789abcdef',
    verdict: {
      status: 'fail',
      mismatches: [{ kind: 'leaks', safety: 'fails-open', level: 'must', detail: 'saw issued-secret' }],
      notes: ['issued-secret'],
    },
    observed: { status: 200, challenge: 'Bearer x="issued-secret"', reachedUpstream: null, ms: 1 },
    evidence: [evidence],
    variants: [
      {
        name: 'a',
        verdict: { status: 'inconclusive', reason: 'issued-secret', notes: [] },
        evidence: [evidence],
      },
    ],
  }
  const shown = redactResult(result, redactor(['issued-secret']))
  expect(JSON.stringify(shown)).not.toContain('issued-secret')
  expect(shown).toMatchObject({ case: 'aud-prefix', digest: '0123456789abcdef', variants: [{ name: 'a' }] })
})
