import type { Header } from '../config/config.ts'

/** What asks our upstream for another answer than 200: a header, and a query parameter where headers are dropped. */
export const commandName = 'x-gateproof-answer'

/** The realm of its challenge: no gateway would write it by itself. */
export const upstreamRealm = 'gateproof-upstream'

const statuses = [401, 403] as const
export type CommandedStatus = (typeof statuses)[number]

/** The status that a request which reached us asks for, if any. */
export const commandedStatus = (target: string, headers: readonly Header[]): CommandedStatus | undefined => {
  const header = headers.find(([name]) => name.toLowerCase() === commandName)?.[1]
  const query = new RegExp(`[?&]${commandName}=(\\d+)`).exec(target)?.[1]
  return statuses.find((status) => String(status) === (header ?? query))
}

/** The challenge that goes with it. */
export const upstreamChallenge = `Bearer realm="${upstreamRealm}", error="insufficient_scope"`
