import Type from 'typebox'
import { algorithmList } from './algorithm.ts'
import type { Provider } from './config.ts'
import { asList, closed, oneOrMore, text } from './fields.ts'
import { resolveKeySet } from './key-set.ts'
import { child } from './pointer.ts'
import { readSigningKeys, signingKeys } from './signing-key.ts'
import type { Source } from './source.ts'

const ProviderForm = Type.Object(
  {
    issuer: text('The issuer'),
    audience: Type.Optional(oneOrMore('Its audiences (default: those of the policy)')),
    algorithms: Type.Optional(algorithmList('Its algorithms (default: those of the policy)')),
    jwks: Type.Optional(text('Its public keys: URL or file of a JWK Set')),
    keys: Type.Optional(signingKeys('Its private keys, where we sign in its name')),
  },
  closed,
)

export const ProvidersSection = Type.Array(ProviderForm, {
  description: 'The long form, where several issuers have keys or audiences of their own',
  default: [],
})

/** What a provider falls back to. */
type Common = {
  readonly providers?: Type.Static<typeof ProvidersSection>
  readonly audience?: string | readonly string[]
  readonly algorithms?: readonly string[]
}

/** The providers, each with the policy's audiences and algorithms where it has none of its own. */
export const resolveProviders = (at: string, common: Common, source: Source): readonly Provider[] =>
  (common.providers ?? []).map((input, index) => {
    const here = child(at, index)
    const algorithms = input.algorithms ?? common.algorithms
    const jwks = input.jwks === undefined ? undefined : resolveKeySet(child(here, 'jwks'), input.jwks, source)
    const keys =
      input.keys === undefined
        ? undefined
        : readSigningKeys(child(here, 'keys'), input.keys, algorithms, source)
    return {
      issuer: input.issuer,
      audiences: asList(input.audience ?? common.audience),
      algorithms: algorithms ?? [],
      ...(jwks !== undefined && { jwks }),
      ...(keys !== undefined && { keys }),
    }
  })
