import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Answer, pairs } from './answer.ts'

/** How long a connection that sends no HTTP is read on, so that the answer is not lost to a reset. */
const lingerMs = 2000

type Exchange = { readonly incoming: IncomingMessage; readonly response: ServerResponse }

/** What is answered where there is no request to answer: to what is no HTTP, to headers without end, to CONNECT. */
export type ConnectionAnswers = {
  readonly malformed: () => Answer
  readonly tooLarge: () => Answer
  readonly connect: () => Answer
  readonly date: () => string
}

/** Answers what never becomes a request, once a connection, and closes it. */
export const answerConnections = (server: Server, answers: ConnectionAnswers): void => {
  const last = new WeakMap<Duplex, Exchange>()
  const ended = new WeakSet<Duplex>()
  server.on('request', (incoming, response) => last.set(incoming.socket, { incoming, response }))
  server.on('checkContinue', (incoming, response) => last.set(incoming.socket, { incoming, response }))

  const end = (socket: Duplex, answer: Answer) => {
    if (ended.has(socket) || !socket.writable) return
    ended.add(socket)
    const isOurs = () => socket.end(bytesOf(answer, answers.date()))
    const before = last.get(socket)
    // An answer that is still to come belongs to an earlier request: it goes first.
    if (before === undefined || isDone(before.response) || !before.incoming.complete) isOurs()
    else before.response.once('close', isOurs)
    setTimeout(() => socket.destroy(), lingerMs).unref()
  }
  server.on('clientError', (error, socket) => {
    const code = 'code' in error ? error.code : undefined
    if (code === 'ECONNRESET') socket.destroy()
    else end(socket, code === 'HPE_HEADER_OVERFLOW' ? answers.tooLarge() : answers.malformed())
  })
  server.on('connect', (_, socket) => {
    socket.on('error', () => socket.destroy())
    end(socket, answers.connect())
  })
}

const isDone = ({ writableFinished, destroyed }: ServerResponse): boolean => writableFinished || destroyed

const bytesOf = ({ status, headers, body }: Answer, date: string): Buffer => {
  const lines = pairs([...headers, 'Date', date, 'Connection', 'close']).map(
    ([name, value]) => `${name}: ${value}`,
  )
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head, 'latin1'), body])
}
