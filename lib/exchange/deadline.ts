/** Why an exchange was given up: no answer within the time that the target has. */
export class TimedOut extends Error {
  readonly timeoutMs: number
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`)
    this.timeoutMs = timeoutMs
  }
}

export type Deadline = { readonly signal: AbortSignal; clear(): void }

/** Aborts with `TimedOut` after so many milliseconds, or before with the reason of the caller's signal. */
export const openDeadline = (timeoutMs: number, outer?: AbortSignal): Deadline => {
  const controller = new AbortController()
  const pass = () => controller.abort(outer?.reason)
  const timer = setTimeout(() => controller.abort(new TimedOut(timeoutMs)), timeoutMs)
  if (outer?.aborted === true) pass()
  outer?.addEventListener('abort', pass, { once: true })
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer)
      outer?.removeEventListener('abort', pass)
    },
  }
}
