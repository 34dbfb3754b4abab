import Type from 'typebox'
import type { Config, Waiver } from './config.ts'
import type { Tell } from './fault-list.ts'
import type { Fault } from './fault.ts'
import { closed, text } from './fields.ts'
import { faultIn } from './later.ts'
import { nearest } from './nearest.ts'
import { child } from './pointer.ts'

const WaiverForm = Type.Object(
  {
    case: Type.Optional(text('The id of a case')),
    topic: Type.Optional(text('A topic; not for mismatches that fail open')),
    kind: text('The kind of mismatch that is waived: no other is', { examples: ['wrong-status'] }),
    reason: text('Why, for who reads it next year', { examples: ['accepted risk, ticket 123'] }),
    until: Type.Optional(
      Type.String({
        pattern: '^\\d{4}-\\d{2}-\\d{2}$',
        patternErrorMessage: 'expected a date such as 2027-03-31',
        description: 'The last day on which it holds',
      }),
    ),
  },
  closed,
)

export const WaiversSection = Type.Array(WaiverForm, {
  description: 'Accepted risks: { case or topic, kind, reason, until }',
  default: [],
})

/** The waivers; one that names both or none of case and topic, or no day of the calendar, is told. */
export const resolveWaivers = (
  at: string,
  input: Type.Static<typeof WaiversSection>,
  tell: Tell,
): readonly Waiver[] =>
  input.flatMap(({ case: id, topic, kind, reason, until }, index) => {
    const here = child(at, index)
    if (until !== undefined && !isDay(until))
      tell(child(here, 'until'), 'there is no such day in the calendar')
    const on = id !== undefined && topic === undefined ? { case: id } : topicAlone(id, topic)
    if (on === undefined) {
      const how = id === undefined ? 'it has neither' : 'it has both'
      tell(child(here, 'topic'), `a waiver is of either a \`case\` or a \`topic\`, and ${how}`)
      return []
    }
    return [{ on, kind, reason, ...(until !== undefined && { until }) }]
  })

const topicAlone = (id: string | undefined, topic: string | undefined): { topic: string } | undefined =>
  id === undefined && topic !== undefined ? { topic } : undefined

const isDay = (text: string): boolean => {
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

/** What there is that a waiver can be of. */
export type Waivable = {
  /** Ids of the cases. */
  readonly cases: ReadonlySet<string>
  readonly topics: ReadonlySet<string>
  /** Kinds of mismatch, with their safety. */
  readonly kinds: Readonly<Record<string, { readonly safety: 'fails-open' | 'fails-closed' | 'protocol' }>>
}

/**
 * The faults of the waivers that need the suites to be seen: an unknown case, topic or kind, and a whole topic waived
 * for a kind that fails open.
 */
export const checkWaivers = (config: Config, { cases, topics, kinds }: Waivable): readonly Fault[] =>
  config.waivers.flatMap(({ on, kind }, index) => {
    const here = `/waivers/${index}`
    const safety = kinds[kind]?.safety
    const [what, name, known] =
      'case' in on ? (['case', on.case, cases] as const) : (['topic', on.topic, topics] as const)
    return [
      ...(known.has(name) ? [] : [faultIn(config, child(here, what), ...unknown(what, name, [...known]))]),
      ...(safety === undefined
        ? [faultIn(config, child(here, 'kind'), ...unknown('kind', kind, Object.keys(kinds)))]
        : []),
      ...(safety === 'fails-open' && what === 'topic'
        ? [
            faultIn(
              config,
              child(here, 'topic'),
              `\`${kind}\` fails open: it cannot be waived for a whole topic`,
              'waive it for one `case`',
            ),
          ]
        : []),
    ]
  })

const unknown = (what: string, name: string, known: readonly string[]): [message: string, hint?: string] => {
  const near = nearest(name, known)
  if (near !== undefined) return [`unknown ${what} \`${name}\`; did you mean \`${near}\`?`]
  return what === 'case'
    ? [`unknown case \`${name}\``]
    : [`unknown ${what} \`${name}\``, `known: ${known.join(', ')}`]
}
