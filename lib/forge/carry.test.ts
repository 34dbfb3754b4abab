import { expect, test } from 'vitest'
import { placeCredentials, type Places, type Tokens } from './carry.ts'
import { createKeyring } from './keyring.ts'
import type { Scene } from './scene.ts'

const tokens: Tokens = { this: 'a.b.c', good: () => 'g.o.d', forged: () => 'f.o.r' }
const places: Places = [
  { in: 'header', name: 'X-Token', scheme: 'Token' },
  { in: 'query', name: 'jwt' },
]
const scene: Scene = {
  now: 0,
  policy: {
    issuers: [],
    audiences: [],
    algorithms: [],
    providers: [],
    scopeClaims: [{ path: ['scope'], format: 'string' }],
    requiredClaims: [],
    enforces: new Map(),
  },
  target: {
    origin: 'http://127.0.0.1',
    host: '127.0.0.1',
    url: 'http://127.0.0.1/v1',
    protectedPath: '/v1/hello',
  },
  good: {
    header: {},
    claims: {},
    algorithm: { name: 'RS256', family: 'rsa', sibling: 'RS512', twin: 'PS256' },
  },
  keyring: await createKeyring([]),
  random: (bytes) => Buffer.alloc(bytes),
}

test('a good request has the token in the first place, with the scheme of the target', () => {
  expect(placeCredentials(undefined, places, tokens, scene)).toEqual([
    { in: 'header', name: 'X-Token', value: 'Token a.b.c', secrets: ['a.b.c'] },
  ])
})

test('what a deviation leaves out is the place that the target has of that kind', () => {
  expect(placeCredentials({ in: 'query' }, places, tokens, scene)).toMatchObject([
    { in: 'query', name: 'jwt', value: 'a.b.c' },
  ])
})

test('a kind of place that the target does not have gets the name that the standard gives', () => {
  expect(placeCredentials({ in: 'form' }, places, tokens, scene)).toMatchObject([{ name: 'access_token' }])
})

test('every token of a credential is a secret', () => {
  const value = [{ $token: 'this' }, ', ', { $token: 'forged' }]
  expect(placeCredentials([{}, { value }], places, tokens, scene).flatMap(({ secrets }) => secrets)).toEqual([
    'a.b.c',
    'a.b.c',
    'f.o.r',
  ])
})
