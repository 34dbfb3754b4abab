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
 * Two requests on one connection: the second once the first was answered (`same`), at once (`pipelined`), or behind a first
 * that has two lengths (`cl-te`): by its chunks it ends before the second, and by its Content-Length behind it.
 */
export type SharedConnection = 'same' | 'pipelined' | 'cl-te'

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
  readonly version: '1.0' | '1.1' | '2'
  /** Written byte by byte over a socket, because a client would normalise or refuse it. */
  readonly raw: boolean
  /** Lower-case names of headers that the sender must not add by itself, such as `host` or `content-length`. */
  readonly omits?: readonly string[]
  readonly token?: TokenRecipe
  /** Its name at the listener, where it holds a URL there: whoever comes by that name was sent by this request. */
  readonly mark?: string
  /** The sleep that it asks for, in seconds: where that is slept, the answer comes later than the target's time-out allows. */
  readonly delaySeconds?: number
  /** The good request that goes first, so that whoever remembers tokens knows the one that this departs from. */
  readonly before?: ForgedRequest
  /** How it shares a connection with the one before it; left out, they do not. */
  readonly connection?: SharedConnection
  /** The good request that follows on its connection. */
  readonly next?: ForgedRequest
  /** The name in TLS is not that of the target's URL. */
  readonly servername?: 'other'
  /** The client certificate of its connection, where it is not that which good tokens are bound to. */
  readonly certificate?: 'other' | 'none'
  /** Sent to where the gateway listens without TLS. */
  readonly over?: 'plaintext'
  /** The DPoP proofs among its secrets: each is for this one request. */
  readonly proofs?: readonly string[]
  /** Its proof has the target's latest nonce: made anew, it has the one that the target asks for meanwhile. */
  readonly takesNonce?: true
  /** Every text in this request that authenticates: each is kept out of whatever is written down. */
  readonly secrets: readonly string[]
}
