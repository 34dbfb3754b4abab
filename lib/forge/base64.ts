/** Base64url text that decodes to the same bytes with its unused low bits set (RFC 4648 section 3.5), if it has any. */
export const noncanonical = (text: string): string | undefined => {
  const unused = { 2: 4, 3: 2 }[text.length % 4]
  if (unused === undefined) return undefined
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(text.slice(-1))
  return text.slice(0, -1) + alphabet.charAt(last ^ 1)
}

export const padded = (text: string): string => text.padEnd(Math.ceil(text.length / 4) * 4, '=')

export const standard = (text: string): string => text.replaceAll('-', '+').replaceAll('_', '/')

export const encode = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64url')

export const decode = (text: string): Buffer => Buffer.from(text, 'base64url')
