import type { Decisions } from '../decisions.ts'

/** One way to be wrong: one root cause, seen in real software. */
export type Fault = {
  readonly text: string
  /**
   * The decisions that the fault takes instead of those that it finds. Called once for each gateway, so what it
   * remembers between requests lives in its closure.
   */
  readonly alter: (next: Decisions) => Partial<Decisions>
}

export const fault = (text: string, alter: Fault['alter']): Fault => ({ text, alter })
