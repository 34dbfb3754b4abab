/** A request that reached a server of ours. */
export type Hit = {
  readonly method: string
  /** The request-target as it arrived. */
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Bytes of the body that arrived. */
  readonly bodyBytes: number
  /** What came behind a chunked body (RFC 9110 section 6.5), where anything did. */
  readonly trailers?: readonly (readonly [name: string, value: string])[]
  /** The attempt's id, where the gateway passed it on. */
  readonly id?: string
  /** Local time of arrival: milliseconds since the epoch. */
  readonly at: number
}
