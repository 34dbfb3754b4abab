import Type from 'typebox'
import type { Deviation } from './deviation.ts'

/** The schema of a step that looks for an edge, where one request alone shows none (suites/README.md says what it means). */
export const Measure = Type.Object(
  {
    /** For how long after that claim a token is let in. */
    leeway: Type.Enum(['exp']),
  },
  { additionalProperties: false },
)

/** More than "a few minutes" is no leeway for clocks (RFC 7519 section 4.1.4): seconds. */
export const mostLeewaySeconds = 300

/** A token that ended so many seconds ago, and had been issued before that. */
export const endedFor = (seconds: number): Deviation => ({
  claims: { exp: { $now: -seconds }, iat: { $now: -seconds - lifeSeconds } },
})

const lifeSeconds = 60
