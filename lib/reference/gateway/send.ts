import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'

/** How long, and how many bytes of, the body of a refused request is read, so that the answer is not lost to a reset. */
const drainMs = 2000
const drainBytes = 16_000_000

/** Writes an answer; the connection stays open for the next request. */
export const send = (response: ServerResponse, answer: Answer, date: string): void => {
  response.sendDate = false
  response.writeHead(answer.status, [...answer.headers, 'Date', date])
  response.end(answer.body)
}

/**
 * Writes the answer to a refused request. Where a body comes with it, that is not wanted: the answer goes out at once
 * and whole, what has been sent is read and dropped within bounds, and then the connection is closed. Closing at once
 * would reset the connection, and the client might never read the answer.
 */
export const sendRefusal = (
  incoming: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  date: string,
): void => {
  if (!hasBody(incoming) || incoming.complete) {
    send(response, answer, date)
    return
  }
  response.sendDate = false
  response.writeHead(answer.status, [...answer.headers, 'Date', date, 'Connection', 'close'])
  response.flushHeaders()
  response.write(answer.body)
  const end = () => {
    clearTimeout(timer)
    response.end()
  }
  const timer = setTimeout(end, drainMs)
  let bytes = 0
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > drainBytes) end()
  })
  incoming.once('end', end)
  incoming.once('close', end)
}

/** Does a body follow the headers (RFC 9112 section 6)? */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
