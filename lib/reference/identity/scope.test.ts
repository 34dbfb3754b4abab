import { describe, expect, test } from 'vitest'
import type { Client } from '../../config/applications.ts'
import { allowedScopes, decideScope } from './scope.ts'

const hello = {
  name: 'hello',
  primaryAudience: 'gw.test',
  scopes: ['/read', '/write'],
  tokenLifetimeSeconds: 60,
}
const integration = {
  name: 'integration',
  primaryAudience: 'https://host:443',
  scopes: ['urn:opc:resource:consumer::all'],
  tokenLifetimeSeconds: 60,
}
const clientWith = (...asked: string[]): Client => ({
  name: 'caller',
  clientId: 'caller',
  active: true,
  grants: ['client_credentials'],
  allowedScopes: asked,
})
const allowedTo = (...asked: string[]) => allowedScopes(clientWith(...asked), [hello, integration])

test('scopes come apart from their audience, each once, in the order in which they were asked for', () => {
  const allowed = allowedTo('gw.test/read', 'gw.test/write')
  expect(decideScope('gw.test/write gw.test/read gw.test/write', allowed)).toEqual({
    granted: true,
    resourceServer: hello,
    scopes: ['/write', '/read'],
  })
})

test('a scope that is a name of its own follows the audience without a slash', () => {
  const asked = 'https://host:443urn:opc:resource:consumer::all'
  expect(decideScope(asked, allowedTo(asked))).toMatchObject({
    resourceServer: integration,
    scopes: ['urn:opc:resource:consumer::all'],
  })
})

describe('a request is refused, with the list of what may be asked for,', () => {
  test.each([
    ['without a scope', undefined, 'a scope must be asked for'],
    ['for the bare scope', '/read', 'was not given'],
    ['for the audience alone', 'gw.test', 'was not given'],
    ['with a slash too many', 'gw.test//read', 'was not given'],
    ['with a slash too few', 'gw.testread', 'was not given'],
    ['in another case', 'GW.test/read', 'was not given'],
    ['for what another client has', 'gw.test/write', 'was not given'],
    ['for more than was given', 'gw.test/read gw.test/write', 'was not given'],
  ])('%s', (_what, requested, reason) => {
    expect(decideScope(requested, allowedTo('gw.test/read'))).toEqual({
      granted: false,
      reason: expect.stringMatching(`${reason}.*; it may ask for: gw.test/read$`),
    })
  })

  test('for two resource servers at once', () => {
    const asked = ['gw.test/read', 'https://host:443urn:opc:resource:consumer::all']
    expect(decideScope(asked.join(' '), allowedTo(...asked))).toMatchObject({
      granted: false,
      reason: expect.stringContaining('belong to one resource server'),
    })
  })
})

test('a client without scopes is told that it has none', () => {
  expect(decideScope('gw.test/read', allowedTo())).toMatchObject({
    reason: expect.stringMatching(/it has none$/),
  })
})
