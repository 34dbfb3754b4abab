import { escapeHtml } from '../escape.ts'

/** A piece of HTML that is safe to put into a page. Only `html` and `rawHtml` make one. */
export type Html = { readonly markup: string }

type Slot = string | number | Html | readonly Html[] | undefined

/** Template tag: all that is interpolated is escaped, unless it is HTML already. `undefined` leaves nothing. */
export const html = (strings: TemplateStringsArray, ...slots: readonly Slot[]): Html => ({
  markup: strings
    .map((string) => string.replace(indentation, '\n'))
    .reduce((text, string, at) => text + fill(slots[at - 1]) + string),
})

/** The source is indented for its own readers; the page needn't carry it. */
const indentation = /\n +/g

/** Text that is HTML already. Never a stranger's. */
export const rawHtml = (markup: string): Html => ({ markup })

const fill = (slot: Slot): string => {
  if (slot === undefined) return ''
  if (typeof slot === 'string') return escapeHtml(slot)
  if (typeof slot === 'number') return String(slot)
  return 'markup' in slot ? slot.markup : slot.map((each) => each.markup).join('')
}
