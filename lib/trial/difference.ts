type Lens = readonly [name: string, look: (text: string) => string]

const lenses: readonly Lens[] = [
  ['white space around it', (text) => text.trim()],
  ['a slash at the end', (text) => text.replace(/\/+$/, '')],
  ['letter case', (text) => text.toLowerCase()],
  ['http and https', (text) => text.replace(/^https?:/i, '')],
  ['the port', (text) => text.replace(/^(\w*:?\/\/[^/:]+):\d+/, '$1')],
]

/**
 * What alone tells two texts apart, where it is one of the small things that people overlook: undefined where it is
 * more than that, or nothing.
 */
export const differenceOf = (one: unknown, other: unknown): string | undefined => {
  if (typeof one !== 'string' || typeof other !== 'string' || one === other) return undefined
  const isSame = (through: readonly Lens[]): boolean => seen(one, through) === seen(other, through)
  if (!isSame(lenses)) return undefined
  const needed = lenses.filter((lens) => !isSame(lenses.filter((each) => each !== lens)))
  return needed.map(([name]) => name).join(' and ')
}

const seen = (text: string, through: readonly Lens[]): string =>
  through.reduce((left, [, look]) => look(left), text)
