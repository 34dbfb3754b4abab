import { parentOf, stepsOf } from './pointer.ts'

/** A change to a faulty value that lets the rest of it be checked; `at` is a JSON Pointer. */
export type Repair =
  | { readonly kind: 'rename'; readonly at: string; readonly from: string; readonly to: string }
  | { readonly kind: 'add'; readonly at: string; readonly key: string; readonly value: unknown }
  | { readonly kind: 'remove'; readonly at: string }

/** A copy of the value with the repairs made; null where nothing is left of it. */
export const mend = (value: unknown, repairs: readonly Repair[]): unknown =>
  repairs.some(({ kind, at }) => kind === 'remove' && removable(value, at) === '')
    ? null
    : repairs.reduce(repair, structuredClone(value))

/**
 * What goes when a node goes: itself, or the list that it is an item of, since the items behind it would take other
 * positions.
 */
export const removable = (value: unknown, at: string): string => {
  const parent = parentOf(at)
  return at !== '' && Array.isArray(nodeAt(value, parent)) ? removable(value, parent) : at
}

const repair = (value: unknown, change: Repair): unknown => {
  const at = change.kind === 'remove' ? removable(value, change.at) : change.at
  const node = nodeAt(value, change.kind === 'remove' ? parentOf(at) : at)
  if (!isMembers(node)) return value
  if (change.kind === 'add') node[change.key] = structuredClone(change.value)
  if (change.kind === 'remove') Reflect.deleteProperty(node, stepsOf(at).at(-1) ?? '')
  if (change.kind === 'rename' && Object.hasOwn(node, change.from)) {
    node[change.to] = node[change.from]
    Reflect.deleteProperty(node, change.from)
  }
  return value
}

const nodeAt = (value: unknown, at: string): unknown =>
  stepsOf(at).reduce<unknown>((node, step) => {
    if (Array.isArray(node)) return node[Number(step)]
    return isMembers(node) && Object.hasOwn(node, step) ? node[step] : undefined
  }, value)

const isMembers = (node: unknown): node is Record<string, unknown> =>
  typeof node === 'object' && node !== null && !Array.isArray(node)

/** The repair for a key that is missing: an example of the schema's stands in, or its parent goes. */
export const supply = (at: string, key: string, example: unknown): Repair =>
  example === undefined ? { kind: 'remove', at } : { kind: 'add', at, key, value: example }
