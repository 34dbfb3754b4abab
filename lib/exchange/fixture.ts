import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { Target } from '../config/config.ts'
import type { ForgedRequest } from '../forge/request.ts'

/** A target with everything left at its mildest, for tests. */
export const targetAt = (origin: string, changes: Partial<Target> = {}): Target => ({
  name: 'test',
  origin,
  basePath: '',
  routes: { protected: { path: '/', method: 'GET', methodDeclared: false, headers: [] }, others: [] },
  credentials: [{ in: 'header', name: 'Authorization', scheme: 'Bearer' }],
  proxy: { kind: 'none' },
  http: 'auto',
  tls: { insecure: false },
  headers: [],
  timeoutMs: 10_000,
  pace: { concurrency: 4 },
  unsafeMethods: false,
  hooks: {},
  ...changes,
})

export const requestTo = (target: string, changes: Partial<ForgedRequest> = {}): ForgedRequest => ({
  method: 'GET',
  target,
  headers: [],
  version: '1.1',
  raw: false,
  secrets: [],
  ...changes,
})

/** A server on a free port of 127.0.0.1 whose connections, and itself, end with `close`. */
export type Wire = {
  readonly port: number
  readonly origin: string
  readonly sockets: Socket[]
  close(): Promise<void>
}

export const listenOn = async (server: Server): Promise<Wire> => {
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    origin: `http://127.0.0.1:${address.port}`,
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Hands each connection on, with every piece that comes on it. */
export const serveBytes = (
  onPiece: (socket: Socket, piece: string, count: number) => void,
): Promise<Wire> => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let count = 0
    socket.on('data', (piece) => onPiece(socket, piece.toString('latin1'), (count += 1)))
  })
  return listenOn(server)
}
