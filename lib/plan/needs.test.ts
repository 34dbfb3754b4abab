import { describe, expect, test } from 'vitest'
import type { CredentialPlace, Target } from '../config/config.ts'
import type { Deviation } from '../config/deviation.ts'
import { needsOf } from './needs.ts'

const home: CredentialPlace = { in: 'header', name: 'Authorization', scheme: 'Bearer' }

const targetWith = (...further: readonly CredentialPlace[]): Target => ({
  name: 'gateway',
  origin: 'http://127.0.0.1',
  basePath: '',
  routes: { protected: { path: '/', method: 'GET', methodDeclared: false, headers: [] }, others: [] },
  credentials: [home, ...further],
  proxy: { kind: 'none' },
  http: '1.1',
  tls: { insecure: false },
  headers: [],
  timeoutMs: 1000,
  pace: { concurrency: 1 },
  unsafeMethods: false,
  hooks: {},
})

describe('a token in another place', () => {
  const inQuery: Deviation = { carry: { in: 'query', name: 'jwt' } }
  const inHeader: Deviation = { carry: [{}, { name: 'X-Access-Token' }] }

  test('is a deviation where the target does not look there', () => {
    expect(needsOf(inQuery, targetWith())).not.toContain('distinct-deviation')
    expect(needsOf(inHeader, targetWith({ in: 'query', name: 'X-Access-Token' }))).not.toContain(
      'distinct-deviation',
    )
  })

  test('is none where it does', () => {
    expect(needsOf(inQuery, targetWith({ in: 'query', name: 'jwt' }))).toContain('distinct-deviation')
    expect(needsOf(inHeader, targetWith({ in: 'header', name: 'x-access-token', scheme: null }))).toContain(
      'distinct-deviation',
    )
  })

  test('may be meant where the deviation gives no name', () => {
    const twice: Deviation = { carry: [{ in: 'query' }, { in: 'query' }] }
    expect(needsOf(twice, targetWith({ in: 'query', name: 'jwt' }))).not.toContain('distinct-deviation')
  })
})

test.each<[Deviation, string]>([
  [{ header: { jku: { $policy: 'jwks' } } }, 'key-set-url'],
  [{ header: { kid: { $key: 'kid', of: 'second' } } }, 'second-key'],
  [{ claims: { x: 1 } }, 'signing-key'],
  [{ header: { alg: 'HS256' }, sign: { key: 'hmac', secret: { public: 'spki-der' } } }, 'public-key'],
  [{ encrypt: {} }, 'encryption'],
  [{ request: { version: '2' } }, 'http2'],
  [{ request: { servername: 'other' } }, 'other-servername'],
  [{ request: { target: [{ $path: 'metadata' }] } }, 'protected-resource-metadata'],
  [{ after: { connection: 'same', request: { route: 'scoped' } } }, 'scoped-route'],
  [{ after: { connection: 'cl-te', request: { method: 'POST' } } }, 'unsafe-methods'],
  [{ encrypt: 'none' }, 'encryption'],
  [{ encrypt: { epk: 'order-two' } }, 'encryption-curve'],
  [{ encrypt: { to: 'issuer' } }, 'encrypting-key'],
  [{ encrypt: { to: 'issuer', payload: 'claims' } }, 'public-key'],
])('%j needs %s', (deviation, feature) => {
  expect(needsOf(deviation, targetWith())).toContain(feature)
})

test('what is encrypted to an attacker needs no key of anybody', () => {
  expect(needsOf({ encrypt: { to: 'attacker', alg: 'dir' } }, targetWith())).toEqual(['jwt'])
  expect(needsOf({ sign: 'none', header: { alg: 'none' }, encrypt: { to: 'issuer' } }, targetWith())).toEqual(
    ['jwt', 'public-key', 'encrypting-key'],
  )
})

test('a bad signature needs no signing key', () => {
  expect(needsOf({ claims: { x: 1 }, sign: 'attacker' }, targetWith())).not.toContain('signing-key')
})

describe('a method that may change something', () => {
  const declared = (method: string): Target => {
    const target = targetWith()
    return {
      ...target,
      routes: { ...target.routes, protected: { ...target.routes.protected, method, methodDeclared: true } },
    }
  }
  const unsafe = (deviation: Deviation, target = targetWith()) =>
    needsOf(deviation, target).includes('unsafe-methods')

  test.each<[string, Deviation, boolean]>([
    ['a good request', {}, false],
    ['HEAD', { request: { method: 'HEAD' } }, false],
    ['TRACE', { request: { method: 'TRACE' } }, false],
    ['POST', { request: { method: 'POST' } }, true],
    ['a method that nobody knows', { request: { method: 'GATEPROOF' } }, true],
    ['a token in a form', { carry: { in: 'form' } }, true],
    ['a body', { request: { body: { type: 'text/plain', text: 'x' } } }, true],
    ['an override', { request: { headers: [{ name: 'X-HTTP-Method-Override', value: 'DELETE' }] } }, true],
    ['POST to a path without a route', { request: { route: 'unrouted', method: 'POST' } }, true],
  ])('%s', (_, deviation, wanted) => {
    expect(unsafe(deviation)).toBe(wanted)
  })

  test('has the word of the route that declares it, and of no other', () => {
    expect(unsafe({}, declared('POST'))).toBe(false)
    expect(unsafe({ request: { method: 'POST' } }, declared('POST'))).toBe(false)
    expect(unsafe({ request: { method: 'DELETE' } }, declared('POST'))).toBe(true)
    expect(unsafe({ request: { route: 'unrouted', method: 'POST' } }, declared('POST'))).toBe(true)
  })

  test('is not declared by the route where a header overrides it', () => {
    const override = { request: { headers: [{ name: 'X-Method-Override', value: 'DELETE' }] } }
    expect(unsafe(override, declared('POST'))).toBe(true)
  })
})
