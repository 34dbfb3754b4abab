import { originOf } from '../exchange/exchange.ts'
import { benchCase } from './bench.ts'
import { credentialsOf } from './credentials.ts'
import { reproduction } from './curl.ts'
import { UsageError, type Terminal } from './terminal.ts'

/**
 * `gateproof token`: the token of a case on stdout, because it was asked for; with `--all` every credential of it, with
 * `--curl` the request around them.
 */
export const token = async (
  id: string,
  options: { readonly config?: string; readonly curl?: boolean; readonly all?: boolean },
  terminal: Terminal,
): Promise<number> => {
  const { config, make } = await benchCase(id, options.config, terminal)
  const request = make()
  const credentials = credentialsOf(request)
  if (options.curl === true) {
    terminal.out(`${reproduction(request, originOf(request, config.target), credentials)}\n`)
    return 0
  }
  const texts = options.all === true ? credentials.map(({ value }) => value) : request.secrets.slice(0, 1)
  if (texts.length === 0) throw new UsageError(`${id} sends no token; --curl shows its request`)
  terminal.out(`${texts.join('\n')}\n`)
  return 0
}
