/** A challenge of a `WWW-Authenticate` header (RFC 9110 section 11.6.1). */
export type Challenge = {
  readonly scheme: string
  /** Names in lower case, in the order of the header, repetitions kept. */
  readonly params: readonly (readonly [name: string, value: string])[]
}

export type Challenges = {
  readonly challenges: readonly Challenge[]
  /** What is not as the grammar says, in our own words; empty where all is well. */
  readonly faults: readonly string[]
}

const token = /^[!#$%&'*+\-.^_`|~\w]+/
const blanks = /^[ \t]*/

/** How much of a header is read: what is longer is no challenge that a client could use. */
const longest = 8192

/**
 * Reads every challenge of the given header values. Lenient, since gateways separate parameters by spaces, leave out
 * quotes and write empty list members: each of these is a fault and the challenge is read all the same.
 */
export const readChallenges = (values: readonly string[]): Challenges => {
  const challenges: { scheme: string; params: [string, string][] }[] = []
  const faults = new Set<string>()
  for (const value of values) {
    if (value.length > longest) faults.add('longer than 8 KiB')
    let rest = value.slice(0, longest)
    let separated = true
    for (let turn = 0; turn < longest && rest.trim() !== ''; turn++) {
      rest = rest.replace(blanks, '')
      if (rest.startsWith(',')) {
        separated = true
        rest = rest.slice(1)
        continue
      }
      const read = readParameter(rest) ?? readScheme(rest)
      if (read === undefined) {
        faults.add('has characters that no challenge has')
        rest = rest.slice(1)
        continue
      }
      rest = read.rest
      if (!separated) faults.add('has parameters that no comma separates')
      if ('scheme' in read) challenges.push({ scheme: read.scheme, params: [] })
      else {
        if (challenges.length === 0) faults.add('has a parameter before any scheme')
        if (read.fault !== undefined) faults.add(read.fault)
        challenges.at(-1)?.params.push([read.name.toLowerCase(), read.value])
      }
      separated = 'scheme' in read
    }
  }
  return { challenges, faults: [...faults] }
}

type Parameter = {
  readonly name: string
  readonly value: string
  readonly rest: string
  readonly fault?: string
}

const readParameter = (text: string): Parameter | undefined => {
  const name = token.exec(text)?.[0]
  if (name === undefined) return undefined
  const equals = /^[ \t]*=[ \t]*/.exec(text.slice(name.length))?.[0]
  if (equals === undefined) return undefined
  const after = text.slice(name.length + equals.length)
  if (after.startsWith('"')) return { name, ...quoted(after) }
  const value = token.exec(after)?.[0]
  if (value !== undefined)
    return { name, value, rest: after.slice(value.length), ...plainFault(after.slice(value.length)) }
  const loose = /^[^\s,]*/.exec(after)?.[0] ?? ''
  return { name, value: loose, rest: after.slice(loose.length), fault: 'has a value that needs quotes' }
}

/** A value with a character that no token has was not quoted where it should have been. */
const plainFault = (rest: string): { fault?: string } =>
  rest === '' || /^[ \t,]/.test(rest) ? {} : { fault: 'has a value that needs quotes' }

const quoted = (text: string): { value: string; rest: string; fault?: string } => {
  let value = ''
  for (let index = 1; index < text.length; index++) {
    const character = text.charAt(index)
    if (character === '"') return { value, rest: text.slice(index + 1) }
    value += character === '\\' ? text.charAt(++index) : character
  }
  return { value, rest: '', fault: 'has a quoted text without an end' }
}

const readScheme = (text: string): { scheme: string; rest: string } | undefined => {
  const scheme = token.exec(text)?.[0]
  if (scheme === undefined) return undefined
  const rest = text.slice(scheme.length)
  // A token68 after the scheme (as in Negotiate) is no parameter.
  const token68 = /^ +[\w\-.~+/]+=*[ \t]*(?=,|$)/.exec(rest)?.[0]
  return { scheme, rest: token68 === undefined ? rest : rest.slice(token68.length) }
}

/** The first challenge of that scheme, whatever its letter case. */
export const challengeOf = ({ challenges }: Challenges, scheme: string): Challenge | undefined =>
  challenges.find((one) => one.scheme.toLowerCase() === scheme.toLowerCase())

/** The first value of a parameter. */
export const paramOf = (challenge: Challenge | undefined, name: string): string | undefined =>
  challenge?.params.find(([key]) => key === name)?.[1]
