import Type from 'typebox'
import type { ClaimPath, RequiredClaim } from './config.ts'
import { asList, closed, isFilled, oneOrMore } from './fields.ts'

const defaults = { scopeClaim: 'scope', format: 'string', required: true } as const

const Steps = Type.Array(Type.String({ minLength: 1 }), {
  minItems: 1,
  description: 'The names on the way down from the top of the claims',
})

const ScopeClaim = Type.Union([
  Type.String({ minLength: 1 }),
  Type.Object(
    {
      path: Steps,
      format: Type.Optional(
        Type.Enum(['string', 'array'], {
          description: 'A text of scopes with spaces between them, or a list',
          default: defaults.format,
        }),
      ),
    },
    closed,
  ),
])

export const ScopeClaimSection = Type.Union([ScopeClaim, Type.Array(ScopeClaim, { minItems: 1 })], {
  description:
    'The claim that scopes are read from: the name of a top-level claim (dots and slashes are part of it), { path, format }, or a list of these; good tokens use the first',
  default: defaults.scopeClaim,
})

/** Where scopes are read from, the place for good tokens first. */
export const resolveScopeClaims = (
  input: Type.Static<typeof ScopeClaimSection> | undefined,
): readonly [ClaimPath, ...ClaimPath[]] => {
  const claims = asList(input ?? defaults.scopeClaim).flatMap((claim): ClaimPath[] => {
    if (typeof claim === 'string') return [{ path: [claim], format: defaults.format }]
    return isFilled(claim.path) ? [{ path: claim.path, format: claim.format ?? defaults.format }] : []
  })
  return isFilled(claims) ? claims : [{ path: [defaults.scopeClaim], format: defaults.format }]
}

const Values = oneOrMore('Values of which one must be there')

export const RequiredClaimsSection = Type.Union(
  [
    Type.Record(
      Type.String(),
      Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }))]),
    ),
    Type.Array(
      Type.Object(
        {
          path: Steps,
          values: Type.Optional(Values),
          required: Type.Optional(
            Type.Boolean({
              description: 'false: checked only where the claim is there',
              default: defaults.required,
            }),
          ),
        },
        closed,
      ),
    ),
  ],
  {
    description:
      'Claims that the gateway checks: name of a top-level claim to its values (none: it must be there), or a list of { path, values, required }',
  },
)

export const resolveRequiredClaims = (
  input: Type.Static<typeof RequiredClaimsSection> | undefined,
): readonly RequiredClaim[] => {
  if (!Array.isArray(input))
    return Object.entries(input ?? {}).map(([name, values]) => ({
      path: [name],
      values: asList(values),
      required: defaults.required,
    }))
  return input.flatMap(({ path, values, required }) =>
    isFilled(path) ? [{ path, values: asList(values), required: required ?? defaults.required }] : [],
  )
}
