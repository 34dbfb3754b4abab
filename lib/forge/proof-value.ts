import type { Members } from './scene.ts'

/** The good DPoP proof of a request, which the proof of a case departs from. */
export type GoodProof = {
  readonly claims: Members
  /** As it would travel. */
  text(): string
  /** The `ath` of another good token. */
  otherAth(): string
}

/**
 * A part of the good proof: one of its claims, `text`, or `other-ath`. `htu` can be spelled otherwise: `scheme: other | plain`,
 * `host: upper` or another host, `port: default`, `query` and `fragment` behind it.
 * @returns undefined where the proof has no such part, or that spelling would be no other.
 */
export const proofPart = (what: unknown, spelling: Members, proof: GoodProof): unknown => {
  switch (what) {
    case 'text':
      return proof.text()
    case 'other-ath':
      return proof.otherAth()
    case 'htu':
      return spelledUrl(String(proof.claims.htu), spelling)
    default:
      return proof.claims[String(what)]
  }
}

/** By text and not by a URL parser, which would normalise it. */
const spelledUrl = (url: string, { scheme, host, port, query, fragment }: Members): string | undefined => {
  const [, name = '', authority = '', path = ''] = /^(https?):\/\/([^/?#]*)(.*)$/.exec(url) ?? []
  const spelled = [
    schemeAs(scheme, name),
    '://',
    port === 'default' ? `${authority}:${name === 'https' ? '443' : '80'}` : hostAs(host, authority),
    path,
    query === undefined ? '' : `?${textOf(query)}`,
    fragment === undefined ? '' : `#${textOf(fragment)}`,
  ].join('')
  const asksPort = port === 'default' && /:\d+$/.test(authority)
  const asksCase = host === 'upper' && authority === authority.toUpperCase()
  return asksPort || asksCase ? undefined : spelled
}

const schemeAs = (scheme: unknown, name: string): string => {
  if (scheme === 'other') return name === 'https' ? 'http' : 'https'
  return scheme === 'plain' ? 'http' : name
}

const hostAs = (host: unknown, authority: string): string =>
  host === undefined ? authority : host === 'upper' ? authority.toUpperCase() : textOf(host)

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
