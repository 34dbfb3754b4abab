import type * as OidcProvider from 'oidc-provider'

export type Library = typeof OidcProvider

let loading: Promise<Library> | undefined

/** The OAuth library, loaded when the first domain starts, since it is heavy. */
export const loadLibrary = (): Promise<Library> => (loading ??= importQuietly())

/**
 * On Node.js 20 the library prints when loaded that its author supports later releases. What we use of it is tested
 * there, and whoever tests a gateway cannot act on the advice. Whatever else is printed meanwhile still is.
 */
async function importQuietly(): Promise<Library> {
  const { warn } = console
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).includes('oidc-provider WARNING: Unsupported runtime')) warn(...words)
  }
  try {
    return await import('oidc-provider')
  } finally {
    console.warn = warn
  }
}
