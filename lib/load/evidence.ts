import { readMembers } from '../forge/good.ts'
import type { LoadClass, Offender } from './record.ts'
import type { LoadResult } from './summary.ts'

/** What a misjudged request was, without the part of its token that authenticates. */
export type SentRequest = {
  readonly method: string
  /** The path; what follows it may hold the token. */
  readonly path: string
  /** JSON texts, cut to 2,000 characters. Absent where the request carried no signed token. */
  readonly token?: { readonly header: string; readonly claims: string }
}

const longest = 2000

/** Adds to each misjudged request what was sent. */
export const withEvidence = (result: LoadResult, classes: readonly LoadClass[]): LoadResult => {
  const requestsOf = new Map(classes.map(({ name, requests }) => [name, requests]))
  const add = (offender: Offender): Offender => {
    const bytes = requestsOf.get(offender.class)?.at(offender.index)
    return bytes === undefined ? offender : { ...offender, request: readRequest(bytes) }
  }
  return {
    ...result,
    phases: result.phases.map((phase) => ({
      ...phase,
      classes: phase.classes.map((each) => ({ ...each, offenders: each.offenders.map(add) })),
    })),
  }
}

/** Reads what may be shown of a request off its bytes. */
export const readRequest = (bytes: Uint8Array): SentRequest => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const [method = '', target = ''] = text.slice(0, text.indexOf('\r\n')).split(' ')
  const token = tokenIn(text)
  const path = target.split('?', 1)[0] ?? ''
  return { method, path, ...(token === undefined ? {} : { token }) }
}

/** The first thing that reads as a signed token (RFC 7515 section 7.1). */
const tokenIn = (text: string): SentRequest['token'] => {
  for (const [, first = '', second = ''] of text.matchAll(/([\w-]{8,})\.([\w-]{2,})\.[\w-]*(?![\w.-])/g)) {
    const [header, claims] = [readMembers(first), readMembers(second)]
    if (header !== undefined && claims !== undefined)
      return {
        header: JSON.stringify(header).slice(0, longest),
        claims: JSON.stringify(claims).slice(0, longest),
      }
  }
  return undefined
}
