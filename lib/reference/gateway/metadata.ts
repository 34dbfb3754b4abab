import { type Answer, headerOf, withHeaders } from './answer.ts'
import type { Decisions } from './decisions.ts'
import type { AnswerTo } from './dpop-answer.ts'
import type { GatewayRequest } from './request.ts'
import type { JsonObject } from './strict-json.ts'

/** Metadata that the gateway publishes of what it protects (RFC 9728). */
export type Metadata = {
  /** The resource identifier, a URL. */
  readonly resource: string
  /** The members beside it. */
  readonly members: JsonObject
}

export type MetadataDecisions = {
  /** The answer to a request for the metadata; undefined where it is for something else. */
  readonly describe: (request: GatewayRequest, metadata: Metadata, d: Decisions) => Answer | undefined
  readonly document: (metadata: Metadata, request: GatewayRequest) => JsonObject
  /** What challenges say of where the metadata are. */
  readonly metadataUrl: (metadata: Metadata, request: GatewayRequest) => string | undefined
}

export const soundMetadata: MetadataDecisions = {
  describe: (request, metadata, d) => {
    if (request.method !== 'GET' || request.path !== pathOf(metadata)) return undefined
    const body = Buffer.from(JSON.stringify(d.document(metadata, request)))
    const headers = ['Content-Type', 'application/json', 'Content-Length', String(body.length)]
    return { status: 200, headers, body }
  },
  document: ({ resource, members }) => ({ resource, ...members }),
  metadataUrl: (metadata) => new URL(pathOf(metadata), metadata.resource).href,
}

/** RFC 9728 section 3.1. */
export const pathOf = ({ resource }: Metadata): string => {
  const { pathname } = new URL(resource)
  return `/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}`
}

/** RFC 9728 section 5.1. */
export const withMetadataChallenges =
  (answerTo: AnswerTo, metadata: Metadata, d: Decisions): AnswerTo =>
  (refusal, request) => {
    const answer = answerTo(refusal, request)
    const challenge = headerOf(answer, 'WWW-Authenticate')
    const url = request && d.metadataUrl(metadata, request)
    return challenge === undefined || url === undefined
      ? answer
      : withHeaders(answer, 'WWW-Authenticate', `${challenge}, resource_metadata="${url}"`)
  }
