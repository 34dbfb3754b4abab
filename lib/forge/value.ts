import type { Policy } from '../config/config.ts'
import { algorithmOf, type Algorithm } from './algorithm.ts'
import { canonicalJwk, thumbprint, type Keyring, type Pair } from './keyring.ts'
import { createHash } from 'node:crypto'
import { makeCertificate } from './certificate.ts'

/** What a value may depend on: the target, its policy and clock, and the good token that the case departs from. */
export type Scene = {
  /** The target's clock: seconds since the epoch (NumericDate, RFC 7519 section 2). */
  readonly now: number
  /** How far from an edge of a token's time a case must stay, in seconds; 5 where it is left out. */
  readonly marginSeconds?: number
  readonly policy: Policy
  readonly target: {
    readonly origin: string
    readonly host: string
    readonly url: string
    readonly protectedPath: string
    readonly publicPath?: string
  }
  /** What the scoped route asks for, where there is one. */
  readonly scope?: string
  readonly good: { readonly header: Members; readonly claims: Members; readonly algorithm: Algorithm }
  readonly keyring: Keyring
  /** Where the gateway would find what we serve: base URLs without a slash at the end. */
  readonly served?: { readonly listener?: string; readonly keySet?: string }
  readonly random: (bytes: number) => Buffer
}

export type Members = Readonly<Record<string, unknown>>

/** A value of a suite that cannot be made for this target: a suite's mistake, or something that the target does not have. */
export class ValueError extends Error {
  override readonly name = 'ValueError'
}

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const tagOf = (value: unknown): string | undefined =>
  isObject(value) ? Object.keys(value).find((key) => key.startsWith('$') && key !== '$gt') : undefined

/** Any JSON value with every tagged object in it replaced by what it stands for here. */
export const resolve = (value: unknown, scene: Scene): unknown => {
  if (Array.isArray(value)) return value.map((member) => resolve(member, scene))
  if (!isObject(value)) return value
  const tag = tagOf(value)
  if (tag === undefined)
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, resolve(member, scene)]))
  const make = isTag(tag) ? tags[tag] : undefined
  if (make === undefined) throw new ValueError(`unknown tagged value ${tag}`)
  return edit(make(value[tag], value, scene), value, scene)
}

/** The same, where only a text will do. */
export const resolveText = (value: unknown, scene: Scene): string => {
  const made = resolve(value, scene)
  if (typeof made === 'string') return made
  if (typeof made === 'number' || typeof made === 'boolean') return String(made)
  throw new ValueError(`a text is needed here, not ${JSON.stringify(made)}`)
}

type Make = (argument: unknown, all: Members, scene: Scene) => unknown

