/** JSON Pointers (RFC 6901) name the nodes of a document: in faults, in positions and in what ajv reports. */

/** The pointer of a member or an item of the node that `pointer` names. */
export const child = (pointer: string, key: string | number): string =>
  `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`

/** The keys on the way from the root, unescaped. */
export const stepsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))

/** The pointer of the node above; the root is its own parent. */
export const parentOf = (pointer: string): string => pointer.slice(0, Math.max(0, pointer.lastIndexOf('/')))

/** Is it the node that `ancestor` names, or one below it? */
export const isWithin = (pointer: string, ancestor: string): boolean =>
  pointer === ancestor || pointer.startsWith(`${ancestor}/`)

/** As people write it: `target.routes.others[0].path`; the root is empty. */
export const dotted = (pointer: string): string =>
  stepsOf(pointer).reduce((path, step) => {
    if (/^\d+$/.test(step)) return `${path}[${step}]`
    return path === '' ? step : `${path}.${step}`
  }, '')
