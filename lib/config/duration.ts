import Type from 'typebox'

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

const form = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

/** The schema of a duration: a number and its unit, without a space. */
export const duration = (description: string, extra: { readonly default?: string } = {}) =>
  Type.String({
    pattern: form.source,
    patternErrorMessage: 'expected a duration such as 10s, 500ms, 1h',
    description,
    ...extra,
  })

/** In milliseconds; undefined for a text that is no duration. */
export const parseDuration = (text: string): number | undefined => {
  const [, amount, unit] = form.exec(text) ?? []
  return amount !== undefined && isUnit(unit) ? Number(amount) * units[unit] : undefined
}

const isUnit = (unit: string | undefined): unit is keyof typeof units => unit !== undefined && unit in units

/** In milliseconds, for a text that its schema has checked. Throws for any other. */
export const milliseconds = (text: string): number => {
  const parsed = parseDuration(text)
  if (parsed === undefined) throw new Error(`no duration: ${text}`)
  return parsed
}

/** In seconds, for a text that its schema has checked. */
export const seconds = (text: string): number => milliseconds(text) / 1_000
