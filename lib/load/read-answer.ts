import type { Answered, Fields } from '../exchange/answer.ts'
import { grpcWebTrailers } from '../exchange/grpc.ts'
import type { Fingerprint } from '../judge/fingerprint.ts'
import { readSide, type Lesson } from '../judge/side.ts'
import type { AnswerHead } from './engine.ts'
import type { LoadJudge, Reading } from './record.ts'

/** How much of a body a marker may ask for, as in `test`. */
const markerBytes = 2048

/**
 * Reads answers under load by the rules of `test`. Bodies are not hashed at that rate, so a gateway whose yes and no
 * differ in the body alone is judged by the markers of its route.
 */
export const loadJudge = (taught: Lesson): LoadJudge => {
  const lesson = {
    ...taught,
    good: bodiless(taught.good),
    none: bodiless(taught.none),
    unrouted: taught.unrouted && bodiless(taught.unrouted),
    witnessed: false,
  }
  const looksIntoBodies = [lesson.accepted, lesson.refused].some(
    (marker) => marker?.contains !== undefined || marker?.grpcStatus !== undefined,
  )
  const hasMarkers = lesson.accepted !== undefined || lesson.refused !== undefined
  const known = new Map<string, Reading>()
  const readKnown = (answer: AnswerHead): Reading => {
    const key = keyOf(answer)
    const before = known.get(key)
    if (before !== undefined) return before
    const reading = read(answer, lesson)
    if (known.size < mostKnown) known.set(key, reading)
    return reading
  }
  return {
    bodyBytes: looksIntoBodies ? markerBytes : 0,
    read: hasMarkers ? (answer) => read(answer, lesson) : rememberingSame(readKnown),
  }
}

const mostSame = 8

/** An engine may hand out the very same header section again: then nothing of it need be looked at. */
const rememberingSame = (readOne: (answer: AnswerHead) => Reading): ((answer: AnswerHead) => Reading) => {
  const recent: (Pick<AnswerHead, 'headers' | 'trailers' | 'status'> & { reading: Reading })[] = []
  let oldest = 0
  return (answer) => {
    for (const { headers, trailers, status, reading } of recent)
      if (headers === answer.headers && trailers === answer.trailers && status === answer.status)
        return reading
    const reading = readOne(answer)
    const { headers, trailers, status } = answer
    recent[oldest] = { headers, status, reading, ...(trailers === undefined ? {} : { trailers }) }
    oldest = (oldest + 1) % mostSame
    return reading
  }
}

/** A gateway that writes something else into each answer must not fill our memory. */
const mostKnown = 1000

const bodiless = (print: Fingerprint): Fingerprint => ({ ...print, bodyHash: undefined })

const telling = ['www-authenticate', 'location', 'content-type', 'grpc-status']

/** All that a reading depends on. */
const keyOf = ({ status, headers, trailers = [] }: AnswerHead): string =>
  `${status}${keyIn(headers)}\n${keyIn(trailers)}`

const keyIn = (headers: readonly string[]): string => {
  let key = ''
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at]?.toLowerCase() ?? ''
    if (telling.includes(name)) key += `\n${name}:${headers[at + 1] ?? ''}`
  }
  return key
}

const read = (answer: AnswerHead, lesson: Lesson): Reading => {
  const { status } = answer
  if (status === 429 || status === 503) return `error:${status}`
  const { side } = readSide(asAnswered(answer), 0, lesson)
  if (side === 'unknown') return 'error:indistinguishable'
  return side === 'refused' && status >= 500 ? 'error:5xx' : side
}

const asAnswered = ({ status, headers, trailers = [], body }: AnswerHead): Answered => {
  const fields = fieldsOf(headers)
  return {
    kind: 'answered',
    status,
    headers: fields,
    trailers: [...fieldsOf(trailers), ...grpcWebTrailers(fields, body)],
    body: { bytes: body.length, excerpt: Buffer.from(body).toString('utf8'), truncated: false, hash: '' },
    ms: 0,
    receivedAt: 0,
  }
}

const fieldsOf = (names: readonly string[]): Fields =>
  names.flatMap((name, at) => (at % 2 === 0 ? [[name, names[at + 1] ?? ''] as const] : []))
