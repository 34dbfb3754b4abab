import { randomBytes } from 'node:crypto'
import type { Policy, SigningKey } from '../config/config.ts'
import { algorithmOf, freshKey, type Algorithm, type AlgorithmName } from './algorithm.ts'
import type { Reference } from './check.ts'
import { mintGood, type GoodToken } from './good.ts'
import { createKeyring, publish } from './keyring.ts'
import type { Scene } from './scene.ts'

/** A policy that asks for nothing beyond the duties of every gateway, for tests. */
export const policyFor = (algorithm: string, changes: Partial<Policy> = {}): Policy => ({
  issuers: ['https://idp.example.test/'],
  audiences: ['https://api.example.test'],
  algorithms: [algorithm],
  providers: [],
  scopeClaims: [{ path: ['scope'], format: 'string' }],
  requiredClaims: [],
  enforces: new Map(),
  ...changes,
})

export const algorithm = (name: AlgorithmName): Algorithm => {
  const known = algorithmOf(name)
  if (known === undefined) throw new Error(name)
  return known
}

/** A fresh signing key. */
export const keyFor = async (alg: AlgorithmName, kid = 'key-1'): Promise<SigningKey> => ({
  kid,
  alg,
  ...(await freshKey(algorithm(alg))),
})

/** What a test forges with: a good token, what it is made from, and what it is held to. */
export type Smithy = {
  readonly good: GoodToken
  readonly scene: Scene
  readonly reference: Reference
  readonly keys: readonly [SigningKey, SigningKey]
}

export const now = 1_900_000_000

/** Two keys of an issuer, and a good token by the first. */
export const openSmithy = async (alg: AlgorithmName, changes: Partial<Policy> = {}): Promise<Smithy> => {
  const keys = [await keyFor(alg), await keyFor(alg, 'key-2')] as const
  const policy = policyFor(alg, changes)
  const good = mintGood(
    { kind: 'keys', keys, claims: { tenant: 'acme' }, header: {}, lifetimeSeconds: 300, others: {} },
    policy,
    ['orders.read', 'orders.write'],
    { now, jti: 'jti-1' },
  )
  return {
    good,
    keys,
    reference: { policy, good, keys: keys.map(publish), now },
    scene: {
      now,
      policy,
      target: {
        origin: 'https://gw.example.test',
        host: 'gw.example.test',
        url: 'https://gw.example.test/v1',
        protectedPath: '/v1/hello',
      },
      scope: 'orders.read',
      good,
      keyring: await createKeyring(keys),
      random: (bytes) => randomBytes(bytes),
    },
  }
}
