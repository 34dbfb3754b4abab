import Type from 'typebox'

export type Address = { readonly host: string; readonly port: number }

/** The schema of an address, HOST:PORT. */
export const address = (description: string) =>
  Type.String({
    pattern: '^(\\[[0-9A-Fa-f:.]+\\]|[^\\s:/\\[\\]]+):\\d{1,5}$',
    patternErrorMessage: 'expected HOST:PORT, such as 10.0.0.7:8443 or [::1]:8443',
    description,
  })

/** Host, without the brackets of an IPv6 address, and port; undefined where the port is above 65535. */
export const parseAddress = (text: string): Address | undefined => {
  const colon = text.lastIndexOf(':')
  const port = Number(text.slice(colon + 1))
  if (port > 65_535) return undefined
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port }
}
