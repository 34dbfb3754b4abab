import type { SigningKey } from '../../lib/config/config.ts'
import type { OtherToken, OtherTokenName } from '../../lib/config/token-source.ts'
import { algorithmOf, signBytes } from '../../lib/forge/algorithm.ts'
import { baseBeyond, baseConfig, baseDeployment } from './base.ts'
import { audience, issuer } from './standing.ts'
import type { WorldPlan } from './worlds.ts'

/** What each genuine token differs in from the good one. */
const differences = (now: number): Readonly<Partial<Record<OtherTokenName, object>>> => ({
  otherAudience: { aud: 'https://other.example.test/' },
  otherIssuer: { iss: 'https://other-issuer.example.test/' },
  otherScope: { scope: 'orders.list' },
  noScope: { scope: undefined },
  expired: { iat: now - 7200, exp: now - 3600 },
})

/** Somebody else signs: a good token, and others with one difference each, as an identity provider issues them. */
export const issuedPlan: WorldPlan = {
  topics: ['audience.exact-match', 'issuer.exact-match', 'scope.required', 'time.passing'],
  gateway: (standing) => ({
    specification: baseDeployment('header', standing),
    pathPrefix: '/v1',
    beyond: baseBeyond('header'),
  }),
  config: (origin, standing) => {
    const [key] = standing.keys
    if (key === undefined) throw new Error('a world without a key')
    const now = Math.floor(Date.now() / 1000)
    const issue = (name: string, difference: object): OtherToken => ({
      kind: 'token',
      token: signed(key, {
        iss: issuer,
        aud: audience,
        sub: 'client',
        scope: 'orders.read',
        jti: name,
        iat: now,
        exp: now + 36_000,
        ...difference,
      }),
    })
    const others = Object.entries(differences(now)).map(([name, one]) => [name, issue(name, one)] as const)
    const good = issue('good', {})
    if (good.kind !== 'token') throw new Error('a token of another kind')
    return {
      ...baseConfig('header', origin, standing),
      tokens: { kind: 'token', token: good.token, others: Object.fromEntries(others) },
    }
  },
}

const signed = (key: SigningKey, claims: object): string => {
  const algorithm = algorithmOf(key.alg)
  if (algorithm === undefined) throw new Error('an unknown algorithm')
  const input = [{ alg: key.alg, typ: 'JWT', kid: key.kid }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${input}.${signBytes(algorithm, key.privateKey, Buffer.from(input)).toString('base64url')}`
}
