import type { Route } from '../config/config.ts'
import type { Deviation } from '../config/deviation.ts'
import type { RequestEdit } from '../config/request-edit.ts'
import { namesListener } from './bait.ts'
import { placeCredentials, type Placed, type Tokens } from './carry.ts'
import { namesDelay, shortDelay } from './delay.ts'
import { proofFields, type ProofField } from './dpop.ts'
import type { GoodToken, OpaqueToken } from './good.ts'
import { neighboursOf } from './neighbours.ts'
import { recipeOf } from './recipe.ts'
import type { ForgedRequest } from './request.ts'
import { forgeToken } from './token.ts'
import { resolveText } from './value.ts'
import { ValueError, type Scene } from './scene.ts'
import { editWire } from './wire.ts'
import { pathText, type Destination } from './path.ts'

/** Good tokens, and genuine ones with a known difference. */
export type Supply = {
  readonly good: GoodToken | OpaqueToken
  /** Another good token, as fresh as the source gives. */
  another(): GoodToken | OpaqueToken
  other(name: string): string
  /** Tokens that are good for another audience, where we sign them. */
  for?(audience: string): Supply
  /** The token that a step before this one sent. */
  readonly sent?: (step: string) => string
  /** The token of this deviation, where it was forged before. */
  readonly forged?: string | undefined
}

/**
 * The request that a case sends: the good request of a route with one deviation.
 * @throws ValueError where the deviation needs what this target or this source of tokens does not have.
 */
export const forgeRequest = (
  deviation: Deviation,
  destination: Destination,
  supply: Supply,
  scene: Scene,
): ForgedRequest => {
  const { target, route } = destination
  const edit = deviation.request ?? {}
  const tokens = tokensOf(deviation, supply, scene)
  const placed = placeCredentials(deviation.carry, target.credentials, tokens, scene)
  const body = bodyOf(edit, route, placed, scene)
  const method = edit.method ?? (body !== undefined && route.method === 'GET' ? 'POST' : route.method)
  const written = targetOf(edit, destination, placed, scene)
  const subject = { method, uri: uriOf(written, scene), token: tokens.this, another: tokens.good }
  const isAlone = deviation.carry === 'none' && deviation.proof === undefined
  const proofs = isAlone ? [] : proofFields(deviation.proof, subject, scene)
  const headers = [
    ...route.headers.filter(([name]) => edit.drop?.includes(name.toLowerCase()) !== true),
    ...placed.filter((one) => one.in === 'header').map((one) => [one.name, one.value] as const),
    ...proofs,
    ...cookieHeader(placed),
    ...(body === undefined ? [] : body.headers),
    ...(edit.headers ?? []).map(
      ({ name, value }) => [resolveText(name, scene), resolveText(value, scene)] as const,
    ),
  ]
  return {
    method,
    target: written,
    headers,
    ...(body === undefined ? {} : { body: body.bytes }),
    ...(edit.drop === undefined ? {} : { omits: edit.drop.map((name) => name.toLowerCase()) }),
    version: edit.version ?? '1.1',
    raw: edit.raw === true || placed.some((one) => one.in === 'trailer' || one.in === 'userinfo'),
    ...(deviation.carry === 'none' ? {} : { token: recipeOf(deviation, tokens.this) }),
    ...(scene.mark !== undefined && namesListener(deviation) ? { mark: scene.mark } : {}),
    ...(namesDelay(deviation) ? { delaySeconds: scene.delaySeconds ?? shortDelay } : {}),
    ...neighboursOf(deviation, (other) =>
      forgeRequest(other, destination, { ...supply, forged: undefined }, scene),
    ),
    ...senderOf(deviation, proofs),
    ...(edit.over === undefined ? {} : { over: edit.over }),
    ...(edit.servername === undefined ? {} : { servername: edit.servername }),
    secrets: [...placed.flatMap((one) => one.secrets), ...proofs.map(([, proof]) => proof)],
  }
}

/** What says who sends it: the certificate of its connection, and its proofs. */
const senderOf = (
  { request, proof }: Deviation,
  proofs: readonly ProofField[],
): Pick<ForgedRequest, 'certificate' | 'proofs' | 'takesNonce'> => ({
  ...(request?.certificate === undefined || request.certificate === 'own'
    ? {}
    : { certificate: request.certificate }),
  ...(proofs.length === 0 ? {} : { proofs: proofs.map(([, text]) => text) }),
  ...(proofs.length === 0 || choosesNonce(proof) ? {} : { takesNonce: true }),
})

