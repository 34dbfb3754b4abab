import type { AnswerHead, Engine, Span } from '../engine.ts'
import type { LoadClass, LoadJudge } from '../record.ts'

/** An answer with a verdict, and when its request was sent and ended: milliseconds of `performance.now()`. */
export type Seen = {
  readonly index: number
  readonly reading: 'let-in' | 'refused'
  readonly answer: AnswerHead
  readonly sentAt: number
  readonly endedAt: number
}

/** Told of every answer of a class that came to a verdict, those of the warm-up too. */
export type Spy = (seen: Seen) => void

/** The engine, with somebody who looks on. `spies` go by the names of classes. */
export const spiedEngine =
  (
    engine: Engine,
    classes: readonly LoadClass[],
    judge: LoadJudge,
    { spies, bodyBytes }: { readonly spies: ReadonlyMap<string, Spy>; readonly bodyBytes: number },
  ): Engine =>
  (settings, workload, signal) =>
    engine(
      settings,
      {
        ...workload,
        bodyBytes: Math.max(workload.bodyBytes, bodyBytes),
        answered: (shot, answer, span: Span) => {
          const known = classes[shot.class]
          const spy = known === undefined ? undefined : spies.get(known.name)
          if (known !== undefined && spy !== undefined) {
            const reading = judge.read(answer, known)
            if (reading === 'let-in' || reading === 'refused')
              spy({ index: shot.index, reading, answer, sentAt: span.sentAt, endedAt: span.endedAt })
          }
          workload.answered(shot, answer, span)
        },
      },
      signal,
    )

/** Judges a class whose side changes in the course of the phase by nothing: its spy knows better. */
export const indulgent = (judge: LoadJudge, names: ReadonlySet<string>): LoadJudge => ({
  bodyBytes: judge.bodyBytes,
  read: (answer, of) => {
    const reading = judge.read(answer, of)
    if (!names.has(of.name) || (reading !== 'let-in' && reading !== 'refused')) return reading
    return of.expect === 'accept' ? 'let-in' : 'refused'
  },
})
