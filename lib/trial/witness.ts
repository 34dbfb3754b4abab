import type { Answer, Answered } from '../exchange/answer.ts'
import { commonFingerprint, matches, type Fingerprint } from '../judge/fingerprint.ts'
import { isSuccess } from '../judge/side.ts'
import type { Hit } from '../serve/hit.ts'
import { attempt, plain, type Sent } from './attempt.ts'
import { isBusy, type Io } from './io.ts'
import type { MakeRequest } from './job.ts'

/** What the upstream that we own saw. */
export type Witness = {
  /** The hits of one attempt, as far as they are known by now. */
  hitsFor(sent: Pick<Sent, 'id'>): readonly Hit[]
}

/** The upstream that we own; `counted` counts the hits that it no longer remembers, too. */
export type HitSource = {
  /** Where the gateway forwards to. */
  readonly url?: string
  hits(): readonly Hit[]
  hitsOf(id: string): readonly Hit[]
  counted(): number
}

export const noWitness: Witness = { hitsFor: () => [] }

/** What tells which attempt a hit is of, and the way to the target that it can tell so for. */
export type Witnessed = { readonly witness: Witness; readonly io: Io }

/**
 * Sends a good request to see whether the ids of attempts come through. Where the gateway strips them, requests go out
 * one at a time, and what arrives meanwhile is of that one.
 */
export const meetWitness = async (upstream: HitSource, make: MakeRequest, io: Io): Promise<Witnessed> => {
  const before = upstream.counted()
  const { sent } = await attempt(() => make({}), io, plain)
  const isNamed = sent.some(({ id }) => upstream.hitsOf(id).length > 0)
  return isNamed || upstream.counted() === before
    ? { witness: { hitsFor: ({ id }) => upstream.hitsOf(id) }, io }
    : byTurns(
        upstream,
        io,
        commonFingerprint(sent.flatMap(({ answer }) => (isCounted(answer) ? [answer] : []))),
      )
}

/** How long a hit may come after its answer where hits are told apart by turns. */
const turnMs = 20

const byTurns = (upstream: HitSource, io: Io, good: Fingerprint | undefined): Witnessed => {
  // A backend may say no to whom the gateway lets in, and the answer to who was let in may be lost.
  const mayBeIn = (answer: Answer): boolean =>
    answer.kind === 'lost' || isSuccess(answer.status) || (good !== undefined && matches(answer, good))
  const byAttempt = new Map<string, readonly Hit[]>()
  const sendAlone: Io['send'] = async (request, options) => {
    const before = upstream.counted()
    const answer = await io.send(request, options)
    await io.sleep(turnMs)
    const arrived = upstream.counted() - before
    byAttempt.set(options.attemptId, arrived === 0 ? [] : upstream.hits().slice(-arrived))
    return answer
  }
  const togetherAlone: Io['sendTogether'] = async (requests, options) => {
    const before = upstream.counted()
    const answers = await io.sendTogether(requests, options)
    await io.sleep(turnMs)
    const arrived = upstream.counted() - before
    const id = options.attemptIds[options.subject]
    if (answers === 'interrupted' || id === undefined) return answers
    // Whoever of the others may have been let in has one of the hits: the first where it went first, else the last.
    const others = answers.filter((answer, at) => at !== options.subject && mayBeIn(answer)).length
    const hits = arrived === 0 ? [] : upstream.hits().slice(-arrived)
    byAttempt.set(
      id,
      options.subject === 0 ? hits.slice(0, Math.max(0, arrived - others)) : hits.slice(others),
    )
    return answers
  }
  let last: Promise<unknown> = Promise.resolve()
  const send: Io['send'] = (request, options) => {
    const next = () => sendAlone(request, options)
    const turn = last.then(next, next)
    last = turn
    return turn
  }
  const sendTogether: Io['sendTogether'] = (requests, options) => {
    const next = () => togetherAlone(requests, options)
    const turn = last.then(next, next)
    last = turn
    return turn
  }
  return { witness: { hitsFor: ({ id }) => byAttempt.get(id) ?? [] }, io: { ...io, send, sendTogether } }
}

const isCounted = (answer: Answer): answer is Answered => answer.kind === 'answered' && !isBusy(answer)
