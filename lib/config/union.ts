import type { ErrorObject } from 'ajv'

/**
 * One union, one message. ajv reports what is wrong with every branch; of these errors only those of the branch are
 * kept that the value was meant for: the one of its JSON type, and of several the one with the fewest. Where no
 * branch has its type, one error of keyword `type` stands for the union.
 */
export const settleUnions = (errors: readonly ErrorObject[]): readonly ErrorObject[] => {
  const union = errors.filter(({ keyword }) => keyword === 'anyOf').toSorted(outermostFirst)[0]
  if (union === undefined) return errors
  const inside = errors.filter((error) => branchOf(union, error) !== undefined)
  const rest = errors.filter((error) => error !== union && !inside.includes(error))
  const meant = [...new Set(inside.map((error) => branchOf(union, error)))]
    .map((branch) => settleUnions(inside.filter((error) => branchOf(union, error) === branch)))
    .filter((branch) => !branch.some((error) => isOfOtherType(union, error)))
    .toSorted((a, b) => a.length - b.length)[0]
  return [...settleUnions(rest), ...(meant ?? [{ ...union, keyword: 'type' }])]
}

const outermostFirst = (a: ErrorObject, b: ErrorObject): number =>
  a.instancePath.length - b.instancePath.length || a.schemaPath.length - b.schemaPath.length

/** The number of the union's branch that the error comes from, as text. */
const branchOf = (union: ErrorObject, { instancePath, schemaPath }: ErrorObject): string | undefined => {
  const branches = `${union.schemaPath}/`
  const below = instancePath === union.instancePath || instancePath.startsWith(`${union.instancePath}/`)
  return below && schemaPath.startsWith(branches)
    ? schemaPath.slice(branches.length).split('/')[0]
    : undefined
}

const isOfOtherType = (union: ErrorObject, { instancePath, keyword, params, data }: ErrorObject): boolean => {
  if (instancePath !== union.instancePath) return false
  if (keyword !== 'enum') return keyword === 'type'
  const allowed: unknown = params.allowedValues
  return !Array.isArray(allowed) || !allowed.some((value) => typeof value === typeof data)
}
