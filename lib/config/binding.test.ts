import { expect, test } from 'vitest'
import { configOf, faultsOf, smallConfig } from '../../test/fixtures/config-folder.ts'

const bound = smallConfig.replace('private.jwks.json', 'private.jwks.json, binding: { dpop: true }')
const placed = (credential: string) => bound.replace('policy:', `  credential: ${credential}\npolicy:`)

test('tokens that are bound by DPoP travel under its scheme, unless the file names another header', () => {
  expect(configOf(bound).target.credentials).toEqual([
    { in: 'header', name: 'Authorization', scheme: 'DPoP' },
  ])
  expect(configOf(placed('{ name: X-Authorization, scheme: dpop }')).target.credentials).toEqual([
    { in: 'header', name: 'X-Authorization', scheme: 'dpop' },
  ])
})

test.each(['{ scheme: Bearer }', '{ in: query }', '{ scheme: null }'])(
  'a token that is bound by DPoP cannot travel as %s',
  (credential) => {
    expect(faultsOf(placed(credential))).toContainEqual(expect.stringContaining('with `scheme: DPoP`'))
  },
)

test('a token endpoint binds what it issues to a key of ours', () => {
  const asked = bound.replace(
    'keys: private.jwks.json',
    'oauth2: { tokenEndpoint: https://i/token, clientId: c, clientSecret: s }',
  )
  expect(configOf(asked)).toMatchObject({ binding: { dpop: true }, tokens: { kind: 'oauth2' } })
})

test('what somebody else signs is bound to no key of ours', () => {
  const issued = bound.replace('keys: private.jwks.json', 'token: T')
  expect(faultsOf(issued)).toContainEqual(
    expect.stringContaining('which takes `tokens.keys` or `tokens.oauth2`'),
  )
})
