import { randomUUID } from 'node:crypto'
import { jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import type { Deviation } from '../config/deviation.ts'
import { flawsOf, joseRefuses, type Flaw } from './check.ts'
import { now, openSmithy, type Smithy } from './fixture.ts'
import { mintGood, readGood } from './good.ts'
import { publish } from './keyring.ts'
import { forgeToken } from './token.ts'

const smithies = {
  RS256: await openSmithy('RS256'),
  PS256: await openSmithy('PS256'),
  ES256: await openSmithy('ES256'),
  ES384: await openSmithy('ES384'),
  EdDSA: await openSmithy('EdDSA'),
}
const { RS256: rsa } = smithies

const forged = (deviation: Deviation, smithy: Smithy = rsa) =>
  forgeToken(deviation, smithy.good, smithy.scene)
const flaws = (deviation: Deviation, smithy: Smithy = rsa) =>
  flawsOf(forged(deviation, smithy), smithy.reference)

describe.each(Object.entries(smithies))('a good token with %s', (alg, smithy) => {
  test('has no flaw', () => {
    expect(flawsOf(smithy.good.text, smithy.reference)).toEqual([])
  })

  test('passes jose under the policy', async () => {
    expect(await joseRefuses(smithy.good.text, smithy.reference)).toBe(false)
    const { payload, protectedHeader } = await jwtVerify(smithy.good.text, smithy.keys[0].publicKey, {
      issuer: 'https://idp.example.test/',
      audience: 'https://api.example.test',
      currentDate: new Date(now * 1000),
    })
    expect(protectedHeader).toMatchObject({ alg, kid: 'key-1', typ: 'JWT' })
    expect(payload).toMatchObject({ scope: 'orders.read orders.write', tenant: 'acme', jti: 'jti-1' })
  })

  test('that is made anew with another claim has none either', async () => {
    const again = forged({ claims: { jti: randomUUID() } }, smithy)
    expect(again).not.toBe(smithy.good.text)
    expect(flawsOf(again, smithy.reference)).toEqual([])
    expect(await joseRefuses(again, smithy.reference)).toBe(false)
  })

  test('by the second key has none, and by an attacker is not authentic', async () => {
    const second = { header: { kid: 'key-2' }, sign: { key: 'second' } } as const
    expect(flaws(second, smithy)).toEqual([])
    expect(flaws({ sign: 'attacker' }, smithy)).toEqual(['authenticity'])
    expect(await joseRefuses(forged({ sign: 'attacker' }, smithy), smithy.reference)).toBe(true)
  })
})

describe('one flaw is one kind', () => {
  test.each<[string, Deviation, Flaw]>([
    ['no JWS at all', { wire: [{ text: 'nonsense' }] }, 'form'],
    ['a segment too many', { wire: [{ insert: { text: '.x', in: 'token', at: 'end' } }] }, 'form'],
    ['padding', { wire: [{ recode: { in: 'signature', as: 'padded' } }] }, 'form'],
    ['a doubled claim', { raw: { claims: { duplicate: { sub: ['a', 'b'] } } } }, 'form'],
    ['a byte order mark', { raw: { claims: { charset: 'utf-8-bom' } } }, 'form'],
    ['claims that are no object', { raw: { claims: { text: '[]' } } }, 'form'],
    ['alg none', { header: { alg: 'none' }, sign: 'none' }, 'authenticity'],
    ['an algorithm that the policy does not allow', { header: { alg: 'RS512' } }, 'authenticity'],
    ['a bit of the signature', { wire: [{ flip: { in: 'signature', bit: 'last' } }] }, 'authenticity'],
    [
      'an HMAC with the public key',
      { header: { alg: 'HS256' }, sign: { key: 'hmac', secret: { public: 'spki-pem-lf' } } },
      'authenticity',
    ],
    ['an unknown key', { header: { kid: 'nobody' } }, 'authenticity'],
    ['a critical extension that nobody knows', { header: { crit: ['exp'] } }, 'header'],
    ['an unencoded payload', { header: { b64: false } }, 'header'],
    ['another kind of token', { header: { typ: 'logout+jwt' } }, 'kind'],
    ['the claims of an ID token', { claims: { nonce: 'n' } }, 'kind'],
    ['another issuer', { claims: { iss: 'https://evil.example.test/' } }, 'issuer'],
    ['no issuer', { claims: { iss: null } }, 'issuer'],
    ['another audience', { claims: { aud: 'https://other.example.test' } }, 'audience'],
    ['an audience that is a number', { claims: { aud: 7 } }, 'audience'],
    ['an expiry that is past', { claims: { exp: { $now: -3600 } } }, 'time'],
    ['an expiry that is now', { claims: { exp: { $now: 0 } } }, 'time'],
    ['no expiry', { claims: { exp: null } }, 'time'],
    ['a start that is to come', { claims: { nbf: { $now: 3600 } } }, 'time'],
    ['a text for an expiry', { claims: { exp: { $now: 300, as: 'text' } } }, 'time'],
  ])('%s', (_, deviation, flaw) => {
    expect(flaws(deviation)).toEqual([flaw])
  })

  test('and two flaws are two', () => {
    expect(flaws({ claims: { iss: 'x', aud: 'y' } })).toEqual(['issuer', 'audience'])
  })
})

describe('what the policy adds', async () => {
  const strict = await openSmithy('RS256', {
    clockSkewSeconds: 60,
    enforces: new Map<string, string | true>([
      ['typ-at-jwt', true],
      ['require-iat', true],
      ['max-lifetime', '1h'],
      ['max-age', '2h'],
    ]),
  })

  test('is held to, and the good token keeps it', () => {
    expect(strict.good.header.typ).toBe('at+jwt')
    expect(flawsOf(strict.good.text, strict.reference)).toEqual([])
  })

  test.each<[Deviation, readonly Flaw[]]>([
    [{ header: { typ: 'JWT' } }, ['kind']],
    [{ header: { typ: null } }, ['kind']],
    [{ header: { typ: 'application/at+jwt' } }, []],
    [{ claims: { iat: null } }, ['time']],
    [{ claims: { exp: { $now: 3601 }, iat: { $now: 0 } } }, ['time']],
    [{ claims: { iat: { $now: -7300 }, exp: { $now: -7000 } } }, ['time']],
    [{ claims: { exp: { $now: -59 }, iat: { $now: -300 } } }, []],
    [{ claims: { exp: { $now: -61 }, iat: { $now: -300 } } }, ['time']],
  ])('%j', (deviation, wanted) => {
    expect(flaws(deviation, strict)).toEqual(wanted)
  })
})

describe('a token that somebody else issued', async () => {
  const { good, keys } = rsa
  const stranger = await openSmithy('RS256')
  const policy = { ...rsa.reference.policy, issuers: [], audiences: [], algorithms: [] }

  test('is authentic though its key is not known, and held to what it says itself', () => {
    const reference = { policy, good, keys: [], now }
    expect(flawsOf(good.text, reference)).toEqual([])
    expect(flawsOf(forged({ claims: { iss: 'x' } }), reference)).toEqual(['issuer', 'authenticity'])
  })

  test('is refused under the keys of another', async () => {
    const other = { ...rsa.reference, keys: stranger.keys.map(publish), good: stranger.good }
    expect(flawsOf(good.text, other)).toEqual(['authenticity'])
    expect(await joseRefuses(good.text, other)).toBe(true)
  })

  test('is taken apart where it is a JWS, and else stays opaque', () => {
    const { signAhead, ...parts } = good
    expect(readGood(good.text)).toEqual(parts)
    for (const text of [
      'opaque',
      'a.b',
      'a.b.c.d',
      `${good.text}.x`,
      'e30.e30.',
      good.text.replace(/^[^.]+/, 'e30'),
    ])
      expect(readGood(text)).toEqual({ kind: 'opaque', text })
  })

  test('of ours carries what the user adds, wherever the policy looks for scopes and claims', () => {
    const minted = mintGood(
      {
        kind: 'keys',
        keys,
        claims: { sub: 'me', 'https://x.example.test/roles': ['a'] },
        header: { typ: 'at+jwt' },
        lifetimeSeconds: 60,
        others: {},
      },
      {
        ...rsa.reference.policy,
        scopeClaims: [{ path: ['realm_access', 'roles'], format: 'array' }],
        requiredClaims: [
          { path: ['tenant', 'id'], values: ['acme', 'other'], required: true },
          { path: ['a.b'], values: [], required: true },
        ],
      },
      ['x', 'y'],
      { now, jti: 'j' },
    )
    expect(minted.header).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: 'key-1' })
    expect(minted.claims).toMatchObject({
      sub: 'me',
      realm_access: { roles: ['x', 'y'] },
      tenant: { id: 'acme' },
      'a.b': 'gateproof',
      exp: now + 60,
      jti: 'j',
    })
  })
})

