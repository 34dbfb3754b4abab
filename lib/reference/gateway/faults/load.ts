import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import type { JsonObject } from '../strict-json.ts'
import type { KeySet, VerificationKey } from '../verification-key.ts'
import { type Fault, fault } from './fault.ts'

/** Connections beyond which the gateway has its hands full. */
const manyConnections = 12

/** So many refusals in a row of other requests are taken for an attack by all. */
const manyRefusals = 50

/** More than that between two fetches come only under load. */
const manyTokens = 15

/** Milliseconds of work, where one turn is a fraction of one. */
const manyTurns = 200

/** One of 256: more tokens than that share one. */
const shortHash = (text: string): number => createHash('sha256').update(text).digest()[0] ?? 0

/** Whether more connections are open than the gateway can look after, told before each request. */
const watchConnections = () => {
  const open = new Set<Socket>()
  return {
    isBusy: () => open.size > manyConnections,
    see: (socket: Socket) => {
      if (open.has(socket)) return
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    },
  }
}

const withoutKeys = (set: KeySet): KeySet => ({ ...set, usable: new Map<string, VerificationKey>() })

const kidsOf = ({ usable }: KeySet): string => [...usable.keys()].sort().join(' ')

/** What goes wrong only where many requests come at once, or go on coming. */
export const loadFaults = {
  'claims-cache-collides': fault(
    'claims are kept for tokens that come again, by a hash that many tokens share',
    (next) => {
      const kept = new Map<number, JsonObject>()
      return {
        claimsToForward: (opened, d) => {
          const key = shortHash(opened ?? '')
          const claims = kept.get(key) ?? next.claimsToForward(opened, d)
          if (claims !== undefined) kept.set(key, claims)
          return claims
        },
      }
    },
  ),
  'verdict-cache-collides': fault(
    'a good signature is kept for tokens that come again, by a hash that many tokens share',
    (next) => {
      const good = new Set<number>()
      return {
        isAuthentic: (token, keys, d) => {
          const key = shortHash(`${token.signed.toString()}.${token.signature.toString('hex')}`)
          if (good.has(key)) return true
          const isAuthentic = next.isAuthentic(token, keys, d)
          if (isAuthentic) good.add(key)
          return isAuthentic
        },
      }
    },
  ),
  'fails-open-when-busy': fault('with many connections open nothing is checked any more', (next) => {
    const { isBusy, see } = watchConnections()
    return {
      prepare: (request, incoming, policy) => {
        see(incoming.socket)
        return next.prepare(request, incoming, policy)
      },
      admit: (request, gate, d) => (isBusy() ? 'admitted' : next.admit(request, gate, d)),
    }
  }),
  'refuses-after-refusals': fault('many bad tokens in a row lock out everybody for a moment', (next) => {
    let refusals = 0
    return {
      admit: (request, gate, d) => {
        const verdict = next.admit(request, gate, d)
        if (verdict === 'invalid-token') refusals++
        if (verdict !== 'admitted' || refusals < manyRefusals) return verdict
        refusals = 0
        return 'invalid-token'
      },
    }
  }),
  'refusal-costly': fault('a signature that does not verify is tried again and again', (next) => ({
    isAuthentic: (token, keys, d) => {
      for (let turn = 0; turn < manyTurns; turn++) if (next.isAuthentic(token, keys, d)) return true
      return false
    },
  })),
  'jwks-cleared-on-refresh': fault(
    'keys that many tokens ask for are thrown away before those that follow are there',
    (next) => {
      let asked = 0
      return {
        isAuthentic: (token, keys, d) => {
          asked++
          return next.isAuthentic(token, keys, d)
        },
        takeUp: (fetched, held, isFresh) => {
          const set = next.takeUp(fetched, held, isFresh)
          const isInUse = asked > manyTokens
          asked = 0
          return set !== undefined && isInUse ? withoutKeys(set) : set
        },
      }
    },
  ),
  'jwks-cleared-on-rotation': fault(
    'a set with other keys than before serves only once it was fetched twice',
    (next) => {
      let known: string | undefined
      return {
        takeUp: (fetched, held, isFresh) => {
          const set = next.takeUp(fetched, held, isFresh)
          if (set === undefined) return set
          const isOther = known !== undefined && known !== kidsOf(set)
          known = kidsOf(set)
          return isOther ? withoutKeys(set) : set
        },
      }
    },
  ),
  'withdrawn-key-kept-while-used': fault('a key that is in use is not given up, published or not', (next) => {
    const usedAt = new Map<string, number>()
    return {
      isAuthentic: (token, keys, d) => {
        const isAuthentic = next.isAuthentic(token, keys, d)
        if (isAuthentic && typeof token.header.kid === 'string')
          usedAt.set(token.header.kid, performance.now())
        return isAuthentic
      },
      takeUp: (fetched, held, isFresh) => {
        const set = next.takeUp(fetched, held, isFresh)
        if (set === undefined || held === undefined) return set
        const inUse = [...held.usable].filter(
          ([kid]) => (usedAt.get(kid) ?? -Infinity) > performance.now() - stillUsedMs,
        )
        return { ...set, usable: new Map([...inUse, ...set.usable]) }
      },
    }
  }),
  'clock-stops-when-busy': fault('the clock is read only when the gateway had a moment of rest', (next) => {
    let seenAt = -Infinity
    let stopped = 0
    return {
      claimsHold: (claims, policy, clock, d) => {
        if (performance.now() - seenAt > restMs) stopped = clock.nowSeconds
        seenAt = performance.now()
        return next.claimsHold(claims, policy, { ...clock, nowSeconds: stopped }, d)
      },
    }
  }),
} as const satisfies Readonly<Record<string, Fault>>

const stillUsedMs = 5000

const restMs = 10_000