const tags = {
  /**
   * Seconds from the target's clock; `skew: n` adds n times the declared leeway, and keeps as far from that edge as the
   * target's clock is uncertain; `as: text | milliseconds | iso`.
   */
  $now: (seconds, { skew, as }, scene) => {
    const away = number(seconds)
    const edge = typeof skew === 'number' ? skew * declaredSkew(scene) + furtherAway(away, scene) : 0
    const at = scene.now + away + edge
    if (as === 'text') return String(at)
    if (as === 'milliseconds') return at * 1000
    return as === 'iso' ? new Date(at * 1000).toISOString() : at
  },
  /** What the policy demands: issuer, audience, scope or algorithm, the first where it allows several; or its `jwks`. */
  $policy: (name, _, scene) => {
    switch (name) {
      case 'issuer':
        return given(scene.good.claims.iss ?? scene.policy.issuers[0], 'an issuer')
      case 'audience':
        return given(firstAudience(scene), 'an audience')
      case 'scope':
        return given(scene.scope, 'a scoped route')
      case 'algorithm':
        return scene.good.algorithm.name
      case 'jwks':
        return given(urlOf(scene.policy.jwks), 'URL of its key set')
      default:
        throw new ValueError(`$policy knows issuer, audience, scope, algorithm and jwks, not ${String(name)}`)
    }
  },
  $target: (name, _, { target }) => {
    if (name === 'public-path') return given(target.publicPath, 'public route')
    if (name === 'protected-path') return target.protectedPath
    if (name === 'hostname') return new URL(target.origin).hostname
    if (name === 'host' || name === 'origin' || name === 'url') return target[name]
    throw new ValueError(
      `$target knows host, hostname, origin, url, protected-path and public-path, not ${String(name)}`,
    )
  },
  /** A claim of the good token. */
  $claim: (name, _, { good }) => given(good.claims[String(name)], `the claim ${String(name)}`),
  /** A member of the good token's JOSE header. */
  $header: (name, _, { good }) => given(good.header[String(name)], `the header member ${String(name)}`),
  /** Something of a key: kid, alg, jwk, private-jwk, jwk-text, thumbprint, x5c, x5t, x5t#S256; `of: issuer | second | attacker`. */
  $key: (what, { of, alg, kid }, scene) =>
    keyPart(String(what), pairOf(of, alg, scene), {
      scene,
      kid: kid === undefined ? {} : { kid: resolve(kid, scene) },
    }),
  $alg: (which, _, { good }) => {
    if (which === 'sibling') return good.algorithm.sibling
    if (which === 'twin') return good.algorithm.twin
    throw new ValueError(`$alg knows sibling and twin, not ${String(which)}`)
  },
  $repeat: (text, { times }, scene) => resolveText(text, scene).repeat(number(times)),
  /** A list of so many equal members, `then` those of another. */
  $list: (value, { times, then }, scene) => [
    ...Array.from({ length: number(times) }, () => resolve(value, scene)),
    ...(Array.isArray(then) ? then.map((member) => resolve(member, scene)) : []),
  ],
  /** An object of so many members with numbered names. */
  $members: (prefix, { times }) =>
    Object.fromEntries(
      Array.from({ length: number(times) }, (_, index) => [`${String(prefix)}${index}`, index]),
    ),
  $join: (parts, _, scene) => {
    if (!Array.isArray(parts)) throw new ValueError('$join takes a list')
    return parts.map((part) => resolveText(part, scene)).join('')
  },
  /** So many random base64url characters. */
  $random: (characters, _, scene) =>
    scene.random(number(characters)).toString('base64url').slice(0, number(characters)),
  /** Bytes written in hex, as latin1 text. */
  $bytes: (hex) => Buffer.from(String(hex), 'hex').toString('latin1'),
  /** The text of a JSON value. */
  $json: (value, _, scene) => JSON.stringify(resolve(value, scene)),
  $base64url: (value, _, scene) => Buffer.from(resolveText(value, scene)).toString('base64url'),
  $base64: (value, _, scene) => Buffer.from(resolveText(value, scene)).toString('base64'),
} as const satisfies Record<string, Make>

const isTag = (name: string): name is keyof typeof tags => Object.hasOwn(tags, name)

/** Tags that have a meaning in one place alone: whom a claim belongs to, and the pieces of a credential, a target, a token. */
const placeTags = ['$scope', '$token', '$scheme', '$path', '$segment']

/** Names of an object's members that begin as a tag does and are none, such as the `$gt` of an attack on a database. */
const noTags = ['$gt', '$ne', '$regex', '$where']

/** The tags in a deviation that nobody knows: a suite's mistakes. */
export const unknownTags = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap((member: unknown) => unknownTags(member))
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, member]) => [
    ...(name.startsWith('$') && !isTag(name) && !placeTags.includes(name) && !noTags.includes(name)
      ? [name]
      : []),
    ...unknownTags(member),
  ])
}

const declaredSkew = (scene: Scene): number => {
  const { clockSkewSeconds } = scene.policy
  if (clockSkewSeconds === undefined) throw new ValueError('policy.clockSkew is not declared')
  return clockSkewSeconds
}

/** What suites write stays five seconds and more from an edge, the least that a clock is uncertain by. */
const leastMarginSeconds = 5

const furtherAway = (away: number, { marginSeconds = leastMarginSeconds }: Scene): number =>
  Math.sign(away) * Math.max(0, Math.ceil(marginSeconds) - leastMarginSeconds)

