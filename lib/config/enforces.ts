import Type from 'typebox'
import type { Config, Policy } from './config.ts'
import { parseDuration } from './duration.ts'
import type { Tell } from './fault-list.ts'
import type { Fault } from './fault.ts'
import { faultIn } from './later.ts'
import { nearest } from './nearest.ts'
import { isPattern } from './pattern.ts'
import { child } from './pointer.ts'
import type { FeatureInfo } from './suite.ts'

export const enforcesSection = Type.Array(
  Type.Union([
    Type.String({ minLength: 1 }),
    Type.Record(Type.String(), Type.Union([Type.String({ minLength: 1 }), Type.Number()]), {
      minProperties: 1,
      maxProperties: 1,
    }),
  ]),
  {
    description: 'Policy features beyond the duties of every gateway: a name, or { name: value }',
    default: [],
  },
)

/** Name of a policy feature to its value, or true where it has none; one that stands twice is told. */
export const resolveEnforces = (
  at: string,
  input: Type.Static<typeof enforcesSection>,
  tell: Tell,
): Policy['enforces'] => {
  const entries = input.map((entry) =>
    typeof entry === 'string' ? ([entry, true] as const) : onlyEntry(entry),
  )
  for (const [index, [name]] of entries.entries())
    if (entries.findIndex(([other]) => other === name) < index)
      tell(child(at, index), `\`${name}\` stands here twice`)
  return new Map<string, string | number | true>(entries)
}

const onlyEntry = (entry: Readonly<Record<string, string | number>>): readonly [string, string | number] =>
  Object.entries(entry)[0] ?? ['', '']

/**
 * The faults of `policy.enforces` that need the suites to be seen. A misspelt name would leave out the cases that it
 * stands for, and nobody would notice.
 */
export const checkEnforces = (
  config: Config,
  features: Readonly<Record<string, FeatureInfo>>,
): readonly Fault[] =>
  [...config.policy.enforces].flatMap(([name, value], index) => {
    const flaw = flawOf(name, value, features)
    return flaw === undefined ? [] : [faultIn(config, `/policy/enforces/${index}`, ...flaw)]
  })

/** RFC 9728 section 1.2; without TLS only in a laboratory, which the target's own URL shows. */
const isResource = (text: string): boolean => URL.canParse(text) && /^https?:\/\/[^#]*$/.test(text)

const examples = { duration: '1h', number: '1', text: 'text' } as const

const flawOf = (
  name: string,
  value: string | number | true,
  features: Readonly<Record<string, FeatureInfo>>,
): [message: string, hint?: string] | undefined => {
  const policies = Object.keys(features).filter((feature) => features[feature]?.kind === 'policy')
  if (!policies.includes(name)) {
    const near = nearest(name, policies)
    if (near !== undefined) return [`unknown policy feature \`${name}\`; did you mean \`${near}\`?`]
    return [`unknown policy feature \`${name}\``, `known: ${policies.join(', ')}`]
  }
  const wanted = features[name]?.value
  if (wanted === undefined) return value === true ? undefined : [`\`${name}\` takes no value`]
  if (value === true) return [`\`${name}\` needs a value: { ${name}: ${examples[wanted]} }`]
  if (name === 'subject-pattern' && !isPattern(String(value)))
    return ['`subject-pattern` is no regular expression']
  if (name === 'protected-resource-metadata' && !isResource(String(value)))
    return ['`protected-resource-metadata`: expected the URL of the resource, without a fragment']
  if (wanted === 'text') return undefined
  if (wanted === 'number') return typeof value === 'number' ? undefined : [`\`${name}\` must be a number`]
  if (typeof value === 'string' && parseDuration(value) !== undefined) return undefined
  return [`\`${name}\`: expected a duration such as 10s, 500ms, 1h`]
}
