import { describe, expect, it } from 'vitest'
import { startServing } from './serve.ts'

const listen = { host: '127.0.0.1', port: 0 }
const options = { issuer: 'https://idp.example.test', keys: [], canary: 'c', now: Date.now }

describe('what the tool serves', () => {
  it('stands where the configuration names it, and stops', async () => {
    const all = {
      jwks: listen,
      upstream: { ...listen, idHeader: 'x-id' },
      listener: { ...listen, reachable: true },
    }
    const serving = await startServing(all, options)
    const urls = [serving.keySet?.jwksUrl, serving.upstream?.url, serving.listener?.url].map(String)
    const statuses = await Promise.all(urls.map(async (url) => (await fetch(url)).status))
    expect(statuses).toEqual([200, 200, 404])
    await serving.stop()
    for (const url of urls) await expect(fetch(url)).rejects.toThrow()
  })

  it('is nothing where the configuration names nothing', async () => {
    const serving = await startServing({}, options)
    expect(Object.keys(serving)).toEqual(['stop'])
    await serving.stop()
  })

  it('stands all or not at all', async () => {
    const other = await startServing({ jwks: listen }, options)
    const port = other.keySet?.port ?? 0
    const freed = await startServing({ upstream: { ...listen, idHeader: 'x' } }, options)
    const upstream = { ...listen, port: freed.upstream?.port ?? 0, idHeader: 'x' }
    await freed.stop()
    const starting = startServing({ upstream, listener: { ...listen, port, reachable: false } }, options)
    await expect(starting).rejects.toThrow(`serve.listener: 127.0.0.1:${port} is in use`)
    const again = await startServing({ upstream }, options)
    await again.stop()
    await other.stop()
  })
})
