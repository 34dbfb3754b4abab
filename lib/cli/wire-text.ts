import type { ForgedRequest } from '../forge/request.ts'

/** The lines of a request's head as they go on the wire, without their ends; latin1 text, one character a byte. */
export const headLines = (request: ForgedRequest, origin: string): readonly string[] => {
  const { host } = new URL(origin)
  const has = (names: RegExp): boolean => request.headers.some(([name]) => names.test(name))
  const hostLine = request.omits?.includes('host') === true || has(/^host$/i) ? [] : [`Host: ${host}`]
  const lengthLine =
    request.body === undefined || has(/^(content-length|transfer-encoding)$/i)
      ? []
      : [`Content-Length: ${request.body.length}`]
  return [
    `${request.method} ${request.target} HTTP/${request.version}`,
    ...hostLine,
    ...lengthLine,
    ...request.headers.map(([name, value]) => `${name}: ${value}`),
  ]
}

/** The body as latin1 text, empty where there is none. */
export const bodyText = ({ body }: ForgedRequest): string =>
  body === undefined ? '' : Buffer.from(body).toString('latin1')
