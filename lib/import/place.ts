import type { CredentialPlace } from '../config/config.ts'
import type { Node } from './node.ts'

/** A header whose value is the prefix and the token, as gateways configure it: `Bearer ` makes a scheme. */
export const headerPlace = (name: string, prefix: string | undefined): CredentialPlace => {
  const scheme = prefix?.trim() ?? ''
  return { in: 'header', name, scheme: /^[!#$%&'*+.^_`|~\w-]+$/.test(scheme) ? scheme : null }
}

export const bearer: CredentialPlace = { in: 'header', name: 'Authorization', scheme: 'Bearer' }

/** Places in the order given, each once; header names are compared as HTTP compares them (RFC 9110 section 5.1). */
export const distinctPlaces = (places: readonly CredentialPlace[]): readonly CredentialPlace[] => {
  const id = (place: CredentialPlace): string =>
    place.in === 'header'
      ? `header ${place.name.toLowerCase()} ${place.scheme ?? ''}`
      : `${place.in} ${place.name}`
  return places.filter((place, index) => index === places.findIndex((one) => id(one) === id(place)))
}

/** What a configuration of the Envoy family names; without a place, those of Envoy's documentation. */
export const envoyPlaces = (from: {
  readonly headers: Node
  /** The key of a header's prefix. */
  readonly prefix: string
  readonly params: Node
  readonly cookies: Node
}): readonly CredentialPlace[] => {
  const named: CredentialPlace[] = [
    ...from.headers.items().flatMap((header) => {
      const name = header.get('name').text()
      return name === undefined ? [] : [headerPlace(name, header.get(from.prefix).text())]
    }),
    ...from.params.texts().map((name) => ({ in: 'query', name }) as const),
    ...from.cookies.texts().map((name) => ({ in: 'cookie', name }) as const),
  ]
  return named.length > 0 ? named : [bearer, { in: 'query', name: 'access_token' }]
}

/** Upstream header to claim, from a list of pairs. */
export const claimHeaders = (
  pairs: Node,
  keys: { readonly header: string; readonly claim: string },
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    pairs.items().flatMap((pair) => {
      const [header, claim] = [pair.get(keys.header).text(), pair.get(keys.claim).text()]
      return header === undefined || claim === undefined ? [] : [[header, claim] as const]
    }),
  )
