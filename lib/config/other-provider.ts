import type { Policy, Provider, SigningKey } from './config.ts'

/** An issuer beside that of good tokens in whose name we can sign. */
export type OtherProvider = Omit<Provider, 'keys'> & { readonly keys: readonly [SigningKey, ...SigningKey[]] }

/** The issuers beside the policy's first whose keys are ours, in the order of the configuration. */
export const otherProviders = ({ issuers, providers }: Policy): readonly OtherProvider[] =>
  providers.flatMap(({ keys, ...provider }) => {
    const [first, ...more] = keys ?? []
    return provider.issuer === issuers[0] || first === undefined
      ? []
      : [{ ...provider, keys: [first, ...more] }]
  })

/** A key of another issuer that bears the name of this one. */
export const namesake = (policy: Policy, kid: unknown): SigningKey | undefined =>
  otherProviders(policy)
    .flatMap(({ keys }) => keys)
    .find((key) => key.kid === kid)
