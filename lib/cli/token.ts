import { benchCase } from './bench.ts'
import { reproduction } from './curl.ts'
import { UsageError, type Terminal } from './terminal.ts'

/** `gateproof token`: the token of a case on stdout, because it was asked for; with --curl the request around it. */
export const token = async (
  id: string,
  options: { readonly config: string; readonly curl?: boolean },
  terminal: Terminal,
): Promise<number> => {
  const { config, make } = await benchCase(id, options.config, terminal)
  const request = make()
  if (options.curl === true) {
    terminal.out(`${reproduction(request, config.target.origin)}\n`)
    return 0
  }
  const [text] = request.secrets
  if (text === undefined) throw new UsageError(`${id} sends no token; --curl shows its request`)
  terminal.out(`${text}\n`)
  return 0
}
