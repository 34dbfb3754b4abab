/**
 * As much LDAP as it takes to hear what a client is after: a lookup first binds, and names its object only to a server
 * that answers (RFC 4511 sections 4.1.1, 4.2 and 4.5.1).
 */

const tags = { sequence: 0x30, integer: 0x02, text: 0x04, bindRequest: 0x60, searchRequest: 0x63 } as const

type Element = { readonly tag: number; readonly content: Buffer; readonly next: number }

/** One element in BER with a definite length of at most two bytes; undefined where it is none, or not whole. */
const elementAt = (bytes: Buffer, at: number): Element | undefined => {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) return undefined
  const more = first < 0x80 ? 0 : first - 0x80
  if (more > 2 || at + 2 + more > bytes.length) return undefined
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more)
  const start = at + 2 + more
  return start + length > bytes.length
    ? undefined
    : { tag, content: bytes.subarray(start, start + length), next: start + length }
}

/** The operation in a message, and its id. */
const operationIn = (message: Buffer): { readonly id: Buffer; readonly operation: Element } | undefined => {
  const whole = elementAt(message, 0)
  if (whole?.tag !== tags.sequence) return undefined
  const id = elementAt(whole.content, 0)
  const operation = id?.tag === tags.integer ? elementAt(whole.content, id.next) : undefined
  return id === undefined || operation === undefined || id.content.length > 4
    ? undefined
    : { id: id.content, operation }
}

/** What a client that binds is told: success; undefined for all who do not bind. */
export const bindResponse = (message: Buffer): Buffer | undefined => {
  const read = operationIn(message)
  if (read?.operation.tag !== tags.bindRequest) return undefined
  const success = Buffer.from([0x61, 7, 0x0a, 1, 0, tags.text, 0, tags.text, 0])
  const id = Buffer.from([tags.integer, read.id.length, ...read.id])
  return Buffer.concat([Buffer.from([tags.sequence, id.length + success.length]), id, success])
}

/** The name of the object that a client looks for; undefined where it does not search. */
export const searchedName = (message: Buffer): string | undefined => {
  const read = operationIn(message)
  if (read?.operation.tag !== tags.searchRequest) return undefined
  const base = elementAt(read.operation.content, 0)
  return base?.tag === tags.text ? base.content.toString('latin1') : undefined
}
