import { subjectHeader } from '../config/forwarded.ts'
import { listenerUrl } from './bait.ts'
import { delayText } from './delay.ts'
import { certificateOf, keyPart, pairOf } from './key-value.ts'
import { claimHeader, demandedValue, ofOtherProvider, scopesBut, wrapped } from './policy-value.ts'
import { proofPart } from './proof-value.ts'
import { ValueError, type Members, type Scene } from './scene.ts'
import { certificateText } from './certificate-text.ts'
import { editText, isEdited } from './text-edit.ts'

export const isObject = (value: unknown): value is Members =>
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
  $now: (seconds, { skew, as, wrap }, scene) => {
    const away = number(seconds)
    const edge = typeof skew === 'number' ? skew * declaredSkew(scene) + furtherAway(away, scene) : 0
    const at = scene.now + away + edge
    if (wrap !== undefined) return given(wrapped(at, wrap), `wrap called ${JSON.stringify(wrap)}`)
    if (as === 'text') return String(at)
    if (as === 'milliseconds') return at * 1000
    return as === 'iso' ? new Date(at * 1000).toISOString() : at
  },
  /**
   * What the policy demands: issuer, audience, scope or algorithm, the first where it allows several; or its `jwks`, of
   * which `as: host | hostname` is a part.
   */
  $policy: (name, { as }, scene) => {
    switch (name) {
      case 'issuer':
        return given(scene.good.claims.iss ?? scene.policy.issuers[0], 'an issuer')
      case 'audience':
        return given(firstAudience(scene), 'an audience')
      case 'scope':
        return given(scene.scope, 'a scoped route')
      case 'algorithm':
        return scene.good.algorithm.name
      case 'claim-header':
        return given(claimHeader(scene), 'claim header')
      case 'subject-header':
        return given(subjectHeader(scene.policy), 'header for the subject')
      case 'jwks':
        return given(urlOf(scene.policy.jwks, as), 'URL of its key set')
      default:
        throw new ValueError(
          `$policy knows issuer, audience, scope, algorithm, claim-header, subject-header and jwks, not ${String(name)}`,
        )
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
  /** A URL at the listener that is this request's alone, or its part `as: host | hostname | path`; named for what is served. */
  $listener: (name, { as }, { served, mark }) =>
    given(
      served?.listener === undefined || mark === undefined
        ? undefined
        : listenerUrl(served.listener, `${mark}/${String(name)}`, as),
      'listener',
    ),
  /** How long a sleep is, in `seconds` or `milliseconds`: a case that holds it is played with two of them. */
  $delay: (unit, _, scene) => delayText(unit, scene),
  /** The origin of the upstream that we own, as the gateway sees it. */
  $upstream: (_, __, { served }) =>
    given(served?.upstream === undefined ? undefined : new URL(served.upstream).origin, 'upstream of ours'),
  /** A claim of the good token. */
  $claim: (name, _, { good }) => given(good.claims[String(name)], `the claim ${String(name)}`),
  /** The good token as it was signed. */
  $good: (_what, _, { good }) => given(good.jws, 'signed token'),
  /** A member of the good token's JOSE header. */
  $header: (name, _, { good }) => given(good.header[String(name)], `the header member ${String(name)}`),
  /** Something of a key: kid, alg, jwk, private-jwk, jwk-text, thumbprint, x5c, x5t, x5t#S256; `of: issuer | second | attacker`. */
  $key: (what, { of, alg, kid }, scene) =>
    keyPart(String(what), pairOf(of, alg, scene), {
      scene,
      kid: kid === undefined ? {} : { kid: resolve(kid, scene) },
    }),
  /** A part of the good DPoP proof of this request: a claim, `text`, `other-ath`; `htu` in another spelling. */
  $proof: (what, spelling, { proof }) =>
    given(proof && proofPart(what, spelling, proof), `${String(what)} of a proof that could be written so`),
  /** A client certificate as a proxy would write it: der, escaped-pem, sha256 or thumbprint; `of: own | attacker`. */
  $certificate: (form, { of }, scene) =>
    given(
      certificateText(
        of === 'own' ? ownCertificate(scene) : certificateOf(pairOf(of, 'ES256', scene), scene),
        form,
      ),
      `certificate as ${String(form)}`,
    ),
  /** Of the scopes of the route that needs several: `all-but-first`, `all-but-last`. */
  $scopes: (which, _, scene) => given(scopesBut(which, scene), `scopes that are ${String(which)}`),
  /** The audience of a route: `protected`, or `other`, which has one of its own. */
  $audience: (of, _, { routes }) =>
    given(of === 'other' ? routes?.otherAudience : routes?.audience, 'route with an audience of its own'),
  /** The `issuer` or the first `audience` of another issuer that is trusted. */
  $provider: (what, _, scene) => given(ofOtherProvider(what, scene), `${String(what)} of another issuer`),
  /** The value null, which by itself would remove what it is given to. */
  $null: () => null,
  /** The value that the required claim has in good tokens. */
  $demanded: (what, _, scene) => given(demandedValue(what, scene), 'required claim'),
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

/** Tags that have a meaning in one place alone: whom a claim belongs to, the pieces of a credential, a target, a token, waits. */
const placeTags = [
  '$scope',
  '$forwarded',
  '$routing',
  '$required',
  '$boolean',
  '$misread',
  '$token',
  '$scheme',
  '$path',
  '$segment',
  '$expiry',
]

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
const urlOf = (jwks: string | undefined, part: unknown): string | undefined => {
  if (jwks === undefined || !/^https?:/.test(jwks)) return undefined
  if (part === undefined) return jwks
  if (part === 'host' || part === 'hostname') return new URL(jwks)[part]
  throw new ValueError(`$policy knows the parts host and hostname of jwks, not ${JSON.stringify(part)}`)
}

const given = (value: unknown, what: string): unknown => {
  if (value === undefined) throw new ValueError(`this target has no ${what}`)
  return value
}

const number = (value: unknown): number => {
  if (typeof value === 'number') return value
  throw new ValueError(`a number is needed here, not ${JSON.stringify(value)}`)
}

const ownCertificate = ({ certificate }: Scene): Buffer => {
  if (certificate === undefined) throw new ValueError('the run has no client certificate')
  return certificate
}

/** A value with its text edited where the tagged object asks for that. */
const edit = (value: unknown, all: Members, scene: Scene): unknown => {
  if (!isEdited(all)) return value
  if (typeof value !== 'string')
    throw new ValueError('only a text can be cut, replaced, prepended or appended to')
  return editText(value, all, { number, text: (one) => resolveText(one, scene) })
}
