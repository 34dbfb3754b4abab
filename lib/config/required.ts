import type { Policy, RequiredClaim } from './config.ts'

type Demands = Pick<Policy, 'requiredClaims'>

const isUrl = (name: string): boolean => /^https?:\/\//.test(name)

const demanded = ({ requiredClaims }: Demands): readonly RequiredClaim[] =>
  requiredClaims.filter(({ required }) => required)

/** The claim that cases about required claims change: the first that must have one of some values, else the first. */
export const requiredClaim = (policy: Demands): RequiredClaim | undefined =>
  demanded(policy).find(({ values }) => values.length > 0) ?? demanded(policy)[0]

/** A required claim whose name has another reading by its dots: a path, or the name that a path makes. */
export const dottedClaim = (policy: Demands): RequiredClaim | undefined =>
  demanded(policy).find(({ path }) => path.length > 1 || (path[0].includes('.') && !isUrl(path[0])))

/** A required claim whose name is a URL. */
export const urlClaim = (policy: Demands): RequiredClaim | undefined =>
  demanded(policy).find(({ path }) => path.length === 1 && isUrl(path[0]) && lastSegment(path[0]) !== '')

/** A required claim that is a boolean in the claims that the user adds to every token. */
export const booleanClaim = (
  policy: Demands,
  claims: Readonly<Record<string, unknown>>,
): RequiredClaim | undefined =>
  demanded(policy).find(({ path }) => path.length === 1 && typeof claims[path[0]] === 'boolean')

/** Where a misreader looks for a claim: dots taken for steps and steps for dots, or the end of a URL for all of it. */
export const misreadPath = (
  { path }: RequiredClaim,
  by: 'dots' | 'last-segment',
): readonly [string, ...string[]] => {
  const [first, ...more] = path
  if (by === 'last-segment') return [lastSegment(first)]
  if (more.length > 0) return [path.join('.')]
  const [head = first, ...rest] = first.split('.')
  return [head, ...rest]
}

const lastSegment = (url: string): string => url.slice(url.lastIndexOf('/') + 1)
