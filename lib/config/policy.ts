import Type from 'typebox'
import { algorithmList, asymmetricAlgorithms } from './algorithm.ts'
import {
  RequiredClaimsSection,
  resolveRequiredClaims,
  resolveScopeClaims,
  ScopeClaimSection,
} from './claim.ts'
import type { Policy } from './config.ts'
import { duration, milliseconds, seconds } from './duration.ts'
import { enforcesSection, resolveEnforces } from './enforces.ts'
import type { Tell } from './fault-list.ts'
import { asList, closed, oneOrMore, text } from './fields.ts'
import { child } from './pointer.ts'
import { ProvidersSection, resolveProviders } from './provider.ts'
import { resolveKeySet } from './key-set.ts'
import type { Source } from './source.ts'

const defaults = { format: 'plain', nonce: 'optional', dpopAlgorithms: ['ES256'] } as const

const KeySet = Type.Object(
  {
    maxAge: Type.Optional(duration('How long the gateway may use keys before it fetches them anew')),
    cooldown: Type.Optional(
      duration('How long it waits after a fetch before an unknown kid makes it fetch again'),
    ),
  },
  { ...closed, description: 'How the gateway caches the key set (no default: undeclared, it is measured)' },
)

const Forwards = Type.Object(
  {
    credential: Type.Optional(
      Type.Enum(['keep', 'strip'], { description: 'Does the upstream see the token?' }),
    ),
    claims: Type.Optional(
      Type.Record(Type.String(), Type.String({ minLength: 1 }), {
        description: 'Header at the upstream to claim',
      }),
    ),
    format: Type.Optional(
      Type.Enum(['plain', 'base64', 'json'], {
        description: 'How claims are written there',
        default: defaults.format,
      }),
    ),
  },
  { ...closed, description: 'What the gateway passes on to the upstream' },
)

const Dpop = Type.Object(
  {
    algorithms: Type.Optional(
      Type.Array(Type.Enum([...asymmetricAlgorithms]), {
        minItems: 1,
        description: 'Of proofs',
        default: defaults.dpopAlgorithms,
      }),
    ),
    nonce: Type.Optional(
      Type.Enum(['required', 'optional'], {
        description: 'Does the gateway demand a nonce of its own?',
        default: defaults.nonce,
      }),
    ),
  },
  { ...closed, description: 'The gateway takes tokens bound by DPoP (RFC 9449)' },
)

export const PolicySection = Type.Object(
  {
    issuer: Type.Optional(
      oneOrMore('Issuer, or issuers, that the gateway allows; good tokens use the first'),
    ),
    audience: Type.Optional(
      oneOrMore('Audience, or audiences, that the gateway allows; good tokens use the first'),
    ),
    algorithms: Type.Optional(algorithmList('JWS algorithms that the gateway allows')),
    providers: Type.Optional(ProvidersSection),
    jwks: Type.Optional(text('The public keys that the gateway verifies with: URL or file of a JWK Set')),
    clockSkew: Type.Optional(duration('Leeway for clocks (no default: undeclared, it is measured)')),
    keySet: Type.Optional(KeySet),
    scopeClaim: Type.Optional(ScopeClaimSection),
    requiredClaims: Type.Optional(RequiredClaimsSection),
    forwards: Type.Optional(Forwards),
    dpop: Type.Optional(Dpop),
    enforces: Type.Optional(enforcesSection),
  },
  { ...closed, description: 'What the gateway is configured to demand' },
)
type PolicyInput = Type.Static<typeof PolicySection>

export const resolvePolicy = (at: string, input: PolicyInput, source: Source): Policy => {
  const providers = resolveProviders(child(at, 'providers'), input, source)
  const given = {
    issuers: asList(input.issuer),
    audiences: asList(input.audience),
    algorithms: input.algorithms ?? [],
  }
  const first = providers[0]
  const jwks = input.jwks === undefined ? undefined : resolveKeySet(child(at, 'jwks'), input.jwks, source)
  return {
    issuers: given.issuers.length > 0 ? given.issuers : providers.map(({ issuer }) => issuer),
    audiences: given.audiences.length > 0 ? given.audiences : (first?.audiences ?? []),
    algorithms: given.algorithms.length > 0 ? given.algorithms : (first?.algorithms ?? []),
    providers,
    ...(jwks !== undefined && { jwks }),
    ...(input.clockSkew !== undefined && { clockSkewSeconds: seconds(input.clockSkew) }),
    ...(input.keySet !== undefined && { keySet: cacheTimes(input.keySet) }),
    scopeClaims: resolveScopeClaims(input.scopeClaim),
    requiredClaims: resolveRequiredClaims(input.requiredClaims),
    ...(input.forwards !== undefined && { forwards: forwarded(input.forwards) }),
    ...(input.dpop !== undefined && { dpop: { ...dpopDefaults, ...input.dpop } }),
    enforces: resolveEnforces(child(at, 'enforces'), input.enforces ?? [], source.tell),
  }
}

/** Tokens that we sign say who issued them, for whom, and with which algorithm: nobody else could know. */
export const tellUnsignable = (at: string, policy: Policy, tell: Tell): void => {
  for (const [key, values] of [
    ['issuer', policy.issuers],
    ['audience', policy.audiences],
    ['algorithms', policy.algorithms],
  ] as const)
    if (values.length === 0)
      tell(
        child(at, key),
        `with \`tokens.keys\` the policy needs \`${key}\`: it goes into every token that we sign`,
      )
}

const dpopDefaults = { algorithms: defaults.dpopAlgorithms, nonce: defaults.nonce }

const cacheTimes = ({ maxAge, cooldown }: Type.Static<typeof KeySet>): NonNullable<Policy['keySet']> => ({
  ...(maxAge !== undefined && { maxAgeMs: milliseconds(maxAge) }),
  ...(cooldown !== undefined && { cooldownMs: milliseconds(cooldown) }),
})

const forwarded = ({
  credential,
  claims,
  format,
}: Type.Static<typeof Forwards>): NonNullable<Policy['forwards']> => ({
  ...(credential !== undefined && { credential }),
  claims: claims ?? {},
  format: format ?? defaults.format,
})
