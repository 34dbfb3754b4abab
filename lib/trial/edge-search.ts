/** Where what is let in ends: the largest that was, the smallest that was not, and whether both were so when asked again. */
export type Window = { readonly letIn: number; readonly refused: number; readonly isSteady: boolean }

/** What is searched in: seconds. */
export type Range = {
  /** The first that has to be refused; it is tried before all others. */
  readonly latest: number
  /** Up to there the edge is looked for closely. */
  readonly fine: number
  /** How closely. */
  readonly step: number
}

/** Whether so much is let in; undefined where nobody can tell. */
type Ask = (seconds: number) => Promise<boolean | undefined>
type Edge = Pick<Window, 'letIn' | 'refused'>

/** How far it goes where what has to be refused is let in: ten minutes, an hour, a day. */
const beyond = [600, 3_600, 86_400] as const
const mostConfirmations = 2

/**
 * Looks for the edge by halves, and then asks both of its ends again; undefined where an answer told nothing. The
 * points lie between the round values that gateways are set to, so that equal runs find the same.
 */
export const searchEdge = async (
  { latest, fine, step }: Range,
  isLetIn: Ask,
): Promise<Window | undefined> => {
  const close = Array.from({ length: Math.ceil(fine / step) }, (_, at) => at * step + Math.floor(step / 2))
  const rungs = [latest, ...[fine, ...beyond].filter((point) => point > latest && point >= fine)]
  const points = [...new Set([...close.filter((point) => point < fine), ...rungs])].toSorted((a, b) => a - b)
  const rough = await climb(rungs, isLetIn)
  const found = rough === undefined || rough.refused > fine ? rough : await halve(rough, points, isLetIn)
  return found && confirm(found, points, isLetIn)
}

const climb = async (rungs: readonly number[], isLetIn: Ask): Promise<Edge | undefined> => {
  let letIn = 0
  for (const rung of rungs) {
    const isIn = await isLetIn(rung)
    if (isIn === undefined) return undefined
    if (!isIn) return { letIn, refused: rung }
    letIn = rung
  }
  return { letIn, refused: Infinity }
}

const halve = async (edge: Edge, points: readonly number[], isLetIn: Ask): Promise<Edge | undefined> => {
  const between = points.filter((point) => point > edge.letIn && point < edge.refused)
  const middle = between[Math.floor(between.length / 2)]
  if (middle === undefined) return edge
  const isIn = await isLetIn(middle)
  if (isIn === undefined) return undefined
  return halve(isIn ? { ...edge, letIn: middle } : { ...edge, refused: middle }, points, isLetIn)
}

/** What lies at the very edge may go either way: it is widened by one point then, and confirmed once more. */
const confirm = async (edge: Edge, points: readonly number[], isLetIn: Ask): Promise<Window | undefined> => {
  let { letIn, refused } = edge
  let furthest = letIn
  for (let turn = 0; turn < mostConfirmations; turn++) {
    const ends = await confirmEnds({ letIn, refused }, isLetIn)
    if (ends === undefined) return undefined
    if (ends.isLowIn && ends.isHighOut) return { letIn, refused, isSteady: true }
    const [low, high] = [letIn, refused]
    if (!ends.isHighOut) furthest = Math.max(furthest, high)
    if (!ends.isLowIn) letIn = points.findLast((point) => point < low) ?? 0
    if (!ends.isHighOut) refused = points.find((point) => point > high) ?? Infinity
  }
  return { letIn: furthest, refused, isSteady: false }
}

type Ends = { readonly isLowIn: boolean; readonly isHighOut: boolean }

/** Both ends, each twice in a row, so that two gateways that take turns are not taken for one with that edge. */
const confirmEnds = async ({ letIn, refused }: Edge, isLetIn: Ask): Promise<Ends | undefined> => {
  let ends: Ends = { isLowIn: true, isHighOut: true }
  for (const end of [letIn, letIn, refused, refused]) {
    // That what has not ended is let in, the controls show.
    if (end === 0 || end === Infinity) continue
    const isIn = await isLetIn(end)
    if (isIn === undefined) return undefined
    if (end === letIn && !isIn) ends = { ...ends, isLowIn: false }
    if (end === refused && isIn) ends = { ...ends, isHighOut: false }
  }
  return ends
}
