export type Prose = { readonly kind: 'text' | 'code'; readonly text: string }

/** Parts a sentence at its backticks: between a pair of them stands what is to be read letter by letter. */
export const proseParts = (sentence: string): readonly Prose[] =>
  sentence
    .split(/`([^`\n]+)`/)
    .map((text, at): Prose => ({ kind: at % 2 === 0 ? 'text' : 'code', text }))
    .filter(({ text }) => text !== '')

/** The paragraphs of a text, each on a line: where its source breaks lines within one means nothing. */
export const paragraphsOf = (text: string): readonly string[] =>
  text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim().replace(/\s+/g, ' '))
    .filter((paragraph) => paragraph !== '')
