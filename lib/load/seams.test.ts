import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import autocannon from 'autocannon'
import { describe, expect, it } from 'vitest'
import { knownVersion, missingParts, requireKnownVersion, seamsOf } from './seams.ts'

const realClient = async (): Promise<unknown> => {
  const server = createServer((socket) => socket.on('error', () => socket.destroy()).resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  let seen: unknown
  await new Promise((resolve) => {
    autocannon(
      {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        connections: 1,
        duration: 0.1,
        sampleInt: 20,
        setupClient: (client) => (seen = client),
      },
      resolve,
    )
  })
  server.close()
  return seen
}

describe('the parts inside autocannon', () => {
  it('are all there in the release that is installed', async () => {
    expect(missingParts(await realClient())).toEqual([])
  })

  it('are those of the one release that the package asks for', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(manifest.dependencies.autocannon).toBe(knownVersion)
    expect(requireKnownVersion).not.toThrow()
  })

  it('are missed by name where a release has them no more', () => {
    expect(() => seamsOf({ parser: { execute: () => 0 }, opts: { tlsOptions: {} } })).toThrow(
      /has no _connect, .*parser\.finish.*: install exactly 9\.0\.0/,
    )
  })
})
