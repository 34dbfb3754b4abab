import { expect, test } from 'vitest'
import { readApplications } from './applications.ts'
import { DocumentError } from './document.ts'

const resourceServer = {
  name: 'hello',
  primaryAudience: 'gw.example.test',
  scopes: ['/read'],
  tokenLifetimeSeconds: 3600,
}
const client = {
  name: 'caller',
  clientId: 'caller',
  active: true,
  grants: ['client_credentials'],
  allowedScopes: ['gw.example.test/read'],
}
const good = {
  tenant: 'acme',
  accessSigningCertificate: true,
  resourceServers: [resourceServer],
  clients: [client],
}

const faultsOf = (document: unknown) => {
  try {
    readApplications(document)
    return []
  } catch (error) {
    if (error instanceof DocumentError) return error.faults
    throw error
  }
}
const withClient = (changes: object) => ({ ...good, clients: [{ ...client, ...changes }] })
const withServer = (changes: object) => ({ ...good, resourceServers: [{ ...resourceServer, ...changes }] })

test('applications that are in order are read as they stand', () => {
  expect(readApplications(good)).toEqual(good)
})

test.each([
  [[], 'the document', 'must be object'],
  [{ ...good, tenant: undefined }, 'the document', 'needs the key "tenant"'],
  [
    { ...good, acessSigningCertificate: true },
    'the document',
    'has an unknown key "acessSigningCertificate"',
  ],
  [{ ...good, accessSigningCertificate: 'yes' }, 'accessSigningCertificate', 'must be boolean'],
  [
    withServer({ primaryAudience: 'two words' }),
    'resourceServers[0].primaryAudience',
    'must be one or more printable ASCII characters other than space, double quote and backslash',
  ],
  [withServer({ scopes: [] }), 'resourceServers[0].scopes', 'must NOT have fewer than 1 items'],
  [withServer({ tokenLifetimeSeconds: 0 }), 'resourceServers[0].tokenLifetimeSeconds', 'must be >= 1'],
  [
    withClient({ grants: ['password'] }),
    'clients[0].grants[0]',
    'must be one of ["client_credentials","urn:ietf:params:oauth:grant-type:jwt-bearer"]',
  ],
  [
    withClient({ clientSecret: 'sécret' }),
    'clients[0].clientSecret',
    'must be one or more printable ASCII characters',
  ],
  [
    withClient({ assertionKeys: { keys: [{ kty: 'RSA', kid: 'k', n: 'AQAB', e: 'AQAB', d: 'AQAB' }] } }),
    'clients[0].assertionKeys.keys[0]',
    'has an unknown key "d"',
  ],
])('a fault is told with its place and its rule (%#)', (document, path, rule) => {
  expect(faultsOf(document)).toContainEqual({ path, rule })
})

test('a scope that no resource server has is told with those that there are', () => {
  expect(faultsOf(withClient({ allowedScopes: ['gw.example.testread'] }))).toEqual([
    {
      path: 'clients[0].allowedScopes[0]',
      rule:
        'gw.example.testread is no scope of a resource server, written as <primary audience><scope>; ' +
        'these are: gw.example.test/read',
    },
  ])
})

test('two scopes that are asked for with the same words contradict each other', () => {
  const resourceServers = [
    resourceServer,
    { ...resourceServer, primaryAudience: 'gw.example', scopes: ['.test/read'] },
  ]
  expect(faultsOf({ ...good, resourceServers })).toMatchObject([{ path: 'resourceServers' }])
})

test('two clients do not share an id', () => {
  expect(faultsOf({ ...good, clients: [client, client] })).toMatchObject([{ path: 'clients' }])
})

test('all faults are told at once', () => {
  expect(faultsOf({ ...withClient({ active: 1, grants: [] }), tenant: '' })).toHaveLength(3)
})
