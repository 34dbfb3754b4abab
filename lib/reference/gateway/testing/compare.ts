import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type FaultName, faults } from '../faults.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import {
  base64url,
  goodClaims,
  goodHeader,
  mint,
  now,
  type Probe,
  probe,
  type Seen,
  signed,
  specificationWith,
  stranger,
} from './rig.ts'

/** What the tests of the faults have in common: requests with one flaw, and the sound gateway beside a faulty one. */

export const good = mint()
/** Its claims, encoded. */
const goodPayload = base64url(JSON.stringify(goodClaims))

export const claim = (changed: object): Probe => ({ token: mint({}, changed) })
export const header = (changed: object): Probe => ({ token: mint(changed) })
export const forged = (changed: object): Probe => ({ token: mint(changed, {}, stranger.privateKey) })
export const scope = (value: unknown): Probe => ({ path: '/orders', token: mint({}, { scope: value }) })
export const respelt = (text: string | Buffer): Probe => ({ token: signed(JSON.stringify(goodHeader), text) })

/** The good claims under another header, with whatever stands for the signature. */
export const unsigned = (changed: object, end = ''): string =>
  `${base64url(JSON.stringify({ ...goodHeader, ...changed }))}.${goodPayload}.${end}`

/** The good claims under HS256. */
export const withMac = (secret: string | Buffer, changed: object = {}): Probe => {
  const input = unsigned({ alg: 'HS256', ...changed }).slice(0, -1)
  return { token: `${input}.${base64url(createHmac('sha256', secret).update(input).digest())}` }
}

/** An Authorization header with this value. */
export const field = (value: string): Probe => ({ headers: ['Authorization', value] })

/** A request without a token. */
export const bare = (path: string, ...headers: readonly string[]): Probe => ({ path, headers })

export const startWith = (names: readonly FaultName[], policy: object = {}): Promise<Gateway> =>
  startGateway({ specification: specificationWith(policy), pathPrefix: '/v1', now, faults: names })

/** What the sound gateway answers, and what one with the fault does. */
export const compare = async (
  name: FaultName,
  request: Probe,
  policy: object = {},
): Promise<readonly [sound: Seen, faulty: Seen]> => {
  const [sound, faulty] = await Promise.all([startWith([], policy), startWith([name], policy)])
  try {
    return [await probe(sound, request), await probe(faulty, request)]
  } finally {
    await Promise.all([sound.close(), faulty.close()])
  }
}

export type Table = Partial<Record<FaultName, Probe>>

/** The faults of a table. */
export const namesIn = (table: object): readonly FaultName[] =>
  Object.keys(table).filter((name): name is FaultName => name in faults)

/** Tests that each fault lets in its request, which the sound gateway refuses, and still knows good from none. */
export const testsLettingIn = (table: Table, policy: object = {}): void => {
  describe('lets in what the sound gateway refuses', () => {
    it.each(namesIn(table))('%s', async (name) => {
      const [before, after] = await compare(name, table[name] ?? {}, policy)
      expect(before.status).toBeGreaterThanOrEqual(400)
      expect(before.status).toBeLessThan(500)
      expect(after.status).toBe(200)
    })
  })

  describe('still tells a good token from none and from a forged one', () => {
    it.each(namesIn(table))('%s', async (name) => {
      const gateway = await startWith([name], policy)
      const statuses = [{ token: good }, {}, { token: forgedTwin }].map(async (request) => {
        const { status } = await probe(gateway, request)
        return status
      })
      const seen = await Promise.all(statuses)
      await gateway.close()
      expect(seen).toEqual([200, 401, name === 'sig-unchecked' ? 200 : 401])
    })
  })
}

const forgedTwin = mint({}, { jti: 'two' }, stranger.privateKey)

/** Tests that each fault refuses its request, which the sound gateway lets in. */
export const testsRefusing = (table: Table): void => {
  describe('refuses what the sound gateway lets in', () => {
    it.each(namesIn(table))('%s', async (name) => {
      const [before, after] = await compare(name, table[name] ?? {})
      expect(before.status).toBe(200)
      expect(after.status).toBeGreaterThanOrEqual(400)
    })
  })
}

export type Rewording = Partial<
  Record<FaultName, readonly [request: Probe, changed: (seen: Seen) => unknown, to: unknown]>
>

/** Tests that each fault changes one thing in the answer to its request. */
export const testsRewording = (table: Rewording): void => {
  describe('changes what it names in the answer', () => {
    it.each(namesIn(table))('%s', async (name) => {
      const [request, changed, to] = table[name] ?? [{}, () => undefined, undefined]
      const [before, after] = await compare(name, request)
      expect(changed(before)).not.toEqual(to)
      expect(changed(after)).toEqual(to)
    })
  })
}
