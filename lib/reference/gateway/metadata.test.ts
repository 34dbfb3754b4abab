import { afterEach, describe, expect, it } from 'vitest'
import type { FaultName } from './faults.ts'
import { type Gateway, startGateway } from './gateway.ts'
import { now, specificationWith } from './testing/rig.ts'

let gateway: Gateway | undefined
afterEach(async () => {
  await gateway?.close()
})

const resource = 'https://gw.example.test/v1'
const path = '/.well-known/oauth-protected-resource/v1'

const serve = async (...faults: readonly FaultName[]): Promise<string> => {
  const metadata = { resource, members: { bearer_methods_supported: ['header'] } }
  gateway = await startGateway({
    specification: specificationWith(),
    pathPrefix: '/v1',
    now,
    faults,
    beyond: { metadata },
  })
  return gateway.origin
}

const named = { 'x-forwarded-host': 'intruder.test' }

describe('the metadata of what is protected', () => {
  it('need no token, and stand at the path of the resource', async () => {
    const origin = await serve()
    const answer = await fetch(origin + path, { headers: named })
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(await answer.json()).toEqual({ resource, bearer_methods_supported: ['header'] })
    expect((await fetch(origin + path, { method: 'DELETE' })).status).toBe(404)
    expect((await fetch(`${origin}/.well-known/oauth-protected-resource`)).status).toBe(404)
  })

  it('are named by every challenge', async () => {
    const origin = await serve()
    const answer = await fetch(`${origin}/v1/hello`, { headers: named })
    expect(answer.headers.get('www-authenticate')).toContain(
      `, resource_metadata="https://gw.example.test${path}"`,
    )
  })

  it('name the host that the client names, where that is the fault', async () => {
    const origin = await serve('metadata-host-trusted')
    expect(await (await fetch(origin + path, { headers: named })).text()).toContain(
      'https://intruder.test/v1',
    )
    const answer = await fetch(`${origin}/v1/hello`, { headers: named })
    expect(answer.headers.get('www-authenticate')).toContain(`"https://intruder.test${path}"`)
  })
})