describe('a forged token', () => {
  const [header, payload] = rsa.good.text.split('.')
  const segments = (deviation: Deviation) => forged(deviation).split('.')

  test('keeps the bytes of what is not touched, and the signature where nothing is', () => {
    expect(forged({})).toBe(rsa.good.text)
    expect(segments({ header: { kid: 'x' }, sign: 'keep' })[1]).toBe(payload)
    expect(segments({ claims: { sub: 'x' } })[0]).toBe(header)
    expect(segments({ header: { kid: 'x' }, sign: 'keep' })[2]).toBe(rsa.good.text.split('.')[2])
  })

  test('lacks what null removes', () => {
    const claims = JSON.parse(
      Buffer.from(segments({ claims: { sub: null } })[1] ?? '', 'base64url').toString(),
    ) as object
    expect(claims).not.toHaveProperty('sub')
    expect(claims).toHaveProperty('jti')
  })

  test('has its scope where the target looks for it', () => {
    const read = (deviation: Deviation) =>
      JSON.parse(Buffer.from(segments(deviation)[1] ?? '', 'base64url').toString()) as Record<string, unknown>
    expect(read({ claims: { $scope: 'other' } }).scope).toBe('other')
    expect(read({ claims: { $scope: { $policy: 'scope', append: 'x' } } }).scope).toBe('orders.readx')
    expect(read({ claims: { $scope: null } })).not.toHaveProperty('scope')
  })

  test('ends with a dot where nobody signs', () => {
    expect(forged({ header: { alg: 'none' }, sign: 'none' })).toMatch(/^[\w-]+\.[\w-]+\.$/)
  })
})
