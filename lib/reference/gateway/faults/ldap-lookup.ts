import { connect } from 'node:net'

const timeoutMs = 1000
/** Beyond that, a length would take more than the one byte that is written here. */
const longestName = 60

/** Looks an object up at a directory, as a logger does that expands what it logs: binds, then searches. */
export const lookUp = ({ hostname, port, name }: LdapUrl): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect({ host: hostname, port })
    socket.setTimeout(timeoutMs, () => socket.destroy())
    socket.once('connect', () => socket.write(bindRequest))
    socket.once('data', () => socket.end(searchRequest(name.slice(0, longestName))))
    socket.on('error', () => undefined)
    socket.once('close', () => resolve())
  })

export type LdapUrl = { readonly hostname: string; readonly port: number; readonly name: string }

const element = (tag: number, ...content: readonly (Buffer | number)[]): Buffer => {
  const bytes = Buffer.concat(content.map((one) => (typeof one === 'number' ? Buffer.from([one]) : one)))
  return Buffer.concat([Buffer.from([tag, bytes.length]), bytes])
}

const integer = (value: number): Buffer => element(0x02, value)
const choice = (value: number): Buffer => element(0x0a, value)
const text = (value: string): Buffer => element(0x04, Buffer.from(value, 'latin1'))

/** Version 3, no name, no password (RFC 4511 section 4.2). */
const bindRequest = element(0x30, integer(1), element(0x60, integer(3), text(''), element(0x80)))

/** The object itself, with all that it has (RFC 4511 section 4.5.1). */
const searchRequest = (name: string): Buffer =>
  element(
    0x30,
    integer(2),
    element(
      0x63,
      text(name),
      choice(0),
      choice(3),
      integer(0),
      integer(0),
      element(0x01, 0),
      element(0x87, Buffer.from('objectClass')),
      element(0x30),
    ),
  )