const firstAudience = ({ good, policy }: Scene): unknown => {
  const { aud } = good.claims
  const own: unknown = Array.isArray(aud) ? aud[0] : aud
  return own ?? policy.audiences[0]
}

/** A key set may be a file too, which nobody else could read. */
const urlOf = (jwks: string | undefined): string | undefined =>
  jwks !== undefined && /^https?:/.test(jwks) ? jwks : undefined

const given = (value: unknown, what: string): unknown => {
  if (value === undefined) throw new ValueError(`this target has no ${what}`)
  return value
}

const number = (value: unknown): number => {
  if (typeof value === 'number') return value
  throw new ValueError(`a number is needed here, not ${JSON.stringify(value)}`)
}

const pairOf = (of: unknown, alg: unknown, scene: Scene): Pair => {
  const { keyring, good } = scene
  if (of === 'attacker') return keyring.attacker(algorithmOf(alg) ?? good.algorithm)
  const pair = keyring.issuer[of === 'second' ? 1 : 0]
  if (pair === undefined)
    throw new ValueError(`the run has no ${of === 'second' ? 'second ' : ''}signing key`)
  return pair
}

const keyPart = (what: string, pair: Pair, { scene, kid }: { scene: Scene; kid: Members }): unknown => {
  switch (what) {
    case 'kid':
      return pair.kid
    case 'alg':
      return given('alg' in pair ? pair.alg : undefined, 'algorithm of that key')
    case 'jwk':
      return { ...pair.publicKey.export({ format: 'jwk' }), ...kid }
    case 'private-jwk':
      return { ...pair.privateKey.export({ format: 'jwk' }), ...kid }
    case 'jwk-text':
      return canonicalJwk(pair.publicKey)
    case 'thumbprint':
      return thumbprint(pair.publicKey)
    case 'x5c':
      return [selfSigned(pair, scene).toString('base64')]
    case 'x5t':
      return createHash('sha1').update(selfSigned(pair, scene)).digest('base64url')
    case 'x5t#S256':
      return createHash('sha256').update(selfSigned(pair, scene)).digest('base64url')
    default:
      throw new ValueError(`$key has no ${what}`)
  }
}

/** A certificate of a key by the key itself, valid for a day around the target's clock. */
const selfSigned = (pair: Pair, scene: Scene): Buffer => {
  const { asymmetricKeyType: type } = pair.privateKey
  if (type !== 'rsa' && type !== 'ec') throw new ValueError('only an RSA or EC key has a certificate here')
  const day = (offset: number) => new Date((scene.now + offset * 86_400) * 1000)
  return makeCertificate({
    subject: scene.target.host,
    publicKey: pair.publicKey,
    signWith: pair.privateKey,
    validity: { notBefore: day(-1), notAfter: day(1) },
    ca: true,
  })
}

const edits = ['cut', 'drop', 'replace', 'slash', 'case', 'prepend', 'append'] as const

/** Text edits, in this order whatever the order in the file: cut, drop, replace, slash, case, prepend, append. */
const edit = (value: unknown, all: Members, scene: Scene): unknown => {
  if (!edits.some((name) => Object.hasOwn(all, name))) return value
  if (typeof value !== 'string')
    throw new ValueError('only a text can be cut, replaced, prepended or appended to')
  let text = value
  if (all.cut !== undefined) text = text.slice(0, Math.max(0, text.length - number(all.cut)))
  if (all.drop !== undefined) text = text.slice(number(all.drop))
  if (Array.isArray(all.replace)) {
    const pair: readonly unknown[] = all.replace
    const [from, to] = pair
    const put = resolveText(to, scene)
    text = text.replace(String(from), () => put)
  }
  if (all.slash === 'toggle') text = text.endsWith('/') ? text.slice(0, -1) : `${text}/`
  if (all.case === 'upper') text = text.toUpperCase()
  if (all.case === 'lower') text = text.toLowerCase()
  if (all.case === 'swap') text = swapCase(text)
  if (all.prepend !== undefined) text = resolveText(all.prepend, scene) + text
  if (all.append !== undefined) text += resolveText(all.append, scene)
  return text
}

const swapCase = (text: string): string =>
  text.replace(/[a-z]/i, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  )
