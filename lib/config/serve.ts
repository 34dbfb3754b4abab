import Type from 'typebox'
import { address, parseAddress } from './address.ts'
import type { Listen, Serve } from './config.ts'
import type { Tell } from './fault-list.ts'
import { closed, fieldName } from './fields.ts'
import { child } from './pointer.ts'
import type { Source } from './source.ts'
import { CertificatePair, resolvePair } from './tls.ts'
import { httpUrl, parseBaseUrl } from './url.ts'

const defaults = { idHeader: 'x-gateproof-id', reachable: false } as const

const Address = address('Address to listen at')

const listenKeys = {
  listen: Address,
  url: Type.Optional(httpUrl('How the gateway sees us, where that is not http://HOST:PORT')),
  tls: Type.Optional(CertificatePair),
} as const

export const ServeSection = Type.Object(
  {
    jwks: Type.Optional(
      Type.Union([Address, Type.Object(listenKeys, closed)], {
        description:
          'The key set, at /.well-known/jwks.json, with discovery at /.well-known/openid-configuration',
      }),
    ),
    upstream: Type.Optional(
      Type.Union(
        [
          Address,
          Type.Object(
            {
              ...listenKeys,
              idHeader: Type.Optional(
                fieldName('The header that carries the id of an attempt', { default: defaults.idHeader }),
              ),
            },
            closed,
          ),
        ],
        { description: 'The upstream that the gateway forwards to, which sees what got through' },
      ),
    ),
    listener: Type.Optional(
      Type.Union(
        [
          Address,
          Type.Object(
            {
              ...listenKeys,
              reachable: Type.Optional(
                Type.Boolean({ description: 'The gateway could reach it', default: defaults.reachable }),
              ),
            },
            closed,
          ),
        ],
        { description: 'A server that the gateway must never fetch from' },
      ),
    ),
  },
  {
    ...closed,
    description:
      'What the gateway may fetch from us, or forward to us: each HOST:PORT, or { listen, url, tls }',
  },
)
type ServeInput = Type.Static<typeof ServeSection>

/** The servers of ours; two at one address are told. */
export const resolveServe = (at: string, input: ServeInput, source: Source): Serve => {
  const { jwks, upstream, listener } = input
  const listen = (name: keyof ServeInput, form: string | ListenForm): Listen =>
    resolveListen(child(at, name), typeof form === 'string' ? { listen: form } : form, source)
  const serve = {
    ...(jwks !== undefined && { jwks: listen('jwks', jwks) }),
    ...(upstream !== undefined && {
      upstream: {
        ...listen('upstream', upstream),
        idHeader: (typeof upstream === 'string' ? undefined : upstream.idHeader) ?? defaults.idHeader,
      },
    }),
    ...(listener !== undefined && {
      listener: {
        ...listen('listener', listener),
        reachable: (typeof listener === 'string' ? undefined : listener.reachable) ?? defaults.reachable,
      },
    }),
  }
  tellSamePorts(at, serve, source.tell)
  return serve
}

type ListenForm = {
  readonly listen: string
  readonly url?: string
  readonly tls?: Type.Static<typeof CertificatePair>
}

const resolveListen = (at: string, input: ListenForm, source: Source): Listen => {
  const parsed = parseAddress(input.listen)
  if (parsed === undefined) source.tell(child(at, 'listen'), 'the port must be at most 65535')
  const url = input.url === undefined ? undefined : parseBaseUrl(child(at, 'url'), input.url, source.tell)
  const tls = resolvePair(child(at, 'tls'), input.tls ?? {}, source)
  return {
    ...(parsed ?? { host: '', port: 0 }),
    ...(url !== undefined && { url: url.href.replace(/\/+$/, '') }),
    ...(tls !== undefined && { tls }),
  }
}

const tellSamePorts = (at: string, serve: Serve, tell: Tell): void => {
  const seen = new Map<number, string>()
  for (const [name, { port }] of Object.entries(serve)) {
    const first = seen.get(port)
    if (first !== undefined && port !== 0)
      tell(child(at, name), `\`${name}\` and \`${first}\` listen at one port`)
    seen.set(port, name)
  }
}
