import { describe, expect, test } from 'vitest'
import { answered, refusal } from './fixture.ts'
import { metadataChecks, type MetadataFacts } from './metadata-checks.ts'

const metadata: MetadataFacts = {
  resource: 'https://gw.example.test/v1',
  issuers: ['https://idp.example.test/'],
  methods: ['header'],
}
const context = { metadata, scheme: 'Bearer' }
const json = [['Content-Type', 'application/json; charset=utf-8']] as const
const served = (document: unknown) => answered(200, json, JSON.stringify(document))

type Name = keyof typeof metadataChecks
const holds = (name: Name, document: unknown): boolean =>
  metadataChecks[name](served(document), context) === undefined

describe('metadata', () => {
  test.each([
    ['a JSON object', served({}), undefined],
    ['refused', refusal(401), 'answered 401 instead of the metadata'],
    [
      'of another type',
      answered(200, [['Content-Type', 'text/html']], '{}'),
      'the metadata have the type "text/html"',
    ],
    ['of no type', answered(200, [], '{}'), 'the metadata have no type'],
    ['a list', served([]), 'the metadata are no JSON object'],
    ['no JSON', answered(200, json, '{'), 'the metadata are no JSON object'],
  ])('that are %s', (_, answer, said) => {
    expect(metadataChecks['metadata-served'](answer, context)).toBe(said)
    // Whatever is asked of a member, there must be some.
    expect(metadataChecks['metadata-dpop-optional'](answer, context)).toBe(said)
  })

  test.each<[Name, object, boolean]>([
    ['metadata-resource', { resource: 'https://gw.example.test/v1' }, true],
    ['metadata-resource', { resource: 'https://gw.example.test/v1/' }, false],
    ['metadata-resource', {}, false],
    ['metadata-issuer', { authorization_servers: ['https://a.test', 'https://idp.example.test/'] }, true],
    ['metadata-issuer', {}, true],
    ['metadata-issuer', { authorization_servers: ['https://idp.example.test'] }, false],
    ['metadata-issuer', { authorization_servers: 'https://idp.example.test/' }, false],
    ['metadata-bearer-methods', { bearer_methods_supported: ['header'] }, true],
    ['metadata-bearer-methods', {}, true],
    ['metadata-bearer-methods', { bearer_methods_supported: ['header', 'query'] }, false],
    ['metadata-bearer-methods', { bearer_methods_supported: [] }, false],
    ['metadata-dpop-optional', {}, true],
    ['metadata-dpop-optional', { dpop_bound_access_tokens_required: false }, true],
    ['metadata-dpop-optional', { dpop_bound_access_tokens_required: true }, false],
    ['no-foreign-host', { resource: 'https://gw.example.test' }, true],
    ['no-foreign-host', { resource: 'https://gateproof-intruder.test/v1' }, false],
  ])('%s of %j: %s', (name, document, wanted) => {
    expect(holds(name, document)).toBe(wanted)
  })
})

test.each([
  ['Bearer resource_metadata="https://gw.example.test/.well-known/oauth-protected-resource"', true],
  ['Bearer realm="x"', false],
  ['DPoP resource_metadata="https://gw.example.test/"', false],
  ['Bearer resource_metadata="/.well-known/oauth-protected-resource"', false],
  ['Bearer resource_metadata="http://gw.example.test/"', false],
  ['Bearer resource_metadata="https://"', false],
])('a challenge of %s names the metadata: %s', (challenge, wanted) => {
  expect(metadataChecks['challenge-metadata'](refusal(401, challenge), context) === undefined).toBe(wanted)
})

test('a laboratory without TLS has its metadata there, too', () => {
  const lab = { ...context, metadata: { ...metadata, resource: 'http://localhost:8080' } }
  const answer = refusal(401, 'Bearer resource_metadata="http://localhost:8080/x"')
  expect(metadataChecks['challenge-metadata'](answer, lab)).toBeUndefined()
})

test('a host of the client’s in a header is foreign as well', () => {
  const answer = answered(301, [['Location', 'https://gateproof-intruder.test/']])
  expect(metadataChecks['no-foreign-host'](answer)).toBeDefined()
})
