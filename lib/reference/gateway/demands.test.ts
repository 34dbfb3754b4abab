import { expect, it } from 'vitest'
import type { Beyond } from './beyond.ts'
import { startGateway } from './gateway.ts'
import {
  audience,
  issuer,
  jwkOf,
  mint,
  now,
  nowSeconds,
  type Probe,
  probe,
  specificationWith,
  stranger,
} from './testing/rig.ts'
import { providerWith } from './trust.ts'

const seen = async (beyond: Beyond, request: Probe): Promise<number | string> => {
  const gateway = await startGateway({ specification: specificationWith(), pathPrefix: '/v1', now, beyond })
  const { status, challenge } = await probe(gateway, request)
  await gateway.close()
  return challenge?.includes('insufficient_user_authentication') === true ? 'step-up' : status
}
const token = (claims: object, header: object = {}): Probe => ({ token: mint(header, claims) })
const access = { client_id: 'c' }
const typed = { typ: 'at+jwt' }

it.each<[string, Beyond['demands'], Probe, Probe, number | string]>([
  ['a profile', { profile: true }, token(access, typed), token({ ...access, jti: undefined }, typed), 401],
  ['the type of the profile', { profile: true }, token(access, typed), token(access), 401],
  ['a lifetime', { maxLifetimeSeconds: 400 }, token({}), token({ exp: nowSeconds + 500 }), 401],
  ['an age', { maxAgeSeconds: 60 }, token({}), token({ iat: nowSeconds - 61 }), 401],
  ['a client', { clients: ['c'] }, token(access), token({ ...access, azp: 'd' }), 401],
  ['a pattern', { subject: 'cl[a-z]+' }, token({}), token({ sub: 'client1' }), 401],
  ['a truth', { truths: ['ok'] }, token({ ok: true }), token({ ok: 'true' }), 401],
  ['a class', { authentication: { acr: '2' } }, token({ acr: '2' }), token({ acr: '1' }), 'step-up'],
  ['a method', { authentication: { amr: 'mfa' } }, token({ amr: ['mfa'] }), token({ amr: 'mfa' }), 'step-up'],
])('demands %s', async (_, demands = {}, good, bad, wanted) => {
  expect(await seen({ demands }, good)).toBe(200)
  expect(await seen({ demands }, bad)).toBe(wanted)
})

it('takes each issuer’s keys for its own tokens alone, and a route’s own audience', async () => {
  const key = { format: 'JSON_WEB_KEY', ...jwkOf(stranger.publicKey) } as const
  const partner = providerWith('https://partner.example/', ['for-partner'], [key])
  const beyond: Beyond = { trust: { providers: [partner], audiences: { '/v1/ping': 'for-ping' } } }
  const by = (claims: object, path = '/hello'): Probe => ({
    path,
    token: mint({}, claims, stranger.privateKey),
  })
  expect(await seen(beyond, by({ iss: partner.issuer, aud: 'for-partner' }))).toBe(200)
  expect(await seen(beyond, by({ iss: partner.issuer, aud: audience }))).toBe(401)
  expect(await seen(beyond, by({ iss: issuer }))).toBe(401)
  expect(await seen(beyond, { path: '/ping', token: mint({}, { aud: 'for-ping' }) })).toBe(200)
  expect(await seen(beyond, { path: '/ping', token: mint() })).toBe(401)
  expect(await seen(beyond, by({ iss: partner.issuer, aud: 'for-partner' }, '/ping'))).toBe(401)
})

it('needs all the scopes of a route where that is said', async () => {
  const both: Probe = { path: '/orders', token: mint({}, { scope: 'orders.all orders.read' }) }
  const one: Probe = { path: '/orders', token: mint() }
  const beyond: Beyond = { needsAllScopes: ['/v1/orders'] }
  expect(await seen(beyond, both)).toBe(200)
  expect(await seen(beyond, one)).toBe(403)
  expect(await seen({}, one)).toBe(200)
})
