import { createHash, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { now, openSmithy } from './fixture.ts'
import { resolve, resolveText, unknownTags } from './value.ts'
import { ValueError, type Scene } from './scene.ts'

const { scene, good, keys } = await openSmithy('RS256', {
  clockSkewSeconds: 60,
  jwks: 'https://idp.example.test/jwks',
})
const at = (value: unknown, changes: Partial<Scene> = {}) => resolve(value, { ...scene, ...changes })

test.each<[unknown, unknown]>([
  ['text', 'text'],
  [1.5, 1.5],
  [null, null],
  [{ a: [{ $now: 1 }, { b: { $now: 2 } }] }, { a: [now + 1, { b: now + 2 }] }],
  [{ $gt: '' }, { $gt: '' }],
])('%j becomes %j', (value, wanted) => {
  expect(at(value)).toEqual(wanted)
})

describe('the clock', () => {
  test.each<[unknown, unknown]>([
    [{ $now: -3600 }, now - 3600],
    [{ $now: 5, as: 'text' }, String(now + 5)],
    [{ $now: 5, as: 'milliseconds' }, (now + 5) * 1000],
    [{ $now: 0, as: 'iso' }, new Date(now * 1000).toISOString()],
    [{ $now: -8, skew: -1 }, now - 8 - 60],
    [{ $now: 60, skew: 1 }, now + 60 + 60],
  ])('%j', (value, wanted) => {
    expect(at(value)).toBe(wanted)
  })

  test('keeps as far from an edge of the leeway as it is uncertain, on either side of it', () => {
    const uncertain = { marginSeconds: 30 }
    expect(at({ $now: -8, skew: -1 }, uncertain)).toBe(now - 8 - 60 - 25)
    expect(at({ $now: 5, skew: -1 }, uncertain)).toBe(now + 5 - 60 + 25)
    expect(at({ $now: -3600 }, uncertain)).toBe(now - 3600)
    expect(at({ $now: -8, skew: -1 }, { marginSeconds: 2 })).toBe(now - 8 - 60)
  })

  test('has no leeway where none is declared', () => {
    const { clockSkewSeconds, ...policy } = scene.policy
    expect(clockSkewSeconds).toBe(60)
    expect(() => at({ $now: 0, skew: 1 }, { policy })).toThrow(ValueError)
  })
})

test('a sleep is the short one, unless the run says how long it is', () => {
  const statement = { $delay: 'seconds', prepend: 'sleep(', append: ')' }
  expect(at(statement)).toBe('sleep(5)')
  expect(at(statement, { delaySeconds: 10 })).toBe('sleep(10)')
  expect(at({ $delay: 'milliseconds' }, { delaySeconds: 10 })).toBe('10000')
  expect(at({ $join: ['|sleep ', { $delay: 'seconds' }] })).toBe('|sleep 5')
  expect(() => at({ $delay: 'minutes' })).toThrow('$delay knows seconds and milliseconds, not "minutes"')
})

describe('the target and its policy', () => {
  test.each<[unknown, unknown]>([
    [{ $policy: 'issuer' }, 'https://idp.example.test/'],
    [{ $policy: 'audience' }, 'https://api.example.test'],
    [{ $policy: 'scope' }, 'orders.read'],
    [{ $policy: 'algorithm' }, 'RS256'],
    [{ $policy: 'jwks' }, 'https://idp.example.test/jwks'],
    [{ $policy: 'jwks', as: 'host' }, 'idp.example.test'],
    [{ $target: 'host' }, 'gw.example.test'],
    [{ $target: 'url' }, 'https://gw.example.test/v1'],
    [{ $claim: 'tenant' }, 'acme'],
    [{ $header: 'kid' }, 'key-1'],
    [{ $alg: 'sibling' }, 'RS512'],
    [{ $alg: 'twin' }, 'PS256'],
  ])('%j', (value, wanted) => {
    expect(at(value)).toBe(wanted)
  })

  test('are a URL at the listener that is the request’s own, where there is a listener', () => {
    const mark = 'gateproof-000000000001'
    const listening = { served: { listener: 'http://localhost:9403' }, mark }
    expect(at({ $listener: 'jwks' }, listening)).toBe(`http://localhost:9403/${mark}/jwks`)
    expect(at({ $listener: 'jwks', as: 'host', prepend: '@' }, listening)).toBe('@localhost:9403')
    expect(() => at({ $listener: 'jwks', as: 'nonsense' }, listening)).toThrow(ValueError)
    expect(() => at({ $listener: 'jwks' })).toThrow('this target has no listener')
  })

  test('are those of the issued token where the policy does not say', () => {
    const policy = { ...scene.policy, issuers: [], audiences: [] }
    const issued = { ...good, claims: { iss: 'them', aud: ['first', 'second'] } }
    expect(at({ $policy: 'issuer' }, { policy, good: issued })).toBe('them')
    expect(at({ $policy: 'audience' }, { policy, good: issued })).toBe('first')
  })

  test.each([{ $claim: 'nothing' }, { $header: 'nothing' }, { $target: 'public-path' }, { $policy: 'key' }])(
    '%j is not there',
    (value) => {
      expect(() => at(value)).toThrow(ValueError)
    },
  )

  test("a key set in a file is nobody else's to fetch", () => {
    expect(() => at({ $policy: 'jwks' }, { policy: { ...scene.policy, jwks: '/etc/jwks.json' } })).toThrow(
      ValueError,
    )
  })
})

describe('keys', () => {
  test('of the issuer, its second one and the attacker are three', () => {
    const jwks = ['issuer', 'second', 'attacker'].map((of) => JSON.stringify(at({ $key: 'jwk', of })))
    expect(new Set(jwks).size).toBe(3)
    expect(at({ $key: 'jwk' })).toEqual(keys[0].publicKey.export({ format: 'jwk' }))
    expect(at({ $key: 'kid', of: 'second' })).toBe('key-2')
    expect(at({ $key: 'alg', of: 'second' })).toBe('RS256')
  })

  test('of the attacker are of the kind that is asked for, and the same all along', () => {
    expect(at({ $key: 'jwk', of: 'attacker', alg: 'ES256' })).toMatchObject({ kty: 'EC', crv: 'P-256' })
    expect(at({ $key: 'jwk', of: 'attacker' })).toEqual(at({ $key: 'jwk', of: 'attacker' }))
    expect(at({ $key: 'private-jwk', of: 'attacker', kid: 'mine' })).toMatchObject({
      kid: 'mine',
      d: expect.any(String) as string,
    })
  })

  test('have the thumbprint of RFC 7638', () => {
    const { e, n } = keys[0].publicKey.export({ format: 'jwk' })
    const text = JSON.stringify({ e, kty: 'RSA', n })
    expect(at({ $key: 'jwk-text' })).toBe(text)
    expect(at({ $key: 'thumbprint' })).toBe(createHash('sha256').update(text).digest('base64url'))
  })

  test('have a certificate of their own, and its thumbprints', () => {
    const [leaf] = at({ $key: 'x5c', of: 'attacker' }) as [string]
    const certificate = new X509Certificate(Buffer.from(leaf, 'base64'))
    expect(certificate.verify(scene.keyring.attacker(good.algorithm).publicKey)).toBe(true)
    const sha1 = createHash('sha1').update(certificate.raw).digest('base64url')
    const sha256 = createHash('sha256').update(certificate.raw).digest('base64url')
    expect(at({ $key: 'x5t', of: 'attacker' })).toBe(sha1)
    expect(at({ $key: 'x5t#S256', of: 'attacker' })).toBe(sha256)
  })

  test('of other kinds have none', () => {
    for (const alg of ['EdDSA', 'HS256'])
      expect(() => at({ $key: 'x5c', of: 'attacker', alg })).toThrow(ValueError)
  })

  test('that the run does not have are not made up', () => {
    const keyring = { ...scene.keyring, issuer: [] }
    expect(() => at({ $key: 'jwk' }, { keyring })).toThrow(ValueError)
    expect(() => at({ $key: 'nothing' })).toThrow(ValueError)
  })
})

describe('texts', () => {
  test.each<[unknown, unknown]>([
    [{ $repeat: 'ab', times: 3 }, 'ababab'],
    [{ $list: 'x', times: 2, then: [{ $policy: 'audience' }] }, ['x', 'x', 'https://api.example.test']],
    [
      { $members: 'm', times: 2 },
      { m0: 0, m1: 1 },
    ],
    [{ $join: ['a', { $policy: 'scope' }, 7] }, 'aorders.read7'],
    [{ $bytes: 'ff00' }, '\xff\0'],
    [{ $json: { a: { $now: 0 } } }, `{"a":${now}}`],
    [{ $base64url: { $bytes: '00' } }, Buffer.from('\0').toString('base64url')],
    [{ $base64: '??' }, 'Pz8='],
  ])('%j', (value, wanted) => {
    expect(at(value)).toEqual(wanted)
  })

  test('made by chance are as long as asked for, and differ', () => {
    expect(at({ $random: 22 })).toMatch(/^[\w-]{22}$/)
    expect(at({ $random: 22 })).not.toBe(at({ $random: 22 }))
  })

  test.each<[object, string]>([
    [{ cut: 1 }, 'https://idp.example.test'],
    [{ cut: 1000 }, ''],
    [{ drop: 8 }, 'idp.example.test/'],
    [{ replace: ['https', 'http'] }, 'http://idp.example.test/'],
    [{ replace: ['idp', { $target: 'host' }] }, 'https://gw.example.test.example.test/'],
    [{ replace: ['idp', '$&'] }, 'https://$&.example.test/'],
    [{ slash: 'toggle' }, 'https://idp.example.test'],
    [{ cut: 1, slash: 'toggle' }, 'https://idp.example.test/'],
    [{ case: 'upper' }, 'HTTPS://IDP.EXAMPLE.TEST/'],
    [{ case: 'swap' }, 'Https://idp.example.test/'],
    [{ prepend: ' ' }, ' https://idp.example.test/'],
    [{ append: '.evil' }, 'https://idp.example.test/.evil'],
    [{ append: 'b', prepend: 'a', cut: 1 }, 'ahttps://idp.example.testb'],
  ])('the issuer edited by %j', (edits, wanted) => {
    expect(at({ $policy: 'issuer', ...edits })).toBe(wanted)
  })

  test('alone can be edited', () => {
    expect(() => at({ $now: 0, append: 'x' })).toThrow(ValueError)
    expect(() => resolveText({ $members: 'm', times: 1 }, scene)).toThrow(ValueError)
    expect(resolveText(7, scene)).toBe('7')
  })
})

test('a tag that nobody knows is a mistake', () => {
  expect(() => at({ $soon: 1 })).toThrow(ValueError)
  expect(unknownTags({ claims: { a: [{ $soon: 1 }], $scope: 'x', b: { $gt: '' } } })).toEqual(['$soon'])
})

describe('what other parts of the policy say', () => {
  const routes = { needsAll: ['a', 'b', 'c'], audience: 'home', otherAudience: 'away' }
  const policy = {
    ...scene.policy,
    forwards: { claims: { 'X-Caller-Id': 'sub', 'X-Team': 'team' }, format: 'plain' as const },
    providers: [{ issuer: 'https://other.example/', audiences: ['theirs'], algorithms: [], keys: [...keys] }],
  }
  test.each<[unknown, unknown]>([
    [{ $scopes: 'all-but-first' }, 'b c'],
    [{ $scopes: 'all-but-last' }, 'a b'],
    [{ $audience: 'protected' }, 'home'],
    [{ $audience: 'other' }, 'away'],
    [{ $provider: 'issuer' }, 'https://other.example/'],
    [{ $provider: 'audience' }, 'theirs'],
    [{ $key: 'kid', of: 'other-provider' }, 'key-1'],
    [{ $policy: 'claim-header' }, 'X-Team'],
    [{ $policy: 'subject-header', hyphens: '_' }, 'X_Caller_Id'],
    [{ $null: true }, null],
    [{ $now: 60, wrap: 'seconds-32' }, now + 60 - 2 ** 32],
    [{ $repeat: 'https://h.example/a/b', times: 1, tenant: 'x' }, 'https://h.example/x/b'],
  ])('%j', (value, wanted) => {
    expect(at(value, { routes, policy })).toEqual(wanted)
  })

  test.each([{ $scopes: 'none' }, { $audience: 'other' }, { $provider: 'issuer' }, { $demanded: 'value' }])(
    '%j has no value where the policy has none',
    (value) => {
      expect(() => at(value)).toThrow(ValueError)
    },
  )
})
