import type { Arm, ValidationPlan, Variant } from './validation.ts'

/** The arms of a measurement, as a result calls them. */
export const armNames = {
  public: 'public',
  publicWithBytes: 'public+bytes',
  publicTwin: 'public+bytes (twin)',
  repeated: 'protected repeated',
  repeatedTwin: 'protected repeated (twin)',
  distinct: 'protected distinct',
  large: 'protected distinct, large',
  refused: 'refused',
} as const

/** The name of the arm with distinct tokens of another algorithm than the first. */
const distinctOf = (algorithm: string): string => `${armNames.distinct}, ${algorithm}`

/** The requests that can be compared at a target. */
export type Variants = {
  /** The public route, bare and with as many bytes as a good token has. */
  readonly public?: { readonly bare: Variant; readonly withBytes: Variant }
  /** The protected route with one good token again and again. */
  readonly repeated: Variant
  /** With good tokens that this gateway hasn't seen before. */
  readonly distinct: Variant
  /** The algorithm that those are signed with. */
  readonly algorithm: string
  /** Such of other algorithms that the policy allows. */
  readonly others: readonly { readonly algorithm: string; readonly variant: Variant }[]
  /** Such that are several times as long. */
  readonly large?: Variant
  readonly refused?: Variant
}

/**
 * What is measured side by side, and what is compared with what. Without a public route what validation costs is not
 * known, only what tokens cost more that were not seen before.
 */
export const armsOf = (variants: Variants): ValidationPlan => {
  const { public: open, repeated, distinct, algorithm, others, large, refused } = variants
  const arms: readonly Arm[] = [
    ...(open === undefined
      ? [arm(armNames.repeatedTwin, repeated)]
      : [
          arm(armNames.public, open.bare),
          arm(armNames.publicWithBytes, open.withBytes),
          arm(armNames.publicTwin, open.withBytes),
        ]),
    arm(armNames.repeated, repeated),
    arm(armNames.distinct, distinct, { once: true }),
    ...others.map((other) => arm(distinctOf(other.algorithm), other.variant, { once: true, optional: true })),
    ...(large === undefined ? [] : [arm(armNames.large, large, { once: true, optional: true })]),
    ...(refused === undefined ? [] : [arm(armNames.refused, refused, { optional: true })]),
  ]
  const names = arms.map(({ name }) => name)
  const comparisons = [
    ['validation', armNames.distinct, armNames.publicWithBytes],
    ['validation, token seen before', armNames.repeated, armNames.publicWithBytes],
    ...others.map(
      (other) =>
        [`validation, ${other.algorithm}`, distinctOf(other.algorithm), armNames.publicWithBytes] as const,
    ),
    ['token not seen before', armNames.distinct, armNames.repeated],
    ['token header', armNames.publicWithBytes, armNames.public],
    ['large token', armNames.large, armNames.distinct],
    ['refusal', armNames.refused, armNames.distinct],
    ...others.map(
      (other) =>
        [`${other.algorithm} against ${algorithm}`, distinctOf(other.algorithm), armNames.distinct] as const,
    ),
  ] as const
  return {
    arms,
    comparisons: comparisons.filter(([, of, from]) => names.includes(of) && names.includes(from)),
    twins:
      open === undefined
        ? [armNames.repeatedTwin, armNames.repeated]
        : [armNames.publicTwin, armNames.publicWithBytes],
    relative: open === undefined,
  }
}

const arm = (
  name: string,
  variant: Variant,
  { once = false, optional = false }: { readonly once?: boolean; readonly optional?: boolean } = {},
): Arm => ({
  name,
  requests: variant.requests,
  isExpected: (answer) => variant.isExpected(answer),
  once,
  optional,
})
