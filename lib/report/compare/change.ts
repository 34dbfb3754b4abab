/** How a later run stands to a baseline in one point. */
export type Change = {
  readonly kind: 'worse' | 'unsure' | 'better' | 'held'
  /** A case, or what was measured. */
  readonly what: string
  /** What was seen beside what was seen before, in words; unescaped. */
  readonly detail: string
}

/** How each kind is written and drawn, in the order in which they are told. */
export const changeMarks = {
  worse: { word: 'worse', glyph: '✕', status: 'fail' },
  unsure: { word: 'cannot tell', glyph: '?', status: 'inconclusive' },
  better: { word: 'better', glyph: '✓', status: 'pass' },
  held: { word: 'held', glyph: '✓', status: 'pass' },
} as const satisfies Record<Change['kind'], { word: string; glyph: string; status: string }>

/** Worse first. */
export const byKind = (one: Change, other: Change): number =>
  order.indexOf(one.kind) - order.indexOf(other.kind)

const order: readonly string[] = Object.keys(changeMarks)
