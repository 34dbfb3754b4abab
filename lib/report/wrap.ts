import { visible } from './escape.ts'

export type Ink = 'bold' | 'dim' | 'red' | 'green' | 'yellow'

/** How a terminal is written to. */
export type Style = {
  readonly width: number
  readonly paint: (ink: Ink, text: string) => string
  /** A table's lines; its first column takes the room that the others leave. */
  readonly table: (head: readonly string[], rows: readonly (readonly string[])[]) => readonly string[]
}

/**
 * Breaks a text into lines of at most so many columns, between words where it can. The text is made safe first, so
 * that a stranger's line break can't begin a line of its own.
 */
export const wrap = (text: string, width: number): readonly string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of visible(text)
    .split(/ +/)
    .flatMap((each) => chop(each, width))) {
    if (line !== '' && lengthOf(line) + 1 + lengthOf(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

/** A text in lines that begin with so many spaces. */
export const indented = (text: string, by: number, width: number): readonly string[] =>
  wrap(text, width - by).map((line) => ' '.repeat(by) + line)

/** Shortens a text, made safe first, to so many columns. */
export const fit = (text: string, width: number): string => {
  const characters = Array.from(visible(text))
  return characters.length <= width ? characters.join('') : `${characters.slice(0, width - 1).join('')}…`
}

const lengthOf = (text: string): number => Array.from(text).length

const chop = (word: string, width: number): readonly string[] => {
  const characters = Array.from(word)
  const pieces = Array.from({ length: Math.ceil(characters.length / width) }, (_, at) =>
    characters.slice(at * width, (at + 1) * width).join(''),
  )
  return pieces
}
