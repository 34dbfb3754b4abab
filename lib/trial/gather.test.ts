import { expect, test } from 'vitest'
import { configOf } from '../../test/fixtures/config-folder.ts'
import { gather } from './gather.ts'
import type { RunEvent } from './world.ts'

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = `${encode({ alg: 'RS256', kid: 'theirs' })}.${encode({
  iss: 'https://idp.example.test/realms/lab',
  aud: ['https://gw.example.test', 'account'],
  exp: 2_000_000_000,
})}.${'A'.repeat(342)}`

const eventsWith = async (token: string, policy: string): Promise<readonly RunEvent[]> => {
  const events: RunEvent[] = []
  const config = configOf(`
target: { url: 'http://127.0.0.1:9/v1', routes: { protected: /hello } }
policy: ${policy}
tokens: { token: '${token}' }
`)
  const io = {
    now: () => 1_900_000_000_000,
    newId: () => 'id',
    onEvent: (event: RunEvent) => events.push(event),
  }
  expect((await gather(config, io)).kind).toBe('gathered')
  return events
}

test('what the policy leaves open is read from the good token, and told', async () => {
  expect(await eventsWith(jwt, '{}')).toEqual([
    {
      kind: 'policy-read',
      read: {
        issuer: 'https://idp.example.test/realms/lab',
        audiences: ['https://gw.example.test', 'account'],
        algorithm: 'RS256',
      },
    },
  ])
  expect(await eventsWith(jwt, '{ issuer: x, audience: y }')).toEqual([
    { kind: 'policy-read', read: { algorithm: 'RS256' } },
  ])
})

test('where the policy says it all, or the token nothing, there is nothing to tell', async () => {
  expect(await eventsWith(jwt, '{ issuer: x, audience: y, algorithms: [RS256] }')).toEqual([])
  expect(await eventsWith('an-opaque-token', '{}')).toEqual([])
})
