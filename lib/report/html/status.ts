import type { Status } from '../../judge/verdict.ts'
import { statusMarks } from '../describe.ts'
import { html, type Html } from './markup.ts'

/** A verdict as a small label: sign, word and colour. */
export const statusLabel = (status: Status | 'waived'): Html => {
  const { glyph, word } = status === 'waived' ? { glyph: '∼', word: 'waived' } : statusMarks[status]
  return html`<span class="status ${status}"><span aria-hidden="true">${glyph}</span> ${word}</span>`
}
