import type { Arrivals } from './engine.ts'

/** A timer is up to a millisecond late: so long before a request is due the clock is watched instead. */
const watchMs = 2

/** Keeps the requests that are due and not sent, and says when there is one more. */
export class Pacer {
  readonly #arrivals: Arrivals
  readonly #onDue: (now: number) => void
  readonly #onIdle: (ms: number) => void
  /** When they were due; the first `#sent` of them are gone. */
  #due: number[] = []
  #sent = 0
  #immediate: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined
  /** When the clock was last looked at, while it is watched and nothing else has happened. */
  #lastLook: number | undefined

  /** `onIdle` is told of time in which the clock was watched, and nothing else was to be done. */
  constructor(arrivals: Arrivals, onDue: (now: number) => void, onIdle: (ms: number) => void) {
    this.#arrivals = arrivals
    this.#onDue = onDue
    this.#onIdle = onIdle
  }

  start(): void {
    const now = performance.now()
    if (this.#lastLook !== undefined) this.#onIdle(now - this.#lastLook)
    this.#lastLook = undefined
    if (this.look(now)) this.#onDue(now)
    const gap = this.#arrivals.peek() - now
    if (gap === Infinity) return
    if (gap < watchMs) {
      this.#lastLook = performance.now()
      this.#immediate = setImmediate(() => this.start())
    } else this.#timer = setTimeout(() => this.start(), gap - watchMs)
  }

  stop(): void {
    clearImmediate(this.#immediate)
    clearTimeout(this.#timer)
  }

  /** Something else has happened: the time since the last look was not idle. */
  disturb(): void {
    this.#lastLook = undefined
  }

  /** Puts what is due by now among the waiting. Was there anything? */
  look(now: number): boolean {
    const before = this.#due.length
    while (this.#arrivals.peek() <= now) this.#due.push(this.#arrivals.next())
    return this.#due.length > before
  }

  get waiting(): number {
    return this.#due.length - this.#sent
  }

  /** When the one that waits longest was due. */
  get first(): number | undefined {
    return this.#due[this.#sent]
  }

  /** The same, which waits no longer. */
  shift(): number | undefined {
    const first = this.#due[this.#sent]
    if (first === undefined) return undefined
    this.#sent++
    if (this.#sent === this.#due.length) {
      this.#due = []
      this.#sent = 0
    }
    return first
  }
}
