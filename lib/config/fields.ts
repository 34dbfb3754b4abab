import Type from 'typebox'

/** Building blocks of the schemas. What `patternErrorMessage` says is also what an editor shows. */

export const closed = { additionalProperties: false } as const

type Extra = { readonly default?: unknown; readonly examples?: readonly unknown[] }

/** A text that is not empty. */
export const text = (description: string, extra: Extra = {}) =>
  Type.String({ minLength: 1, description, ...extra })

/** A list of texts that are not empty. */
export const texts = (description: string, extra: Extra & { readonly minItems?: number } = {}) =>
  Type.Array(Type.String({ minLength: 1 }), { description, ...extra })

/** The name of a file; relative to the configuration. */
export const file = (description: string, extra: Extra = {}) =>
  text(`${description}; a path, relative to this file`, extra)

/** One text or a list of them. */
export const oneOrMore = (description: string, extra: Extra = {}) =>
  Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })], {
    description,
    ...extra,
  })

/** The values of {@link oneOrMore}, none where it is left out. */
export const asList = <Item>(value: Item | readonly Item[] | undefined): readonly Item[] =>
  value === undefined ? [] : isList(value) ? value : [value]

const isList = <Item>(value: Item | readonly Item[]): value is readonly Item[] => Array.isArray(value)

/** A name of a header field (RFC 9110 section 5.1). */
export const fieldName = (description: string, extra: Extra = {}) =>
  Type.String({
    pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
    patternErrorMessage: 'expected the name of a header, such as x-env',
    description,
    ...extra,
  })

/** Does the list have a first item? */
export const isFilled = <Item>(list: readonly Item[]): list is readonly [Item, ...Item[]] => list.length > 0
