import type { Provider, TrustDecisions } from '../trust.ts'
import { type Fault, fault } from './fault.ts'

/** The audiences that the rule picks hold, whoever issued the token and whatever route it is for. */
const alsoFor =
  (audiences: (options: Parameters<TrustDecisions['trustFor']>[3]) => readonly string[]): Fault['alter'] =>
  (next) => ({
    trustFor: (opened, route, deployment, options, d) => {
      const unbound = { ...options, audiences: {} }
      const trust = next.trustFor(opened, route, deployment, unbound, d)
      const more = [...deployment.policy.audiences, ...audiences(options)]
      return (
        trust && { ...trust, policy: { ...trust.policy, audiences: [...trust.policy.audiences, ...more] } }
      )
    },
  })

/** Several issuers, several audiences. */
export const trustFaults = {
  'provider-keys-shared': fault('the keys of one issuer verify the tokens of all', (next) => {
    const others = new Set<Provider>()
    return {
      trustFor: (opened, route, deployment, options, d) => {
        for (const provider of options.providers ?? []) others.add(provider)
        return next.trustFor(opened, route, deployment, options, d)
      },
      isAuthentic: (token, keys, d) =>
        next.isAuthentic(token, keys, d) ||
        [...others].some((provider) => next.isAuthentic(token, provider.keys, d)),
    }
  }),
  'provider-audiences-shared': fault(
    'the audiences of all issuers hold for the tokens of each, on every route',
    alsoFor(({ providers = [] }) => providers.flatMap(({ audiences }) => audiences)),
  ),
  'aud-any-route': fault(
    'the audience of one route holds on all of them',
    alsoFor(({ audiences = {} }) => Object.values(audiences)),
  ),
} as const satisfies Readonly<Record<string, Fault>>
