import { once } from 'node:events'
import {
  Agent,
  createServer,
  request as openRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** An answer on its way from the gateway to the client. */
export type Passing = {
  readonly status: number
  /** Names and values by turns, as they came. */
  readonly headers: readonly string[]
  readonly body: Buffer
}

/** What becomes of a request before it reaches the gateway; `close`: it is dropped, and nobody listens any more. */
export type Fate = 'pass' | 'drop' | 'hang' | 'close' | Passing

/** Something in front of a gateway that changes how it answers, and not what it decides. */
export type FrontOptions = {
  /** `count` begins at 1. */
  readonly fate?: (request: IncomingMessage, count: number) => Fate
  /** `drop`: the answer is lost on its way; `count` is that of its request. */
  readonly change?: (answer: Passing, count: number) => Passing | 'drop'
  /** The header section of a 2xx, part of its body, and no end. */
  readonly endless?: boolean
}

export type Front = {
  readonly origin: string
  readonly count: () => number
  close(): Promise<void>
}

/** Listens on a free port of 127.0.0.1 and passes on what comes to the gateway at `origin`. */
export const openFront = async (origin: string, options: FrontOptions): Promise<Front> => {
  const agent = new Agent({ keepAlive: true })
  let count = 0
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    count += 1
    const fate = options.fate?.(incoming, count) ?? 'pass'
    if (fate === 'close') server.close()
    if (fate === 'close') server.closeAllConnections()
    else if (fate === 'drop') incoming.socket.destroy()
    else if (fate === 'pass') passOn(incoming, response, count).catch(() => incoming.socket.destroy())
    else if (fate !== 'hang') answer(response, fate, options)
  })
  const passOn = async (incoming: IncomingMessage, response: ServerResponse, at: number): Promise<void> => {
    const { method, url, rawHeaders } = incoming
    const sent = openRequest(new URL(origin), { agent, method, path: url, headers: hopless(rawHeaders) })
    sent.end(await buffer(incoming))
    const [arrived] = (await once(sent, 'response')) as [IncomingMessage]
    const body = await buffer(arrived)
    const passing = { status: arrived.statusCode ?? 0, headers: hopless(arrived.rawHeaders), body }
    const changed = options.change?.(passing, at) ?? passing
    if (changed === 'drop') incoming.socket.destroy()
    else answer(response, changed, options)
  }
  server.on('connect', (_, socket) =>
    socket.end('HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: () => count,
    close: async () => {
      agent.destroy()
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const answer = (
  response: ServerResponse,
  { status, headers, body }: Passing,
  { endless }: FrontOptions,
): void => {
  response.sendDate = false
  const isEndless = endless === true && status < 300
  const lengthless = isEndless ? without(headers, 'content-length') : headers
  response.writeHead(status, [...lengthless])
  if (isEndless) response.write(body)
  else response.end(body)
}

const hopless = (raw: readonly string[]): string[] =>
  ['connection', 'keep-alive', 'transfer-encoding'].reduce<string[]>(
    (left, name) => without(left, name),
    [...raw],
  )

/** The headers but those of that name. */
export const without = (raw: readonly string[], name: string): string[] =>
  raw.flatMap((key, at) => (at % 2 === 0 && key.toLowerCase() !== name ? [key, raw[at + 1] ?? ''] : []))

/** The headers of that name alone. */
export const only = (raw: readonly string[], name: string): string[] =>
  raw.flatMap((key, at) => (at % 2 === 0 && key.toLowerCase() === name ? [key, raw[at + 1] ?? ''] : []))

/** The same answer in other words: another status, other headers. */
export const reworded = (
  { headers, body }: Passing,
  status: number,
  more: readonly string[] = [],
): Passing => ({
  status,
  headers: [...without(headers, 'www-authenticate'), ...more],
  body,
})
