import { afterEach, describe, expect, it } from 'vitest'
import { generateKeyPairSync } from 'node:crypto'
import { Agent, get } from 'node:https'
import { certificatePem, makeCertificate } from '../forge/certificate.ts'
import { startKeySet, type KeySet } from './key-set.ts'

const listen = { host: '127.0.0.1', port: 0 }
const key = { kty: 'EC', crv: 'P-256', kid: 'one', x: 'x', y: 'y' }
const standing: KeySet[] = []
afterEach(async () => {
  for (const keySet of standing.splice(0)) await keySet.close()
})
const start = async (): Promise<KeySet> => {
  const keySet = await startKeySet(listen, { issuer: 'https://idp.example.test', keys: [key] }, () => 42)
  standing.push(keySet)
  return keySet
}

/** A certificate of its own for 127.0.0.1, with its key. */
const pair = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) }
  const names = { subject: 'keys', altNames: ['127.0.0.1'] }
  const der = makeCertificate({ ...names, publicKey, signWith: privateKey, validity, ca: false })
  return { cert: certificatePem(der), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

describe('the key set', () => {
  it('is served, is found by discovery, and counts who asks', async () => {
    const keySet = await start()
    const found = await (await fetch(`${keySet.url}/.well-known/openid-configuration`)).json()
    expect(found).toMatchObject({ issuer: 'https://idp.example.test', jwks_uri: keySet.jwksUrl })
    const response = await fetch(keySet.jwksUrl)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual({ keys: [key] })
    expect((await fetch(`${keySet.url}/elsewhere`)).status).toBe(404)
    expect(keySet.fetches()).toMatchObject([
      { of: 'discovery' },
      { of: 'keys', path: '/.well-known/jwks.json', from: '127.0.0.1', at: 42 },
      { of: 'other', path: '/elsewhere' },
    ])
    expect(keySet.counted()).toBe(3)
  })

  it('can be replaced', async () => {
    const keySet = await start()
    keySet.replace([{ ...key, kid: 'two' }])
    expect(await (await fetch(keySet.jwksUrl)).json()).toMatchObject({ keys: [{ kid: 'two' }] })
  })

  it('can fail, say other things, and recover', async () => {
    const keySet = await start()
    keySet.respond({ status: 503, body: '{', headers: [['content-type', 'text/html']], delayMs: 1 })
    const broken = await fetch(keySet.jwksUrl)
    expect([broken.status, broken.headers.get('content-type'), await broken.text()]).toEqual([
      503,
      'text/html',
      '{',
    ])
    keySet.respond({})
    expect(await (await fetch(keySet.jwksUrl)).json()).toEqual({ keys: [key] })
  })

  it.each([Infinity, 3_600_000])('can stay silent for %d ms, and closes all the same', async (delayMs) => {
    const keySet = await start()
    keySet.respond({ delayMs })
    const fetching = fetch(keySet.jwksUrl)
    const lost = expect(fetching).rejects.toThrow()
    while (keySet.counted() === 0) await new Promise((resolve) => setImmediate(resolve))
    await keySet.close()
    await lost
  })

  it('is shown under another certificate to those too who keep their connection', async () => {
    const own = pair()
    const keySet = await startKeySet({ ...listen, tls: own }, { issuer: 'i', keys: [key] }, () => 42)
    standing.push(keySet)
    const agent = new Agent({ keepAlive: true, ca: own.cert })
    const status = () =>
      new Promise((resolve, reject) => {
        get(keySet.jwksUrl, { agent }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode))
        }).on('error', reject)
      })
    expect([await status(), await status()]).toEqual([200, 200])
    keySet.respond({ certificate: pair() })
    await expect(status()).rejects.toThrow(/certificate|ECONNRESET|hang up/)
    await expect(status()).rejects.toThrow(/certificate/)
    keySet.respond({})
    expect(await status()).toBe(200)
    agent.destroy()
  })

  it('is never one with private keys', async () => {
    const keySet = await start()
    expect(() => keySet.replace([{ ...key, d: 'secret' }])).toThrow('private members')
    await expect(
      startKeySet(listen, { issuer: 'i', keys: [{ kty: 'oct', k: 'AA' }] }, Date.now),
    ).rejects.toThrow('private members')
  })
})
