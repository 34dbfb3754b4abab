import type { AnswerHead, Loss, Shot, Span } from './engine.ts'
import type { SentRequest } from './evidence.ts'
import { Histogram } from './histogram.ts'
import type { Requests } from './requests.ts'

/** Requests of one kind, ready to be sent, and what is to become of them. */
export type LoadClass = {
  /** A case id, or `valid`. */
  readonly name: string
  readonly expect: 'accept' | 'refuse'
  /** The share of the traffic, relative to the other classes. */
  readonly weight: number
  /** Sent in turn, over and over; with a different token in each. */
  readonly requests: Requests
}

/** How an answer reads: a verdict, or the kind of error (`429`, `503`, `5xx`) that stands in the place of one. */
export type Reading = 'let-in' | 'refused' | `error:${string}`

/** Reads answers as `test` reads them. */
export type LoadJudge = {
  /** How many bytes of each body `read` needs: 0 where status and headers tell. */
  readonly bodyBytes: number
  read(answer: AnswerHead, of: { readonly name: string; readonly expect: LoadClass['expect'] }): Reading
}

/** A misjudged request, as evidence. */
export type Offender = {
  readonly class: string
  /** Which of the class's requests. */
  readonly index: number
  readonly status: number
  /** Cut to 200 characters; long runs without a space, which may be a token, are left out. */
  readonly challenge?: string
  /** What was sent, once that is asked for. */
  readonly request?: SentRequest
}

export type ClassRecord = {
  readonly name: string
  readonly expect: LoadClass['expect']
  /** Different requests that the class has. */
  readonly pool: number
  /** Sent at all, the warm-up included. */
  taken: number
  /** Sent, or due and never sent, and counted; those of the warm-up are not. */
  sent: number
  /** Answered with a verdict. */
  judged: number
  falseAccepts: number
  falseRefusals: number
  /**
   * Microseconds from when the request was due to the answer's last byte, of judged and timed-out requests; of those at
   * least that.
   */
  readonly latency: Histogram
  /** The first ten. */
  readonly offenders: Offender[]
  /** Every thread has all of the requests. */
  readonly isShared?: boolean
  /** Different requests that were sent, and how often each at most, where several threads sent. */
  readonly spread?: { readonly distinct: number; readonly timesEach: number }
}

export const mostOffenders = 10

/** Counts how the requests of a phase end. Constant in size. */
export class Recorder {
  readonly classes: readonly ClassRecord[]
  /** Kind to count: losses, answers without a verdict, and trouble of connections that cost no request. */
  readonly errors = new Map<string, number>()
  readonly losses = new Map<Loss, number>()
  /** Complete answers, with a verdict or without. */
  answered = 0
  /** Microseconds from sending to the answer's last byte, of judged requests. */
  readonly service = new Histogram()
  /** Microseconds by which requests were sent late though a connection was free for them: the generator's own doing. */
  readonly lateness = new Histogram()
  /** Requests for which no connection was free when they were due. */
  waited = 0
  readonly #judge: LoadJudge

  constructor(classes: readonly LoadClass[], judge: LoadJudge) {
    this.#judge = judge
    this.classes = classes.map(({ name, expect, requests }) => ({
      name,
      expect,
      pool: requests.length,
      taken: 0,
      sent: 0,
      judged: 0,
      falseAccepts: 0,
      falseRefusals: 0,
      latency: new Histogram(),
      offenders: [],
    }))
  }

  send(shot: Shot, counts: boolean): void {
    const record = this.#recordOf(shot)
    record.taken++
    if (counts) record.sent++
  }

  answer(shot: Shot, answer: AnswerHead, span: Span): void {
    const record = this.#recordOf(shot)
    this.answered++
    this.#time(span)
    const reading = this.#judge.read(answer, record)
    if (reading !== 'let-in' && reading !== 'refused') {
      this.trouble(reading.slice('error:'.length))
      return
    }
    record.judged++
    record.latency.record((span.endedAt - span.dueAt) * 1000)
    this.service.record((span.endedAt - span.sentAt) * 1000)
    if ((reading === 'let-in') === (record.expect === 'accept')) return
    if (record.expect === 'accept') record.falseRefusals++
    else record.falseAccepts++
    if (record.offenders.length < mostOffenders)
      record.offenders.push(offender(record.name, shot.index, answer))
  }

  lose(shot: Shot, loss: Loss, span: Span): void {
    if (loss === 'timeout' || loss === 'unsent')
      this.#recordOf(shot).latency.record((span.endedAt - span.dueAt) * 1000)
    this.#time(span)
    this.losses.set(loss, (this.losses.get(loss) ?? 0) + 1)
    this.trouble(loss)
  }

  #time({ dueAt, freeAt, sentAt }: Span): void {
    if (freeAt > dueAt) this.waited++
    this.lateness.record((sentAt - Math.max(dueAt, freeAt)) * 1000)
  }

  #recordOf(shot: Shot): ClassRecord {
    const record = this.classes[shot.class]
    if (record === undefined) throw new RangeError(`no class ${shot.class}`)
    return record
  }

  trouble(kind: string): void {
    this.errors.set(kind, (this.errors.get(kind) ?? 0) + 1)
  }
}

const offender = (name: string, index: number, { status, headers }: AnswerHead): Offender => {
  const at = headers.findIndex((text, place) => place % 2 === 0 && text.toLowerCase() === 'www-authenticate')
  const challenge = at < 0 ? undefined : headers[at + 1]
  return {
    class: name,
    index,
    status,
    ...(challenge === undefined
      ? {}
      : { challenge: challenge.replace(/[\w.~+/=-]{40,}/g, '<redacted>').slice(0, 200) }),
  }
}
