import Type from 'typebox'
import type { FaultList } from './fault-list.ts'
import { closed, text } from './fields.ts'
import { child } from './pointer.ts'
import type { FeatureInfo } from './suite.ts'
import { validate } from './validate.ts'

const Feature = Type.Object(
  {
    kind: Type.Enum(['supply', 'capability', 'policy'], {
      description:
        'supply: what the user gave; capability: what the target or the key can do; policy: what the target is declared to enforce',
    }),
    title: text('What it is that must be there'),
    unlock: text('What the user can do to have it'),
    value: Type.Optional(
      Type.Enum(['duration', 'number', 'text', 'none'], {
        description: 'What a policy feature is declared with',
        default: 'none',
      }),
    ),
  },
  closed,
)

/** `suites/features.yaml`: the names of all that a case can ask for. */
export const FeaturesFile = Type.Record(Type.String(), Feature, { minProperties: 1 })

/** The features of a parsed file, all that is wrong with them told. */
export const readFeatures = (value: unknown, list: FaultList): Readonly<Record<string, FeatureInfo>> => {
  const features = validate(FeaturesFile, value, list) ?? {}
  for (const [name, { kind, value: declared }] of Object.entries(features)) {
    if (!/^[a-z0-9][a-z0-9-]*$/.test(name))
      list.tellKey(child('', name), `\`${name}\`: expected a name of small letters, digits and hyphens`)
    if (declared !== undefined && declared !== 'none' && kind !== 'policy')
      list.tell(child(child('', name), 'value'), 'only a policy feature is declared with a value')
  }
  return Object.fromEntries(
    Object.entries(features).map(([name, { value: declared, ...info }]) => [
      name,
      declared === undefined || declared === 'none' ? info : { ...info, value: declared },
    ]),
  )
}
