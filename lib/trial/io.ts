import type { Config } from '../config/config.ts'
import type { Answer } from '../exchange/answer.ts'
import { createPace } from '../exchange/pace.ts'
import type { ForgedRequest, SharedConnection } from '../forge/request.ts'
import type { World } from './world.ts'

/** How requests leave this process, and how long it may wait between them. */
export type Io = {
  /** Sends when its turn comes; `interrupted` where the run was called off before the answer. */
  send(request: ForgedRequest, options: SendOptions): Promise<Answer | 'interrupted'>
  /** Sends them on one new connection; the answers stand in their order. */
  sendTogether(
    requests: readonly ForgedRequest[],
    options: TogetherOptions,
  ): Promise<readonly Answer[] | 'interrupted'>
  /** Holds everything back after a 429 or 503; false where the run has been patient for long enough. */
  slowDown(retryAfter: string | undefined): boolean
  sleep(ms: number): Promise<void>
  newId(): string
}

export type SendOptions = {
  readonly attemptId: string
  readonly newConnection: boolean
  /** Forges the request anew, where its turn came so late that a short-lived token may have ended. */
  readonly anew?: () => ForgedRequest
}

export type TogetherOptions = {
  /** One for each request, in their order. */
  readonly attemptIds: readonly string[]
  readonly connection: SharedConnection
  /** Which of them is judged, counted from 0. */
  readonly subject: number
}

/** What may pass between the forging of a request and its turn. */
const longWaitMs = 500

/** So many answers in a row that only ask for patience, whoever gets them: about two minutes of growing pauses. */
const mostBusyInARow = 20

/** The way to the target within the pace of the configuration. */
export const openIo = (run: World, { concurrency, perSecond }: Config['target']['pace']): Io => {
  const { exchanger, signal } = run
  const pace = createPace({
    concurrency,
    ...(perSecond === undefined ? {} : { perSecond }),
    now: () => run.now(),
    // Nobody waits for his turn in a run that was called off.
    sleep: async (ms) => {
      signal.throwIfAborted()
      await run.sleep(ms)
      signal.throwIfAborted()
    },
  })
  let busyInARow = 0
  const take = async (send: () => Promise<readonly Answer[]>): Promise<readonly Answer[] | 'interrupted'> => {
    try {
      signal.throwIfAborted()
      const answers = (await pace.run(send)).map(readable)
      if (answers.some(isBusy)) busyInARow += 1
      else busyInARow = 0
      return answers.some(({ kind }) => kind === 'lost') && signal.aborted ? 'interrupted' : answers
    } catch (error) {
      if (signal.aborted && error === signal.reason) return 'interrupted'
      throw error
    }
  }
  return {
    send: async (request, options) => {
      const { anew, ...how } = options
      const forged = run.now()
      const due = () => (anew !== undefined && run.now() - forged > longWaitMs ? anew() : request)
      const answers = await take(async () => [await exchanger.send(due(), { ...how, signal })])
      const [answer] = answers
      if (answers === 'interrupted' || answer === undefined || typeof answer === 'string')
        return 'interrupted'
      return answer
    },
    sendTogether: (requests, { attemptIds, connection }) =>
      take(() => exchanger.sendSequence(requests, { attemptIds, connection, signal })),
    slowDown: (retryAfter) => {
      if (busyInARow >= mostBusyInARow) return false
      pace.slowDown(retryAfter)
      return true
    },
    sleep: (ms) => run.sleep(ms),
    newId: () => run.newId(),
  }
}

/** What came when the header section was complete says yes or no, though the body never ended or made no sense. */
const readable = (answer: Answer): Answer =>
  answer.kind === 'lost' && answer.partial !== undefined ? answer.partial : answer

/** An answer that only asks for patience (RFC 6585 section 4, RFC 9110 section 15.6.4). */
export const isBusy = (answer: Answer): boolean =>
  answer.kind === 'answered' && (answer.status === 429 || answer.status === 503)
