import { createHash } from 'node:crypto'
import { html, rawHtml, type Html } from './markup.ts'

export type Page = {
  readonly title: string
  readonly style: string
  /** Left out where the page works without one. */
  readonly script?: string
  /** The links in the line at the top. */
  readonly navigation: Html
  /** Id of the heading that a skip link leads to, and what that link says. */
  readonly skip: { readonly to: string; readonly text: string }
  readonly main: readonly Html[]
}

/**
 * A page that holds all it needs and can load nothing, because its policy allows this style sheet and this script by
 * their hashes, and nothing else.
 */
export const renderPage = ({ title, style, script, navigation, skip, main }: Page): string => {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policyOf(style, script)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${element('style', style)}
      </head>
      <body>
        <a class="skip" href="#${skip.to}">${skip.text}</a>
        <header class="top">
          <div>
            <strong>gateproof</strong>
            ${navigation}
          </div>
        </header>
        <main>${main}</main>
        ${script === undefined ? undefined : element('script', script)}
      </body>
    </html> `
  return `${page.markup.trim()}\n`
}

/** Not a space may stand between the tags and the text: the policy's hash is of all that is between them. */
const element = (name: 'style' | 'script', text: string): Html => rawHtml(`<${name}>${text}</${name}>`)

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const policyOf = (style: string, script: string | undefined): string =>
  [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    ...(script === undefined ? [] : [`script-src ${hashOf(script)}`]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
