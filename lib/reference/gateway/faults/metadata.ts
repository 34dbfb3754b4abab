import { errorAnswer } from '../answer.ts'
import { pathOf } from '../metadata.ts'
import { type GatewayRequest, headerValues } from '../request.ts'
import { type Fault, fault } from './fault.ts'

/** Members of the metadata that are other than they should be. */
const saying =
  (members: Readonly<Record<string, unknown>>): Fault['alter'] =>
  (next) => ({ document: (metadata, request) => ({ ...next.document(metadata, request), ...members }) })

const hostOf = (request: GatewayRequest): string =>
  [...headerValues(request, 'x-forwarded-host'), ...headerValues(request, 'host')][0] ?? ''

const onHost = (url: string, request: GatewayRequest): string =>
  url.replace(/^(https?:\/\/)[^/]*/, `$1${hostOf(request)}`)

/** What the gateway publishes of what it protects (RFC 9728). */
export const metadataFaults = {
  'metadata-guarded': fault('the metadata need a token', (next) => ({
    describe: (request, metadata, d) =>
      next.describe(request, metadata, d) && errorAnswer(401, ['WWW-Authenticate', 'Bearer']),
  })),
  'metadata-host-only': fault('the resource in the metadata is the host, without its path', (next) => ({
    document: (metadata, request) => ({
      ...next.document(metadata, request),
      resource: new URL(metadata.resource).origin,
    }),
  })),
  'metadata-other-issuer': fault(
    'the metadata list another authorization server',
    saying({ authorization_servers: ['https://other.example.test/'] }),
  ),
  'metadata-all-methods': fault(
    'the metadata list every way to send a token',
    saying({ bearer_methods_supported: ['header', 'body', 'query'] }),
  ),
  'metadata-dpop-claimed': fault(
    'the metadata say that tokens must be bound, and nobody asks for it',
    saying({ dpop_bound_access_tokens_required: true }),
  ),
  'metadata-host-trusted': fault('the metadata name the host that the client names', (next) => ({
    document: (metadata, request) => ({
      ...next.document(metadata, request),
      resource: onHost(metadata.resource, request),
    }),
    metadataUrl: (metadata, request) => {
      const url = next.metadataUrl(metadata, request)
      return url && onHost(url, request)
    },
  })),
  'metadata-url-relative': fault('the challenge names the metadata by a path', () => ({
    metadataUrl: (metadata) => pathOf(metadata),
  })),
} as const satisfies Readonly<Record<string, Fault>>
