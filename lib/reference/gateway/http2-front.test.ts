import { connect, type OutgoingHttpHeaders } from 'node:http2'
import { request as requestTls } from 'node:https'
import { afterEach, describe, expect, it } from 'vitest'
import { localCertificate } from '../../../test/worlds/standing.ts'
import type { FaultName } from './faults.ts'
import { startGateway } from './gateway.ts'
import { mint, now, specificationWith, stranger } from './testing/rig.ts'

const { authority, certificate } = localCertificate()
const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const serve = async (...faults: readonly FaultName[]): Promise<string> => {
  const gateway = await startGateway({
    specification: specificationWith(),
    pathPrefix: '/v1',
    now,
    faults,
    beyond: { secure: certificate },
  })
  closing.unshift(() => gateway.close())
  return gateway.origin
}

/** One HTTP/2 connection; each call is a stream of it. */
const openSession = (origin: string) => {
  const session = connect(origin, { ca: authority })
  closing.unshift(() => session.destroy())
  return (headers: OutgoingHttpHeaders): Promise<{ status: unknown; text: string }> =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ':path': '/v1/hello', ...headers })
      let status: unknown
      let text = ''
      stream.on('response', (fields) => (status = fields[':status']))
      stream.on('data', (piece) => (text += String(piece)))
      stream.on('error', reject)
      stream.on('end', () => resolve({ status, text }))
    })
}

const good = { authorization: `Bearer ${mint()}` }
const forged = { authorization: `Bearer ${mint({}, {}, stranger.privateKey)}` }

describe('over HTTP/2', () => {
  it('each stream is judged by its own token', async () => {
    const send = openSession(await serve())
    expect(await send(good)).toMatchObject({ status: 200, text: 'hello' })
    const others = await Promise.all([send({}), send(good), send(forged), send({ ':path': '/v1/nowhere' })])
    expect(others.map(({ status }) => status)).toEqual([401, 200, 401, 404])
  })

  it('a verdict that holds for a connection holds for all its streams', async () => {
    const send = openSession(await serve('connection-bound'))
    await send(good)
    expect(await send({})).toMatchObject({ status: 200 })
  })
})

it('HTTP/1.1 is spoken by the same port', async () => {
  const origin = await serve()
  const status = await new Promise((resolve, reject) => {
    const request = requestTls(`${origin}/v1/hello`, { ca: authority, agent: false, headers: good })
    request.on('error', reject)
    request.on('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
    request.end()
  })
  expect(status).toBe(200)
})
