import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, parseDocument } from 'yaml'
import type { Document, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { ConfigError, type Place } from './fault.ts'
import { stepsOf } from './pointer.ts'
import { mistakesIn, type Mistake, type SyntaxError } from './yaml-mistake.ts'

/** What a YAML or JSON text holds, and where each node of it stands. */
export type Positioned = {
  readonly file: string
  readonly value: unknown
  /** Of the node that a JSON Pointer names: a scalar's own, a collection's key; else of the nearest node above it. */
  readonly place: (pointer: string) => Place
  /** Of the node's key, where it has one. */
  readonly keyPlace: (pointer: string) => Place
}

/**
 * Reads one YAML 1.2 document, of which JSON is a part. Throws a ConfigError with all that is not YAML, keys that
 * stand twice, tags, and what JSON cannot say.
 */
export const readYaml = (file: string, text: string): Positioned => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  return readDocument({ file, text, lines }, document, [...document.errors, ...document.warnings])
}

/**
 * Reads all the documents of a text that was written for another program: `!Tag value` stays, as the map
 * `{ '!Tag': value }`. Throws a ConfigError as {@link readYaml} does.
 */
export const readYamlDocuments = (file: string, text: string): readonly Positioned[] => {
  const lines = new LineCounter()
  const options = { lineCounter: lines, prettyErrors: false, logLevel: 'error' } as const
  const documents: readonly Document.Parsed[] = parseAllDocuments(text, options)
  return documents.map((document) => readDocument({ file, text, lines }, document, document.errors))
}

type Origin = { readonly file: string; readonly text: string; readonly lines: LineCounter }

const readDocument = (
  { file, text, lines }: Origin,
  document: Document,
  errors: readonly SyntaxError[],
): Positioned => {
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const refuse = (mistakes: readonly Mistake[]): void => {
    if (mistakes.length === 0) return
    throw new ConfigError(mistakes.map(({ offset, ...words }) => ({ file, ...placeAt(offset), ...words })))
  }
  refuse(mistakesIn(text, errors))
  const { value, mistakes } = plainValue(document)
  refuse(mistakes)
  const place = (pointer: string, of: 'node' | 'key'): Place => placeAt(find(document, stepsOf(pointer), of))
  return { file, value, place: (at) => place(at, 'node'), keyPlace: (at) => place(at, 'key') }
}

type Collection = YAMLMap | YAMLSeq

/** Every alias counts as what it stands for: a document of more nodes is a bomb. */
const mostNodes = 100_000

const plainValue = (document: Document): { value: unknown; mistakes: readonly Mistake[] } => {
  const mistakes: Mistake[] = []
  const around = new Set<Collection>()
  let nodes = 0

  const convert = (node: unknown): unknown => {
    nodes++
    if (nodes > mostNodes) return null
    if (isAlias(node)) {
      const target = node.resolve(document)
      if (target !== undefined && !(isCollection(target) && around.has(target))) return convert(target)
      const what =
        target === undefined ? 'an anchor that does not stand before it' : 'what it is itself a part of'
      mistakes.push({ offset: startOf(node), message: `the alias \`*${node.source}\` stands for ${what}` })
      return null
    }
    const value = isCollection(node) ? convertCollection(node) : convertScalar(node)
    const tag = foreignTag(node)
    return tag === undefined ? value : { [tag]: value }
  }
  const convertCollection = (node: Collection): unknown => {
    around.add(node)
    const value = isMap(node)
      ? Object.fromEntries(node.items.map((pair) => [convertKey(pair), convert(pair.value)]))
      : node.items.map(convert)
    around.delete(node)
    return value
  }
  const convertKey = ({ key }: Pair): string => {
    const name = keyText(key)
    if (name === undefined) mistakes.push({ offset: startOf(key), message: 'a key must be text' })
    return name ?? ''
  }
  const convertScalar = (node: unknown): unknown => {
    if (!isScalar(node)) return null
    if (typeof node.value === 'number' && !Number.isFinite(node.value))
      mistakes.push({
        offset: startOf(node),
        message: `\`${String(node.source)}\` is no number that JSON can hold`,
      })
    return node.value
  }

  const value = convert(document.contents)
  if (nodes > mostNodes)
    mistakes.push({ offset: 0, message: `its aliases make it larger than ${mostNodes} values` })
  return { value, mistakes }
}

/** A tag that is none of YAML's own; where it isn't wanted it was refused before. */
const foreignTag = (node: unknown): string | undefined =>
  (isScalar(node) || isCollection(node)) && node.tag?.startsWith('!') === true && node.tag !== '!'
    ? node.tag
    : undefined

const isCollection = (node: unknown): node is Collection => isMap(node) || isSeq(node)

/** Numbers and the like as they are written; undefined for a collection, an alias and an empty key. */
const keyText = (key: unknown): string | undefined =>
  isScalar(key) && key.value !== null
    ? typeof key.value === 'string'
      ? key.value
      : sourceOf(key)
    : undefined

const sourceOf = (scalar: Scalar): string => scalar.source ?? String(scalar.value)

const startOf = (node: unknown): number =>
  isScalar(node) || isAlias(node) || isCollection(node) ? (node.range?.[0] ?? 0) : 0

/** The offset of the node, or of its key, at the end of the steps; of the last one on the way that there is. */
const find = (document: Document, steps: readonly string[], of: 'node' | 'key'): number => {
  let node: unknown = document.contents
  let offset = startOf(node)
  for (const [index, step] of steps.entries()) {
    const collection = isAlias(node) ? node.resolve(document) : node
    const pair = isMap(collection) ? collection.items.find(({ key }) => keyText(key) === step) : undefined
    const next = pair?.value ?? (isSeq(collection) ? collection.items[Number(step)] : undefined)
    if (pair === undefined && next === undefined) return offset
    node = next
    const atKey = pair !== undefined && (!isScalar(node) || (of === 'key' && index === steps.length - 1))
    offset = startOf(atKey ? pair.key : node)
  }
  return offset
}
