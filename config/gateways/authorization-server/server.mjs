#!/usr/bin/env node
// usage: server.mjs RUN_DIRECTORY PORT, where certificates.sh has written its certificates; `settings.json` there says the
// rest: { clients, lifetime, audiences }. It writes the public halves of its key to jwks.json and public.pem.
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { argv } from 'node:process'
import { createLocalJWKSet, jwtVerify } from 'jose'
import Provider, { errors } from 'oidc-provider'

const [folder, port] = argv.slice(2)
const file = (name) => readFileSync(join(folder, name))
const settings = JSON.parse(file('settings.json').toString())
const kid = 'gateproof-lab'
const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

const provider = new Provider(`https://localhost:${port}`, {
  clients: settings.clients.map((client) => ({
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    ...client,
  })),
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'tls_client_auth'],
  jwks: { keys: [signingKey()] },
  scopes: ['orders.read', 'orders.list', 'none'],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: (_context, client) => client.clientId === 'gateway' },
    revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      tlsClientAuth: true,
      getCertificate: ({ socket }) => socket.getPeerX509Certificate()?.toString(),
      certificateAuthorized: ({ socket }) => socket.authorized,
      certificateSubjectMatches: ({ socket }, property, expected) =>
        property === 'tls_client_auth_san_dns' && socket.getPeerX509Certificate()?.checkHost(expected) === expected,
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => settings.audiences[0],
      getResourceServerInfo: (_context, resource, client) => {
        if (!settings.audiences.includes(resource)) throw new errors.InvalidTarget()
        return {
          audience: resource,
          scope: 'orders.read orders.list',
          accessTokenTTL: client.clientId === 'brief' ? 1 : settings.lifetime,
          ...(client.clientId === 'opaque'
            ? { accessTokenFormat: 'opaque' }
            : { accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }),
        }
      },
    },
  },
  clientBasedCORS: () => false,
})

// RFC 7523, section 2.1: the library leaves this grant to its users, and so to this handler.
provider.registerGrantType(
  jwtBearer,
  async (context) => {
    const { client, params } = context.oidc
    const subject = await subjectOf(params.assertion, client, context.oidc.urlFor('token'))
    const resource = settings.audiences[0]
    const token = new provider.ClientCredentials({ client, scope: params.scope, extra: { on_behalf_of: subject } })
    token.resourceServer = await new provider.ResourceServer(resource, {
      audience: resource,
      scope: 'orders.read orders.list',
      accessTokenTTL: settings.lifetime,
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg: 'RS256' } },
    })
    const value = await token.save()
    context.body = { access_token: value, expires_in: token.expiration, token_type: token.tokenType, scope: token.scope }
  },
  ['assertion', 'scope'],
)

async function subjectOf(assertion, client, audience) {
  try {
    const keys = createLocalJWKSet(client.jwks)
    const { payload } = await jwtVerify(assertion, keys, { audience, issuer: client.clientId, requiredClaims: ['sub', 'exp'] })
    return payload.sub
  } catch (error) {
    if (error?.code?.startsWith('ERR_J')) throw new errors.InvalidGrant('the assertion is not valid')
    throw error
  }
}

/** A fresh RSA key, whose public half is all that the gateways get. */
function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const name = { kid, alg: 'RS256', use: 'sig' }
  const publicKey = createPublicKey(privateKey)
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), ...name }] }))
  writeFileSync(join(folder, 'public.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
  return { ...privateKey.export({ format: 'jwk' }), ...name }
}

for (const event of ['client_credentials.issued', 'client_credentials.saved'])
  provider.on(event, ({ clientId }) => console.log(`issued ${clientId}`))
provider.on('server_error', (_context, error) => console.error(error))
createServer(
  { cert: file('server.pem'), key: file('server.key'), ca: file('ca.pem'), requestCert: true, rejectUnauthorized: false },
  provider.callback(),
).listen(Number(port), '127.0.0.1')
