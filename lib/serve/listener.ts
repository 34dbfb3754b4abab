import { createServer as createHttp } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls'
import type { Listen } from '../config/config.ts'
import { handshakeRecord, serverNameOf } from './client-hello.ts'
import { bindResponse, searchedName } from './ldap.ts'
import { ServeError, standUp, type Standing } from './open.ts'

/** A connection that somebody made to the listener. */
export type Contact = {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Address of whoever came. */
  readonly from: string
  /** `tcp` also where nothing, or nothing known, was said; `tls` where no HTTP came inside. */
  readonly protocol: 'tcp' | 'http' | 'tls' | 'https' | 'ldap'
  /** At most 64, latin1. */
  readonly firstBytes: string
  /** The name that a TLS client asked for. */
  readonly serverName?: string
  /** Of LDAP a `SEARCH`, whose path is the name of the object. */
  readonly requests: readonly { readonly method: string; readonly path: string }[]
}

/** A document that is found at the listener. */
export type Found = { readonly type: string; readonly body: string }

export type Listener = Standing & {
  /** The last thousand, in order. */
  contacts(): readonly Contact[]
  /** All that ever came. */
  counted(): number
  /** From now on: what is found at a path, with its query. Where it has nothing, and before, there is nothing. */
  serve(at: (path: string) => Found | undefined): void
}

const most = { contacts: 1_000, requests: 100, path: 512, firstBytes: 64, idleMs: 10_000 } as const

type Open = { -readonly [Key in keyof Contact]: Contact[Key] } & {
  requests: { method: string; path: string }[]
}

/** Takes HTTP, TLS and raw TCP on one port, and tells of every contact; throws `ServeError`. */
export const startListener = async (listen: Listen, now: () => number): Promise<Listener> => {
  const secureContext = secureContextOf(listen)
  const contacts: Open[] = []
  const bySocket = new WeakMap<object, Open>()
  let counted = 0
  let find: (path: string) => Found | undefined = () => undefined
  const note = (contact: Open, method: string, path: string): void => {
    if (contact.requests.length < most.requests)
      contact.requests.push({ method, path: path.slice(0, most.path) })
  }

  const web = createHttp({ requireHostHeader: false }, (request, response) => {
    const contact = bySocket.get(request.socket)
    const path = request.url ?? ''
    if (contact) {
      contact.protocol = request.socket instanceof TLSSocket ? 'https' : 'http'
      note(contact, request.method ?? '', path)
    }
    request.resume()
    const found = find(path)
    const { type, body } = found ?? { type: 'application/json', body: '{}' }
    response.writeHead(found ? 200 : 404, { 'content-type': type, connection: 'close' }).end(body)
  })
  web.on('clientError', (_, socket) => socket.destroy())

  const sniff = (socket: Socket, contact: Open, first: Buffer): void => {
    contact.firstBytes = first.toString('latin1', 0, most.firstBytes)
    if (first[0] === handshakeRecord) {
      contact.protocol = 'tls'
      const serverName = serverNameOf(first)
      if (serverName !== undefined) contact.serverName = serverName
      if (secureContext === undefined) return void socket.destroy()
      socket.unshift(first)
      const secure = new TLSSocket(socket, { isServer: true, secureContext })
      secure.on('error', () => socket.destroy())
      bySocket.set(secure, contact)
      web.emit('connection', secure)
    } else if (/^[A-Z]/.test(contact.firstBytes)) {
      socket.unshift(first)
      bySocket.set(socket, contact)
      web.emit('connection', socket)
      socket.resume()
    } else hearSearch(socket, contact, first)
  }

  const hearSearch = (socket: Socket, contact: Open, first: Buffer): void => {
    const bound = bindResponse(first)
    if (bound === undefined) return void socket.destroy()
    contact.protocol = 'ldap'
    socket.once('data', (message) => {
      const name = searchedName(message)
      if (name !== undefined) note(contact, 'SEARCH', name)
      socket.destroy()
    })
    socket.resume()
    socket.write(bound)
  }

  const server = createServer((socket) => {
    const contact: Open = {
      at: now(),
      from: socket.remoteAddress ?? '',
      protocol: 'tcp',
      firstBytes: '',
      requests: [],
    }
    counted += 1
    contacts.push(contact)
    if (contacts.length > most.contacts) contacts.shift()
    socket.on('error', () => undefined).setTimeout(most.idleMs, () => socket.destroy())
    socket.once('data', (first) => {
      socket.pause()
      sniff(socket, contact, first)
    })
  })
  return {
    ...(await standUp(server, listen, 'serve.listener')),
    contacts: () => contacts.map((contact) => ({ ...contact, requests: [...contact.requests] })),
    counted: () => counted,
    serve: (at) => void (find = at),
  }
}

const secureContextOf = ({ tls }: Listen): SecureContext | undefined => {
  try {
    return tls && createSecureContext(tls)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    if (code === undefined) throw error
    throw new ServeError(`serve.listener.tls cannot be used (${code})`)
  }
}
