import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { describe, expect, test } from 'vitest'
import { grpcStatusOf, type Fields } from './answer.ts'
import { openExchange } from './exchange.ts'
import { listenOn, requestTo, targetAt } from './fixture.ts'
import { grpcWebTrailers } from './grpc.ts'

const frame = (flags: number, data: string): Buffer => {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt8(flags)
  prefix.writeUInt32BE(Buffer.byteLength(data), 1)
  return Buffer.concat([prefix, Buffer.from(data)])
}
const trailer = frame(0x80, 'grpc-status: 16\r\ngrpc-message: no\r\n')
const message = frame(0, 'grpc-status: 0')
const typed = (type: string): Fields => [['Content-Type', type]]

describe('the last frame of a gRPC-Web body', () => {
  const expected = [
    ['grpc-status', '16'],
    ['grpc-message', 'no'],
  ]

  test('holds the trailer fields, whatever a message says', () => {
    const body = Buffer.concat([message, trailer])
    expect(grpcWebTrailers(typed('application/grpc-web+proto'), body)).toEqual(expected)
    expect(grpcWebTrailers(typed('application/json'), body)).toEqual([])
  })

  test('may be encoded by itself', () => {
    const text = `${message.toString('base64')}${trailer.toString('base64')}`
    expect(grpcWebTrailers(typed('application/grpc-web-text'), Buffer.from(text))).toEqual(expected)
  })

  test.each([0, 3, 8])('says nothing where it was cut after %i bytes', (length) => {
    expect(grpcWebTrailers(typed('application/grpc-web'), trailer.subarray(0, length))).toEqual([])
  })
})

/** The status of gRPC that one request to that server was answered with. */
const statusAt = async (
  server: Parameters<typeof listenOn>[0],
  version: '1.1' | '2',
): Promise<string | undefined> => {
  const wire = await listenOn(server)
  const exchange = openExchange(targetAt(wire.origin, { http: version }), {
    attemptHeader: 'x-id',
    now: Date.now,
  })
  const answer = await exchange.send(requestTo('/', { version }), { attemptId: 'i' })
  await exchange.close()
  await wire.close()
  return answer.kind === 'answered' ? grpcStatusOf(answer) : answer.loss
}

describe('the status of gRPC', () => {
  test('is read from a header', async () => {
    const server = createServer((_, response) => response.writeHead(200, { 'grpc-status': '7' }).end())
    expect(await statusAt(server, '1.1')).toBe('7')
  })

  test('is read from a trailer field over HTTP/1.1', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { trailer: 'grpc-status' })
      response.write('x')
      response.addTrailers({ 'grpc-status': '16' })
      response.end()
    })
    expect(await statusAt(server, '1.1')).toBe('16')
  })

  test('is read from a trailer field over HTTP/2', async () => {
    const server = createHttp2Server()
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200 }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '16' }))
      stream.end('x')
    })
    expect(await statusAt(server, '2')).toBe('16')
  })

  test('is read from the body of gRPC-Web', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/grpc-web+proto' })
      response.end(Buffer.concat([message, trailer]))
    })
    expect(await statusAt(server, '1.1')).toBe('16')
  })
})
