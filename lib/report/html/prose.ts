import { paragraphsOf, proseParts } from '../prose.ts'
import { html, type Html } from './markup.ts'

/** A sentence, what stands between backticks set as code. */
export const renderProse = (sentence: string): Html =>
  html`${proseParts(sentence).map(({ kind, text }) => (kind === 'code' ? html`<code>${text}</code>` : html`${text}`))}`

/** A longer text, in paragraphs. */
export const renderParagraphs = (text: string): readonly Html[] =>
  paragraphsOf(text).map((paragraph) => html`<p>${renderProse(paragraph)}</p>`)
