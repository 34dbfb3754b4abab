import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Proof, ProofEdit } from '../config/proof.ts'
import { createBindingKeys } from './binding.ts'
import { proofFlawsOf, type ProofFlaw, type ProofReference } from './check-proof.ts'
import { proofFields } from './dpop.ts'
import { now, openSmithy, type Smithy } from './fixture.ts'
import { readMembers } from './good.ts'
import { thumbprint } from './keyring.ts'
import { ValueError, type Scene } from './scene.ts'

const subject = {
  method: 'GET',
  uri: 'https://gw.example.test/v1/hello',
  token: 'a.b.c',
  another: () => 'd.e.f',
}

let smithy: Smithy
let scene: Scene
let reference: ProofReference
beforeAll(async () => {
  smithy = await openSmithy('ES256')
  const binding = await createBindingKeys('ES256')
  scene = { ...smithy.scene, nonce: 'n-1', keyring: { ...smithy.scene.keyring, binding } }
  reference = {
    method: 'GET',
    url: subject.uri,
    token: subject.token,
    jkt: thumbprint(binding.own.publicKey),
    algorithms: ['ES256'],
    now,
    nonce: 'n-1',
  }
})

const fields = (proof: Proof | undefined) => proofFields(proof, subject, scene)
const flaws = (proof: ProofEdit): readonly ProofFlaw[] =>
  proofFlawsOf(
    fields(proof).map(([, text]) => text),
    reference,
  )
const parts = (proof?: Proof) => {
  const [head = '', payload = ''] = fields(proof)[0]?.[1].split('.') ?? []
  return { header: readMembers(head), claims: readMembers(payload) }
}

describe('the good proof', () => {
  test('is about the request, the token and the nonce that was given', () => {
    const { header, claims } = parts()
    expect(header).toMatchObject({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256' } })
    expect(header?.jwk).not.toHaveProperty('d')
    expect(claims).toMatchObject({
      htm: 'GET',
      htu: subject.uri,
      iat: now - 1,
      ath: createHash('sha256').update('a.b.c').digest('base64url'),
      nonce: 'n-1',
    })
  })

  test('has no flaw, and never the identifier of another', () => {
    expect(flaws({})).toEqual([])
    expect(parts().claims?.jti).not.toBe(parts().claims?.jti)
  })
})

test.each<[string, ProofEdit, ProofFlaw]>([
  ['two of them', { count: 2 }, 'count'],
  ['another text', { text: 'x' }, 'form'],
  ['a part more', { text: { $proof: 'text', append: '.e30' } }, 'form'],
  ['another type', { header: { typ: 'JWT' } }, 'type'],
  ['alg none', { header: { alg: 'none' }, sign: 'none' }, 'algorithm'],
  ['a symmetric algorithm', { header: { alg: 'HS256' }, sign: 'hmac' }, 'algorithm'],
  ['no key', { header: { jwk: null } }, 'key'],
  ['a private key', { header: { jwk: { $key: 'private-jwk', of: 'binding' } } }, 'key'],
  ['a signature by another key', { sign: 'other' }, 'signature'],
  ['another key', { by: 'other' }, 'binding'],
  ['no identifier', { claims: { jti: null } }, 'identifier'],
  ['a method in lower case', { claims: { htm: { $proof: 'htm', case: 'lower' } } }, 'method'],
  ['another path', { claims: { htu: { $proof: 'htu', append: '/x' } } }, 'uri'],
  ['another scheme', { claims: { htu: { $proof: 'htu', scheme: 'other' } } }, 'uri'],
  ['another host', { claims: { htu: { $proof: 'htu', host: 'other.example' } } }, 'uri'],
  ['an old time', { claims: { iat: { $now: -3600 } } }, 'time'],
  ['another token', { claims: { ath: { $proof: 'other-ath' } } }, 'token'],
  ['another nonce', { claims: { nonce: 'n-0' } }, 'nonce'],
])('a proof with %s has that flaw and no other', (_, edit, flaw) => {
  expect(flaws(edit)).toEqual([flaw])
})

test.each<[string, ProofEdit]>([
  ['an upper-case host', { claims: { htu: { $proof: 'htu', host: 'upper' } } }],
  ['the default port', { claims: { htu: { $proof: 'htu', port: 'default' } } }],
  ['a query', { claims: { htu: { $proof: 'htu', query: 'a=b' } } }],
  ['a fragment', { claims: { htu: { $proof: 'htu', fragment: 'x' } } }],
  ['unknown members', { header: { x: 1 }, claims: { x: 1 } }],
  ['its header in capitals', { name: 'DPOP' }],
])('a proof with %s has none', (_, edit) => {
  expect(flaws(edit)).toEqual([])
})

test('a port that is not the default one leaves nothing to be left out', () => {
  expect(() =>
    proofFields(
      { claims: { htu: { $proof: 'htu', port: 'default' } } },
      { ...subject, uri: 'https://gw.example.test:8443/v1/hello' },
      scene,
    ),
  ).toThrow(ValueError)
})

test('where nothing is bound there is no proof, and none can be bent', () => {
  expect(proofFields(undefined, subject, smithy.scene)).toEqual([])
  expect(() => proofFields({ count: 2 }, subject, smithy.scene)).toThrow('not bound by DPoP')
})
