/** How the token of a request was made, with nothing in it that could be used again. */
export type TokenRecipe = {
  /** What was asked for, in words: `baseline`, `sign: attacker`, … */
  readonly recipe: string
  /** The JOSE header, decoded where it can be. */
  readonly header?: unknown
  /** The claims, decoded where they can be. */
  readonly claims?: unknown
}

/**
 * A request ready to be sent. Header names and values are latin1 text, one character a byte, and are written as
 * they stand: `name + ': ' + value`, in this order, repetitions included.
 */
export type ForgedRequest = {
  readonly method: string
  /** The request-target as it goes on the wire: origin-form or absolute-form (RFC 9112 section 3.2). */
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: Uint8Array
  readonly version: '1.0' | '1.1'
  /** Written byte by byte over a socket, because a client would normalise or refuse it. */
  readonly raw: boolean
  /** Lower-case names of headers that the sender must not add by itself, such as `host` or `content-length`. */
  readonly omits?: readonly string[]
  readonly token?: TokenRecipe
  /** The good request that goes first, so that whoever remembers tokens knows the one that this departs from. */
  readonly before?: ForgedRequest
  /** Every text in this request that authenticates: each is kept out of whatever is written down. */
  readonly secrets: readonly string[]
}
