import Type from 'typebox'

/** Any JSON value in which an object whose first key begins with `$` is a tagged value (forge/value.ts). */
export const Value = Type.Unknown()
