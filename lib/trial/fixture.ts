import type { Answer } from '../exchange/answer.ts'
import { requestTo } from '../exchange/fixture.ts'
import type { ForgedRequest } from '../forge/request.ts'
import type { Io, SendOptions } from './io.ts'

/** A way to a target that answers by heart, for tests: `script` says what becomes of each request, in turn. */
export type Rehearsed = Io & {
  readonly sent: readonly { readonly target: string; readonly newConnection: boolean }[]
  /** Pauses that were asked for, by `Retry-After`. */
  readonly pauses: readonly (string | undefined)[]
  readonly slept: readonly number[]
}

export const rehearse = (
  script: (request: ForgedRequest, turn: number) => Answer | 'interrupted',
  patience = Number.POSITIVE_INFINITY,
): Rehearsed => {
  const sent: { target: string; newConnection: boolean }[] = []
  const pauses: (string | undefined)[] = []
  const slept: number[] = []
  let ids = 0
  return {
    sent,
    pauses,
    slept,
    send: (request: ForgedRequest, { newConnection }: SendOptions) => {
      sent.push({ target: request.target, newConnection })
      return Promise.resolve(script(request, sent.length))
    },
    sendTogether: (requests: readonly ForgedRequest[]) => {
      const answers: Answer[] = []
      for (const request of requests) {
        sent.push({ target: request.target, newConnection: true })
        const answer = script(request, sent.length)
        if (answer === 'interrupted') return Promise.resolve(answer)
        answers.push(answer)
      }
      return Promise.resolve(answers)
    },
    slowDown: (retryAfter) => {
      pauses.push(retryAfter)
      return pauses.length < patience
    },
    sleep: (ms) => {
      slept.push(ms)
      return Promise.resolve()
    },
    newId: () => `id-${String(++ids)}`,
  }
}

export const bad = (): ForgedRequest => requestTo('/bad')
export const control = (): ForgedRequest => requestTo('/control')
