import Type from 'typebox'
import type { Policy } from './config.ts'
import { duration, seconds } from './duration.ts'
import { closed, isFilled, text } from './fields.ts'
import { OAuth2Section, resolveOAuth2, settingsOf, type OAuth2Settings } from './oauth2.ts'
import { child } from './pointer.ts'
import { tellUnsignable } from './policy.ts'
import { BindingSection, EncryptionSection } from './token-protection.ts'
import { readSigningKeys, signingKeys, type KeysInput } from './signing-key.ts'
import type { Source } from './source.ts'
import {
  otherTokenNames,
  type OAuth2Client,
  type OtherToken,
  type OtherTokenName,
  type OtherTokens,
  type TokenSource,
} from './token-source.ts'

const defaults = { lifetime: '300s' } as const

const Command = Type.Array(Type.String(), {
  minItems: 1,
  description:
    'A program and its arguments, run without a shell; its stdout is a token, or JSON with access_token',
})
const IssuedToken = text('One issued token: from the environment, "${ACCESS_TOKEN}"')

/** Compiled once for all the names of `others`; `GateproofFile` holds it under this name. */
export const definitions = {
  otherToken: Type.Object(
    {
      oauth2: Type.Optional(OAuth2Section),
      token: Type.Optional(IssuedToken),
      command: Type.Optional(Command),
    },
    {
      ...closed,
      minProperties: 1,
      maxProperties: 1,
      description: '{ oauth2: what differs from tokens.oauth2 }, { token } or { command }',
    },
  ),
}
type OtherInput = Type.Static<(typeof definitions)['otherToken']>
const Other = (description: string) =>
  Type.Optional(Type.Unsafe<OtherInput>({ $ref: '#/$defs/otherToken', description }))

const OthersSection = Type.Object(
  {
    second: Other('A good token of another subject'),
    otherAudience: Other('For another audience'),
    otherScope: Other('With another scope'),
    noScope: Other('Without a scope'),
    expired: Other('Expired'),
    otherIssuer: Other('Of another issuer'),
    idToken: Other('An ID token of the same issuer'),
    revoked: Other('Revoked'),
  } satisfies Record<OtherTokenName, unknown>,
  { ...closed, description: 'Genuine tokens, each with one known difference' },
)

const freeForm = (description: string) => Type.Record(Type.String(), Type.Unknown(), { description })

export const TokensSection = Type.Object(
  {
    keys: Type.Optional(signingKeys('We sign: a private JWK Set or JWK, or { pem, kid, alg }')),
    oauth2: Type.Optional(OAuth2Section),
    command: Type.Optional(Command),
    token: Type.Optional(IssuedToken),
    claims: Type.Optional(freeForm('Added to the claims of every token that we sign')),
    header: Type.Optional(freeForm('Added to the header of every token that we sign')),
    lifetime: Type.Optional(duration('Of every token that we sign', { default: defaults.lifetime })),
    others: Type.Optional(OthersSection),
    binding: Type.Optional(BindingSection),
    encryption: Type.Optional(EncryptionSection),
  },
  { ...closed, description: 'Where good tokens come from: one of keys, oauth2, command and token' },
)
type TokensInput = Type.Static<typeof TokensSection>

const kinds = ['keys', 'oauth2', 'command', 'token'] as const

/** The one source of good tokens; undefined, and told, where there is none, more than one, or a faulty one. */
export const resolveTokens = (
  at: string,
  input: TokensInput,
  policy: Policy,
  source: Source,
): TokenSource | undefined => {
  const given = kinds.filter((kind) => input[kind] !== undefined)
  const { keys, oauth2, command, token } = input
  tellCount(at, given, source)
  tellIdle(at, input, source)
  const settings = oauth2 === undefined ? undefined : settingsOf(child(at, 'oauth2'), oauth2)
  const others = resolveOthers(child(at, 'others'), input.others ?? {}, settings, source)
  if (keys !== undefined) return signed(at, { ...input, keys }, { policy, others }, source)
  if (settings !== undefined) {
    const client = resolveOAuth2(settings, source)
    return client && { kind: 'oauth2', client, others }
  }
  if (command !== undefined && isFilled(command)) return { kind: 'command', command, others }
  return token === undefined ? undefined : { kind: 'token', token, others }
}

