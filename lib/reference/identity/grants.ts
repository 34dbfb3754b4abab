import type { Provider, TokenEndpointGrantContext } from 'oidc-provider'
import { jwtAssertion, type ResourceServer } from '../../config/applications.ts'
import { faultOfAssertion } from './assertion.ts'
import type { Library } from './library.ts'
import type { RegisteredClient } from './provider.ts'
import { allowedScopes, decideScope } from './scope.ts'
import { signingKeyId } from './signing-key.ts'

export type GrantSettings = {
  readonly clients: readonly RegisteredClient[]
  readonly resourceServers: readonly ResourceServer[]
  /** Whom a JWT assertion may be made for: the issuer, or the token endpoint (RFC 7523 section 3). */
  readonly assertionAudiences: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * Teaches a provider the two grants of the domain. When a handler runs, the provider has authenticated the client and
 * seen that the grant is one of its own; what is left is whether it may have the scope that it asks for.
 */
export function registerGrants(provider: Provider, library: Library, settings: GrantSettings): void {
  const { CustomOIDCProviderError } = library.errors
  const clients = new Map(settings.clients.map((client) => [client.clientId, client]))

  async function issue(context: TokenEndpointGrantContext, client: RegisteredClient): Promise<void> {
    const allowed = allowedScopes(client, settings.resourceServers)
    const decision = decideScope(context.oidc.params.scope, allowed)
    if (!decision.granted) throw new CustomOIDCProviderError('invalid_scope', decision.reason)

    const { resourceServer, scopes } = decision
    const scope = scopes.join(' ')
    const token = new provider.ClientCredentials({
      client: context.oidc.client,
      expiresIn: resourceServer.tokenLifetimeSeconds,
      resourceServer: new provider.ResourceServer(resourceServer.primaryAudience, {
        scope,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256', kid: signingKeyId } },
      }),
      scope,
    })
    context.body = { access_token: await token.save(), token_type: 'Bearer', expires_in: token.expiration }
  }

  function clientOf(context: TokenEndpointGrantContext): RegisteredClient {
    const client = clients.get(context.oidc.client.clientId)
    if (client === undefined) throw new Error('the provider authenticated a client that it was not given')
    return client
  }

  provider.registerGrantType('client_credentials', (context) => issue(context, clientOf(context)), 'scope')
  provider.registerGrantType<{ assertion?: string }>(
    jwtAssertion,
    async (context) => {
      const client = clientOf(context)
      const { assertion } = context.oidc.params
      if (assertion === undefined)
        throw new CustomOIDCProviderError('invalid_request', 'an assertion is required')
      const terms = { client, audiences: settings.assertionAudiences, now: settings.now() }
      const fault = await faultOfAssertion(assertion, terms)
      if (fault !== undefined) throw new CustomOIDCProviderError('invalid_grant', fault)
      await issue(context, client)
    },
    ['assertion', 'scope'],
  )
}