/** The URI of a request without query and fragment (RFC 9449 section 4.2). */
const uriOf = (written: string, { target: { origin } }: Scene): string =>
  (/^https?:\/\//i.test(written) ? written : origin + written).replace(/[?#].*$/s, '')

/** Whether the proof would not be another with the nonce that the target asks for. */
const choosesNonce = (proof: Deviation['proof']): boolean =>
  typeof proof === 'object' && (proof.text !== undefined || proof.claims?.nonce !== undefined)

const tokensOf = (deviation: Deviation, supply: Supply, scene: Scene): Tokens => {
  const { good } = supply
  const forge = (changes: Deviation): string => {
    if (good.kind === 'opaque') throw new ValueError('the good token is opaque: nothing in it can be changed')
    return forgeToken(changes, good, scene)
  }
  const { token } = deviation
  const genuine =
    token === undefined
      ? undefined
      : typeof token === 'string'
        ? supply.other(token)
        : sentBefore(token.step, supply)
  const changed =
    deviation.header ??
    deviation.claims ??
    deviation.raw ??
    deviation.sign ??
    deviation.encrypt ??
    deviation.wire
  return {
    this:
      genuine !== undefined
        ? (deviation.wire ?? []).reduce((text, edit) => editWire(text, edit, scene), genuine)
        : changed === undefined
          ? good.text
          : (supply.forged ?? forge(deviation)),
    good: () => supply.another().text,
    forged: () => forge({ sign: 'attacker' }),
  }
}

const sentBefore = (step: string, { sent }: Supply): string => {
  if (sent === undefined) throw new ValueError(`no step before this one is called ${step}`)
  return sent(step)
}

const cookieHeader = (placed: readonly Placed[]): readonly (readonly [string, string])[] => {
  const cookies = placed.filter((one) => one.in === 'cookie').map((one) => `${one.name}=${one.value}`)
  return cookies.length === 0 ? [] : [['Cookie', cookies.join('; ')]]
}

const targetOf = (
  edit: RequestEdit,
  destination: Destination,
  placed: readonly Placed[],
  scene: Scene,
): string => {
  const { target, route, unrouted } = destination
  const path = edit.route === 'unrouted' ? unrouted : target.basePath + route.path
  const written =
    edit.target === undefined
      ? path
      : edit.target.map((piece) => pathText(piece, destination, scene)).join('')
  const query = [
    ...(edit.query === undefined ? [] : [edit.query]),
    ...placed.filter((one) => one.in === 'query').map((one) => `${one.name}=${queryText(one.value)}`),
  ].join('&')
  const whole = query === '' ? written : `${written}${written.includes('?') ? '&' : '?'}${query}`
  const user = placed.find((one) => one.in === 'userinfo')
  return user === undefined
    ? whole
    : `${scene.target.origin.replace('://', `://gateproof:${user.value}@`)}${whole}`
}

/** A JWT needs no encoding in a query; what does is given its percent form, and an existing one is left. */
const queryText = (value: string): string =>
  value.replace(/[^\w.~%+-]/g, (character) => encodeURIComponent(character))

type Body = { readonly bytes: Uint8Array; readonly headers: readonly (readonly [string, string])[] }

const bodyOf = (
  edit: RequestEdit,
  route: Route,
  placed: readonly Placed[],
  scene: Scene,
): Body | undefined => {
  const one = placed.find(({ in: place }) => ['form', 'multipart', 'json', 'trailer'].includes(place))
  if (one !== undefined) return credentialBody(one)
  if (edit.body === undefined)
    return route.body === undefined ? undefined : { bytes: Buffer.from(route.body), headers: [] }
  const text = Buffer.from(resolveText(edit.body.text, scene))
  if (edit.body.chunked !== true) return { bytes: text, headers: [['Content-Type', edit.body.type]] }
  return chunked(text, [], edit.body.type)
}

const credentialBody = ({ in: place, name, value }: Placed): Body => {
  switch (place) {
    case 'form':
      return body(`${name}=${queryText(value)}`, 'application/x-www-form-urlencoded')
    case 'json':
      return body(JSON.stringify({ [name]: value }), 'application/json')
    case 'trailer':
      return chunked(Buffer.from('gateproof'), [[name, value]], 'text/plain')
    default:
      return body(
        `--gateproof\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--gateproof--\r\n`,
        'multipart/form-data; boundary=gateproof',
      )
  }
}

const body = (text: string, type: string): Body => ({
  bytes: Buffer.from(text),
  headers: [['Content-Type', type]],
})

const chunked = (text: Buffer, trailers: readonly (readonly [string, string])[], type: string): Body => {
  const fields = trailers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return {
    bytes: Buffer.from(
      `${text.length.toString(16)}\r\n${text.toString('latin1')}\r\n0\r\n${fields}\r\n`,
      'latin1',
    ),
    headers: [
      ['Content-Type', type],
      ['Transfer-Encoding', 'chunked'],
      ...(trailers.length === 0 ? [] : [['Trailer', trailers.map(([name]) => name).join(', ')] as const]),
    ],
  }
}
