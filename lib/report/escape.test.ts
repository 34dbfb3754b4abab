import { expect, it } from 'vitest'
import { hostile } from '../../test/fixtures/report-parts.ts'
import {
  codeMarkdown,
  escapeHtml,
  escapeHtmlLines,
  escapeJson,
  escapeMarkdown,
  escapeXml,
  visible,
} from './escape.ts'

const acting = /[\p{C}\p{Zl}\p{Zp}]/u

it('writes out whatever cannot be seen', () => {
  expect(visible('a\u001b[0m\u0000\u009b\u202e\ud800\n\t\r\u{e0041}')).toBe(
    'a\\x1b[0m\\x00\\x9b\\u{202e}\\u{d800}\\n\\t\\r\\u{e0041}',
  )
})

it('leaves letters of all languages alone', () => {
  expect(visible('naïve – 日本語 🙂')).toBe('naïve – 日本語 🙂')
})

it.each([
  ['HTML', escapeHtml],
  ['XML', escapeXml],
  ['a terminal', visible],
  ['Markdown', escapeMarkdown],
  ['a code span', codeMarkdown],
])('leaves nothing that acts in %s', (_, escape) => {
  expect(escape(hostile)).not.toMatch(acting)
})

it.each([
  ['HTML', escapeHtml],
  ['XML', escapeXml],
])('leaves no mark of %s', (_, escape) => {
  expect(escape(hostile)).not.toMatch(/[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/)
})

it('keeps the lines of preformatted text', () => {
  expect(escapeHtmlLines('<a>\n\tb\r')).toBe('&lt;a&gt;\n\tb\\r')
})

it('leaves no Markdown that acts: markup, tables, HTML, mentions, references, links', () => {
  expect(escapeMarkdown('a|b `c` <b> @me #1 http://x www.x.y GH-1 **d**')).toBe(
    'a\\|b \\`c\\` &lt;b&gt; @&#8203;me \\#&#8203;1 http:&#8203;//x www.&#8203;x.y GH\\-&#8203;1 \\*\\*d\\*\\*',
  )
})

it('fences code with more backticks than are in it', () => {
  expect(codeMarkdown('a')).toBe('`a`')
  expect(codeMarkdown('a``b|c')).toBe('``` a``b\\|c ```')
  expect(codeMarkdown('')).toBe('`  `')
})

it('keeps the value of JSON text', () => {
  const text = escapeJson(JSON.stringify({ hostile, astral: '🙂\u{e0041}' }, null, 2))
  expect(text.replaceAll('\n', '')).not.toMatch(acting)
  expect(JSON.parse(text)).toEqual({ hostile, astral: '🙂\u{e0041}' })
})
