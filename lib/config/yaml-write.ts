import { Document, Pair, Scalar, YAMLMap, YAMLSeq, type Node } from 'yaml'

/** What JSON can say; a collection stands on one line. */
export type Plain =
  string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain | undefined }

/** What is said of a line: comment lines above it, and one behind it. */
type Remarks = { readonly above?: readonly string[]; readonly beside?: string }

/** A key of a map in block style: with a value on its line, or a section or a list below it. */
export type Entry = Remarks & { readonly key: string } & (
    { readonly value: Plain } | { readonly section: Section } | { readonly items: Items }
  )

/** A map in block style, with the comment lines that end it. */
export type Section = { readonly entries: readonly Entry[]; readonly after?: readonly string[] }

/** A list in block style, an item a line, with the comment lines that end it. */
export type Items = {
  readonly items: readonly (Remarks & { readonly item: Plain })[]
  readonly after?: readonly string[]
}

/** A YAML document with comments. Whatever the texts hold, a comment stays one, and a value one scalar. */
export const writeYaml = (head: readonly string[], section: Section): string => {
  const document = new Document()
  const map = mapOf(section, document)
  for (const [index, pair] of map.items.entries())
    if (index > 0 && pair.key instanceof Scalar) pair.key.spaceBefore = true
  document.contents = map
  document.commentBefore = comment(head)
  return document.toString({ lineWidth: 0, singleQuote: false })
}

const mapOf = ({ entries, after }: Section, document: Document): YAMLMap => {
  const map = new YAMLMap()
  for (const entry of entries) {
    const name = new Scalar(entry.key)
    if (entry.above !== undefined && entry.above.length > 0) name.commentBefore = comment(entry.above)
    map.items.push(new Pair(name, nodeOf(entry, document)))
  }
  if (after !== undefined && after.length > 0) map.comment = comment(after)
  return map
}

const nodeOf = (entry: Entry, document: Document): Node => {
  if ('section' in entry) return mapOf(entry.section, document)
  if ('items' in entry) return listOf(entry.items, document)
  return plainNode(entry.value, entry.beside, document)
}

const plainNode = (value: Plain, beside: string | undefined, document: Document): Node => {
  const node = document.createNode(value, { flow: true, aliasDuplicateObjects: false })
  if (beside !== undefined) node.comment = comment([beside])
  return node
}

const listOf = ({ items, after }: Items, document: Document): YAMLSeq => {
  const list = new YAMLSeq()
  for (const { item, above, beside } of items) {
    const node = plainNode(item, beside, document)
    if (above !== undefined && above.length > 0) node.commentBefore = comment(above)
    list.items.push(node)
  }
  if (after !== undefined && after.length > 0) list.comment = comment(after)
  return list
}

/** A line break in a remark would end the comment, and what follows would be read. */
const comment = (lines: readonly string[]): string =>
  lines.map((line) => (line === '' ? '' : ` ${line.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?')}`)).join('\n')
