import { expect, test } from 'vitest'
import { configOf, smallConfig } from '../../test/fixtures/config-folder.ts'
import { mintGood } from '../forge/good.ts'
import { metadataFactsOf } from './metadata-facts.ts'

const factsOf = (text: string) => {
  const config = configOf(text)
  if (config.tokens.kind !== 'keys') throw new Error('no keys')
  return metadataFactsOf(config, mintGood(config.tokens, config.policy, [], { now: 0, jti: 'j' }))
}
const declared = smallConfig.replace(
  '[RS256]',
  '[RS256], enforces: [{ protected-resource-metadata: https://a.test }]',
)
const placed = (credential: string) => declared.replace('policy:', `  credential: ${credential}\npolicy:`)

test('metadata that nobody declares have nothing to agree with', () => {
  expect(factsOf(smallConfig)).toBeUndefined()
})

test.each([
  ['{ in: header }', ['header']],
  ['{ in: header, name: X-Token }', []],
  [
    '[{ in: header }, { in: query, name: access_token }, { in: form }, { in: cookie, name: t }]',
    ['header', 'query', 'body'],
  ],
])('a gateway that looks for tokens in %s takes them by %j', (credential, methods) => {
  expect(factsOf(placed(credential))).toMatchObject({ resource: 'https://a.test', methods })
})

test('whose tokens get in is what the policy says first', () => {
  const config = configOf(declared)
  expect(factsOf(declared)?.issuers).toEqual([config.policy.issuers[0]])
})