/** Whether tokens of that source can be bound to a DPoP key of ours: where we sign, or ask with a proof (RFC 9449 section 5). */
export const canBind = ({ kind }: TokenSource): boolean => kind === 'keys' || kind === 'oauth2'

const tellCount = (at: string, given: readonly (typeof kinds)[number][], source: Source): void => {
  const [, second] = given
  if (second !== undefined)
    source.tell(child(at, second), `one source of good tokens is enough, and here are ${given.join(' and ')}`)
  if (given.length === 0 && !kinds.some((kind) => source.isFaulty(child(at, kind))))
    source.tell(
      child(at, 'keys'),
      'no source of good tokens',
      'give one of `tokens.keys`, `oauth2`, `command` and `token`',
    )
}

/** What shapes the tokens that we sign would do nothing to those that others sign. */
const tellIdle = (at: string, input: TokensInput, source: Source): void => {
  if (input.keys !== undefined) return
  for (const key of ['claims', 'header', 'lifetime'] as const)
    if (input[key] !== undefined)
      source.tell(child(at, key), `\`${key}\` shapes the tokens that we sign, which takes \`tokens.keys\``)
  if (input.binding?.dpop === true && input.oauth2 === undefined)
    source.tell(
      `${child(at, 'binding')}/dpop`,
      'only a token that is made in the run can be bound to a DPoP key of it, which takes `tokens.keys` or `tokens.oauth2`',
    )
}

const signed = (
  at: string,
  input: TokensInput & { readonly keys: KeysInput },
  { policy, others }: { readonly policy: Policy; readonly others: OtherTokens },
  source: Source,
): TokenSource | undefined => {
  tellUnsignable('/policy', policy, source.tell)
  const allowed = policy.algorithms.length === 0 ? undefined : policy.algorithms
  const keys = readSigningKeys(child(at, 'keys'), input.keys, allowed, source)
  const lifetimeSeconds = seconds(input.lifetime ?? defaults.lifetime)
  if (lifetimeSeconds < 1) source.tell(child(at, 'lifetime'), 'a token must live for a second at least')
  if (!isFilled(keys)) return undefined
  return {
    kind: 'keys',
    keys,
    claims: input.claims ?? {},
    header: input.header ?? {},
    lifetimeSeconds,
    others,
  }
}

const resolveOthers = (
  at: string,
  input: Type.Static<typeof OthersSection>,
  base: OAuth2Settings | undefined,
  source: Source,
): OtherTokens =>
  Object.fromEntries(
    otherTokenNames.flatMap((name) => {
      const other = input[name]
      const token = other && resolveOther(child(at, name), other, base, source)
      return token === undefined ? [] : [[name, token]]
    }),
  )

const resolveOther = (
  at: string,
  { oauth2, token, command }: OtherInput,
  base: OAuth2Settings | undefined,
  source: Source,
): OtherToken | undefined => {
  if (oauth2 !== undefined) {
    const client = resolveOAuth2(settingsOf(child(at, 'oauth2'), oauth2, base), source)
    return client && { kind: 'oauth2', client }
  }
  if (command !== undefined && isFilled(command)) return { kind: 'command', command }
  return token === undefined ? undefined : { kind: 'token', token }
}

/** The credentials that the source holds as text: whoever has one of them can act as its owner. */
export const secretsOf = (source: TokenSource): readonly string[] => [
  ...(source.kind === 'token' ? [source.token] : []),
  ...(source.kind === 'oauth2' ? secretOf(source.client) : []),
  ...Object.values(source.others).flatMap((other) => {
    if (other.kind === 'token') return [other.token]
    return other.kind === 'oauth2' ? secretOf(other.client) : []
  }),
]

const secretOf = ({ auth }: OAuth2Client): readonly string[] =>
  'clientSecret' in auth ? [auth.clientSecret] : []
