import Type from 'typebox'
import { address, parseAddress } from './address.ts'
import type { Header, Target } from './config.ts'
import { CredentialSection, resolveCredentials } from './credential.ts'
import { duration, milliseconds } from './duration.ts'
import type { Tell } from './fault-list.ts'
import { closed, text } from './fields.ts'
import { headerList, headers } from './headers.ts'
import { child } from './pointer.ts'
import { proxy, resolveProxy } from './proxy.ts'
import { resolveRoutes, RoutesSection } from './route.ts'
import type { Source } from './source.ts'
import { resolveTls, TlsSection } from './tls.ts'
import { httpUrl, parseBaseUrl } from './url.ts'

const defaults = { http: 'auto', timeout: '10s', concurrency: 8, unsafeMethods: false } as const

const Command = (description: string) =>
  Type.Array(Type.String(), {
    minItems: 1,
    description: `${description}; program and arguments, without a shell`,
  })

export const TargetSection = Type.Object(
  {
    name: Type.Optional(text('What reports call the gateway (default: the host of url)')),
    url: httpUrl('Where the gateway’s routes begin', { examples: ['https://gw.example.test/v1'] }),
    routes: RoutesSection,
    credential: Type.Optional(CredentialSection),
    connect: Type.Optional(address('Dialled instead of the host of url, whose name stays in Host and SNI')),
    proxy: Type.Optional(proxy()),
    http: Type.Optional(
      Type.Enum(['auto', '1.1', '2', 1.1, 2], { description: 'Version of HTTP', default: defaults.http }),
    ),
    tls: Type.Optional(TlsSection),
    plaintextUrl: Type.Optional(
      Type.String({
        pattern: '^http://[^\\s/?#]+\\S*$',
        patternErrorMessage: 'expected a URL that begins with http://',
        description: 'Where the same gateway listens without TLS',
      }),
    ),
    headers: Type.Optional(headers('With every request to the target, and to nobody else')),
    timeout: Type.Optional(duration('How long an answer may take', { default: defaults.timeout })),
    pace: Type.Optional(
      Type.Object(
        {
          concurrency: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 256,
              description: 'Requests at a time',
              default: defaults.concurrency,
            }),
          ),
          perSecond: Type.Optional(
            Type.Number({ exclusiveMinimum: 0, description: 'Requests a second; left out, no bound' }),
          ),
        },
        { ...closed, description: 'Bounds of `test`' },
      ),
    ),
    unsafeMethods: Type.Optional(
      Type.Boolean({
        description: 'May methods with side effects be sent to routes that don’t declare them?',
        default: defaults.unsafeMethods,
      }),
    ),
    hooks: Type.Optional(
      Type.Object(
        {
          restart: Type.Optional(Command('Restarts the gateway')),
          revoke: Type.Optional(Command('Revokes the token that comes on stdin')),
        },
        { ...closed, description: 'Commands that change the target’s state; bounded in time' },
      ),
    ),
  },
  {
    ...closed,
    description: 'The gateway under test',
    examples: [{ url: 'https://gw.example.test/v1', routes: { protected: '/hello' } }],
  },
)

export const resolveTarget = (
  at: string,
  input: Type.Static<typeof TargetSection>,
  source: Source,
): Target => {
  const { tell } = source
  const url = parseBaseUrl(child(at, 'url'), input.url, tell)
  const credentials = resolveCredentials(child(at, 'credential'), input.credential, tell)
  const routes = resolveRoutes(child(at, 'routes'), input.routes, tell)
  const plaintextUrl = plaintext(child(at, 'plaintextUrl'), input.plaintextUrl, tell)
  const timeoutMs = milliseconds(input.timeout ?? defaults.timeout)
  if (timeoutMs === 0) tell(child(at, 'timeout'), 'no answer comes within no time')
  const target: Target = {
    name: input.name ?? url?.host ?? '',
    origin: url?.origin ?? '',
    basePath: url?.pathname.replace(/\/+$/, '') ?? '',
    routes,
    credentials,
    ...connection(child(at, 'connect'), input.connect, tell),
    proxy: resolveProxy(child(at, 'proxy'), input.proxy, tell),
    http: httpVersion(input.http),
    tls: resolveTls(child(at, 'tls'), input.tls, source),
    ...(plaintextUrl !== undefined && { plaintextUrl }),
    headers: headerList(child(at, 'headers'), input.headers, tell),
    timeoutMs,
    pace: {
      concurrency: input.pace?.concurrency ?? defaults.concurrency,
      ...(input.pace?.perSecond !== undefined && { perSecond: input.pace.perSecond }),
    },
    unsafeMethods: input.unsafeMethods ?? defaults.unsafeMethods,
    hooks: input.hooks ?? {},
  }
  tellOwnCredentials(at, target, tell)
  return target
}

const httpVersion = (input: Type.Static<typeof TargetSection>['http']): Target['http'] => {
  switch (input) {
    case undefined:
      return defaults.http
    case 1.1:
      return '1.1'
    case 2:
      return '2'
    default:
      return input
  }
}

const connection = (at: string, input: string | undefined, tell: Tell): Pick<Target, 'connect'> => {
  if (input === undefined) return {}
  const connect = parseAddress(input)
  if (connect !== undefined && connect.port > 0) return { connect }
  tell(at, 'the port must be between 1 and 65535')
  return {}
}

const plaintext = (at: string, input: string | undefined, tell: Tell): string | undefined =>
  input === undefined ? undefined : parseBaseUrl(at, input, tell)?.href.replace(/\/+$/, '')

/** A credential that goes with every request would let in the requests that are meant to have none. */
const tellOwnCredentials = (at: string, { credentials, headers, routes }: Target, tell: Tell): void => {
  const names = credentials.filter((place) => place.in === 'header').map(({ name }) => name.toLowerCase())
  const look = (where: string, list: readonly Header[]): void => {
    for (const [name] of list)
      if (names.includes(name.toLowerCase()))
        tell(
          child(where, name),
          `\`${name}\` is where the token goes (\`target.credential\`): no other value can go there`,
        )
  }
  look(child(at, 'headers'), headers)
  const { others, ...named } = routes
  for (const [name, { headers }] of Object.entries(named)) look(`${at}/routes/${name}/headers`, headers)
  for (const [index, { headers }] of others.entries()) look(`${at}/routes/others/${index}/headers`, headers)
}
