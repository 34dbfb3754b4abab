import type { Tell } from '../config/fault-list.ts'
import { child } from '../config/pointer.ts'

/** A value in another program's document, and where to tell what is wrong with it. */
export type Node = {
  readonly value: unknown
  /** Is there a value, and not null? */
  readonly isThere: boolean
  /**
   * The member at the end of the names, each in camelCase, snake_case or kebab-case as the document has it. A list of
   * one counts as its item: so Terraform writes a block.
   */
  get(...names: readonly string[]): Node
  /** The items of a list; none where there is nothing, and where it is no list, which is told. */
  items(): readonly Node[]
  /** The members of a map; none where there is nothing, and where it is no map, which is told. */
  members(): readonly (readonly [name: string, member: Node])[]
  /** A text, or a number as one; undefined where there is nothing, and where it is neither, which is told. */
  text(): string | undefined
  /** One text or a list of them. */
  texts(): readonly string[]
  /** A number, or a text of digits as one. */
  number(): number | undefined
  flag(): boolean | undefined
  /** Tells what is wrong here, and what would be right. */
  tell(message: string, hint?: string): void
}

/** The value at a JSON Pointer of the document whose faults go to `tell`. */
export const nodeOf = (value: unknown, at: string, tell: Tell): Node => {
  const isThere = value !== undefined && value !== null
  const refuse = <Empty>(expected: string, empty: Empty): Empty => {
    if (isThere) tell(at, `expected ${expected}, and this is ${kindOf(value)}`)
    return empty
  }
  const member = (name: string): Node => {
    const key = isMap(value) ? keyOf(value, name) : undefined
    if (isMap(value) && key !== undefined) return nodeOf(value[key], child(at, key), tell)
    const [only, second] = isList(value) ? value : []
    if (isMap(only) && second === undefined) return nodeOf(only, child(at, 0), tell).get(name)
    return nodeOf(undefined, child(at, name), tell)
  }
  return {
    value,
    isThere,
    get: (...names) => {
      const [first, ...rest] = names
      return first === undefined ? nodeOf(value, at, tell) : member(first).get(...rest)
    },
    items: () =>
      isList(value) ? value.map((item, index) => nodeOf(item, child(at, index), tell)) : refuse('a list', []),
    members: () =>
      isMap(value)
        ? Object.entries(value).map(([name, item]) => [name, nodeOf(item, child(at, name), tell)] as const)
        : refuse('a map', []),
    text: () => textOf(value) ?? refuse('a text', undefined),
    texts: () => {
      const items = isList(value) ? value : isThere ? [value] : []
      const texts = items.flatMap((item) => textOf(item) ?? [])
      return texts.length === items.length ? texts : refuse('a text or a list of texts', texts)
    },
    number: () => numberOf(value) ?? refuse('a number', undefined),
    flag: () => (typeof value === 'boolean' ? value : refuse('true or false', undefined)),
    tell: (message, hint) => tell(at, message, hint),
  }
}

/** Is it a map, as JSON has them? */
export const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

/** The exact key if it is there, and else the one that differs in spelling alone. */
const keyOf = (map: Readonly<Record<string, unknown>>, name: string): string | undefined =>
  Object.hasOwn(map, name) ? name : Object.keys(map).find((key) => plain(key) === plain(name))

const plain = (key: string): string => key.replace(/[-_]/g, '').toLowerCase()

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined

const numberOf = (value: unknown): number | undefined => {
  if (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value)) return Number(value)
  return typeof value === 'number' ? value : undefined
}

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  return typeof value === 'boolean'
    ? 'true or false'
    : `a ${typeof value === 'string' ? 'text' : typeof value}`
}
