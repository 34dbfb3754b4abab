#!/usr/bin/env node
// usage: realm.mjs RUN_DIRECTORY
// Writes what Keycloak imports when it starts: the realm of realm.json, and `other` beside it, which is the same but for
// its name and its keys. The secret and the key of the clients are made here, and are in the run directory alone:
// `client.secret`, and `client.jwks.json` for `private_key_jwt`.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv, stderr } from 'node:process'

const secretly = { mode: 0o600 }

if (argv.length === 3) writeRealms(argv[2])
else {
  stderr.write('usage: realm.mjs RUN_DIRECTORY\n')
  process.exitCode = 64
}

function writeRealms(directory) {
  const secret = randomBytes(24).toString('base64url')
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keySet = (key) =>
    JSON.stringify({
      keys: [{ kid: 'gateproof-client', alg: 'ES256', use: 'sig', ...key.export({ format: 'jwk' }) }],
    })
  writeFileSync(join(directory, 'client.secret'), secret, secretly)
  writeFileSync(join(directory, 'client.jwks.json'), keySet(privateKey), secretly)

  const template = JSON.parse(readFileSync(new URL('realm.json', import.meta.url), 'utf8'))
  const clients = template.clients.map((client) => complete(client, { secret, keySet: keySet(publicKey) }))
  const folder = join(directory, 'keycloak/data/import')
  mkdirSync(folder, { recursive: true })
  for (const realm of ['lab', 'other'])
    writeFileSync(
      join(folder, `${realm}-realm.json`),
      JSON.stringify({ ...template, realm, clients, users: clients.map(serviceAccount) }),
      secretly,
    )
}

/** What all clients have in common: each asks for its own tokens, and for nothing but what it names. */
function complete(client, { secret, keySet }) {
  const byKey = client.clientAuthenticatorType === 'client-jwt'
  return {
    protocol: 'openid-connect',
    publicClient: false,
    serviceAccountsEnabled: true,
    standardFlowEnabled: false,
    directAccessGrantsEnabled: false,
    fullScopeAllowed: false,
    defaultClientScopes: ['subject'],
    optionalClientScopes: ['gateway', 'elsewhere', 'orders.read', 'orders.write'],
    ...client,
    ...(byKey ? {} : { clientAuthenticatorType: 'client-secret', secret }),
    attributes: {
      'access.token.header.type.rfc9068': 'true',
      ...client.attributes,
      ...(byKey ? { 'jwks.string': keySet } : {}),
    },
  }
}

function serviceAccount({ clientId }) {
  return {
    username: `service-account-${clientId}`,
    enabled: true,
    serviceAccountClientId: clientId,
    realmRoles: ['orders-reader', 'orders-writer'],
  }
}
