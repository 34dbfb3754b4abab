import type { Spy } from './spy.ts'

/** When a class that was good is so no more: milliseconds of `performance.now()`. */
export type Ending = {
  /** When the right to be let in ended. */
  endsAt: number
  /** So much later it may still be let in: clocks, leeway, what is declared. */
  readonly graceMs: number
}

/** Watches until when the requests of a class are let in. */
export type EndWatch = {
  readonly spy: Spy
  readonly ending: Ending
  read(): EndSeen
}

export type EndSeen = {
  /** Let in before the end. */
  readonly before: number
  /** Sent after the end and its grace, and let in all the same. */
  readonly late: number
  /** Sent after the end and its grace. */
  readonly after: number
  /** Seconds from the end to when the last one that was let in was sent; null where none was after it. */
  readonly lastLetIn: number | null
}

export const watchEnd = (ending: Ending): EndWatch => {
  let [before, late, after, last] = [0, 0, 0, -Infinity]
  return {
    ending,
    spy: ({ reading, sentAt }) => {
      const isAfter = sentAt > ending.endsAt + ending.graceMs
      if (isAfter) after++
      if (reading !== 'let-in') return
      if (isAfter) late++
      if (sentAt < ending.endsAt) before++
      last = Math.max(last, sentAt)
    },
    read: () => ({
      before,
      late,
      after,
      lastLetIn: last > ending.endsAt ? Math.round((last - ending.endsAt) / 100) / 10 : null,
    }),
  }
}
