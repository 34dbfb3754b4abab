/** The first byte of a TLS record that holds handshake messages (RFC 8446 section 5.1). */
export const handshakeRecord = 0x16

/**
 * The name that a client asks for in its first TLS record (RFC 6066 section 3); undefined where it names none, or the
 * record is not what it should be or not whole.
 */
export const serverNameOf = (record: Buffer): string | undefined => {
  if (record[0] !== handshakeRecord || record[5] !== clientHello) return undefined
  // Record header 5, message header 4, version 2, random 32; then three vectors, and the extensions.
  const afterSession = skipVector(record, 43, 1)
  const afterCiphers = skipVector(record, afterSession, 2)
  const afterCompression = skipVector(record, afterCiphers, 1)
  if (afterCompression === undefined) return undefined
  for (let at = afterCompression + 2; at + 4 <= record.length;) {
    const length = record.readUInt16BE(at + 2)
    if (record.readUInt16BE(at) === serverNameExtension)
      return firstName(record.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return undefined
}

const clientHello = 1
const serverNameExtension = 0

/** Where a vector ends that begins there with its length in so many bytes. */
const skipVector = (bytes: Buffer, at: number | undefined, lengthBytes: number): number | undefined =>
  at === undefined || at + lengthBytes > bytes.length
    ? undefined
    : at + lengthBytes + bytes.readUIntBE(at, lengthBytes)

/** A list length of two bytes, a type of one byte, a name length of two. */
const firstName = (extension: Buffer): string | undefined => {
  if (extension.length < 5 || extension[2] !== 0) return undefined
  const length = extension.readUInt16BE(3)
  return extension.length < 5 + length
    ? undefined
    : extension.toString('latin1', 5, 5 + Math.min(length, 255))
}
