import { createServer, type Server, type Socket } from 'node:net'
import { autocannonEngine } from './autocannon.ts'
import type { Engine } from './engine.ts'
import type { Endpoint } from './endpoint.ts'
import { runPhase, type PhaseResult, type PhaseSettings } from './phase.ts'
import type { LoadClass, LoadJudge } from './record.ts'

/** A request of a load class, as a server of a test sees it. */
export type Seen = { readonly class: string; readonly id: string }

const open: { readonly server: Server; readonly sockets: Set<Socket> }[] = []

/** A server, for tests, that answers each request by whatever `answer` writes. */
export const serve = async (answer: (request: Seen, socket: Socket) => void): Promise<Endpoint> => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let text = ''
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const [, name = '', id = ''] = /^GET \/(\w+)\/(\d+) /.exec(text) ?? []
        text = text.slice(end + 4)
        answer({ class: name, id }, socket)
      }
    })
  })
  open.push({ server, sockets })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { host: '127.0.0.1', port: address.port }
}

/** Ends every server with its connections. */
export const closeServers = async (): Promise<void> => {
  const closed = open.splice(0).map(({ server, sockets }) => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  await Promise.all(closed)
}

/** The bytes of a response with the body `ok`. */
export const response = (status: number, ...headers: string[]): string =>
  [`HTTP/1.1 ${status} X`, 'Content-Length: 2', ...headers, '', 'ok'].join('\r\n')

/** The status that a sound gateway answers with. */
export const soundStatus = ({ class: name }: Seen): number => (name === 'bad' ? 401 : 200)

const judge: LoadJudge = {
  bodyBytes: 0,
  read: ({ status }) => (status === 429 ? 'error:429' : status < 300 ? 'let-in' : 'refused'),
}

/** A class of so many different requests; only the class `bad` is to be refused. */
export const loadClass = (name: string, weight: number, pool = 1000): LoadClass => ({
  name,
  expect: name === 'bad' ? 'refuse' : 'accept',
  weight,
  requests: Array.from({ length: pool }, (_, id) =>
    Buffer.from(`GET /${name}/${id} HTTP/1.1\r\nHost: t\r\n\r\n`),
  ),
})
const mix = [loadClass('good', 80), loadClass('bad', 20)]

/** A short phase, on autocannon unless another engine is named, without a warm-up, of four good requests to one bad one. */
export const fire = (
  endpoint: Endpoint,
  settings: Partial<PhaseSettings> = {},
  {
    classes = mix,
    signal = new AbortController().signal,
    reads = judge,
    engine = autocannonEngine,
  }: { classes?: readonly LoadClass[]; signal?: AbortSignal; reads?: LoadJudge; engine?: Engine } = {},
): Promise<PhaseResult> =>
  runPhase(
    engine,
    {
      name: 'load',
      endpoint,
      connections: 10,
      maxConnections: 1000,
      keepAlive: true,
      timeoutMs: 2000,
      warmupMs: 0,
      durationMs: 500,
      seed: 1,
      ...settings,
    },
    { classes, judge: reads },
    { signal },
  )
