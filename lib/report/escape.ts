/**
 * Makes a stranger's text safe to show. What cannot be seen (control characters, direction and format marks, lone
 * surrogates, unassigned code points) is written out as `\x1b` or `\u{202e}`, so that it neither acts nor hides. All
 * that a terminal or a log needs.
 */
export const visible = (text: string): string => text.replace(unseen, spell)

/** Like `visible`, but line breaks and tabs stay what they are. */
export const visibleLines = (text: string): string =>
  text.replace(unseen, (character) =>
    character === '\n' || character === '\t' ? character : spell(character),
  )

const unseen = /[\p{C}\p{Zl}\p{Zp}]/gu

const spell = (character: string): string => {
  if (character === '\n') return '\\n'
  if (character === '\r') return '\\r'
  if (character === '\t') return '\\t'
  const code = character.codePointAt(0) ?? 0
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const withEntities = (text: string): string => text.replace(/[&<>"']/g, (mark) => entities[mark] ?? mark)

/** For an HTML text or a quoted attribute, on one line. */
export const escapeHtml = (text: string): string => withEntities(visible(text))

/** For preformatted HTML text: line breaks and tabs stay. */
export const escapeHtmlLines = (text: string): string => withEntities(visibleLines(text))

/** For an XML 1.0 attribute; characters that XML cannot hold (section 2.2) are written out. */
export const escapeXml = (text: string): string => withEntities(visible(text))

/** For XML 1.0 character data: line breaks and tabs stay. */
export const escapeXmlLines = (text: string): string => withEntities(visibleLines(text))

/**
 * For a line of GitHub-flavoured Markdown, a table's cell too: no markup, no HTML, and no mention, issue reference
 * or autolink, which act even where there is no markup (a zero-width space breaks them).
 */
export const escapeMarkdown = (text: string): string =>
  visible(text)
    .replace(/[\\`*_{}[\]()#+!|~=-]/g, '\\$&')
    .replace(/[&<>]/g, (mark) => entities[mark] ?? mark)
    .replace(/@|\\#|:(?=\/\/)|(?<=www)\.|(?<=gh\\-)/gi, '$&&#8203;')

/** For a code span of Markdown, in a table's cell too: its fence is longer than any run of backticks in the text. */
export const codeMarkdown = (text: string): string => {
  const shown = visible(text).replaceAll('|', '\\|')
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = longest > 0 || shown === '' ? ' ' : ''
  return `${fence}${pad}${shown}${pad}${fence}`
}

/** For JSON text that people may print: what cannot be seen becomes an escape, so the value stays what it was. */
export const escapeJson = (json: string): string =>
  // Nearly all of a report is plain, and the classes of Unicode are slow to ask.
  json.replace(/[^\n\x20-\x7e]+/g, (run) =>
    run.replace(unseen, (character) =>
      Array.from({ length: character.length }, (_, at) => unit(character.charCodeAt(at))).join(''),
    ),
  )

const unit = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`
