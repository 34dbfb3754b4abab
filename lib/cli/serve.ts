import { loadConfig } from '../config/load.ts'
import { serveFor } from './conformance.ts'
import { startEmbedded } from './embedded.ts'
import { UsageError, type Terminal } from './terminal.ts'

/** `gateproof serve`: keeps up what a configuration serves, or the embedded stack, until it is interrupted. */
export const serve = async (
  options: { readonly config: string; readonly embedded?: boolean },
  terminal: Terminal,
): Promise<number> => {
  if (options.embedded === true) {
    const { stack, keyFile } = await startEmbedded(terminal, { fixed: true, faults: [] })
    terminal.out(
      [
        `gateway   ${stack.gatewayUrl}`,
        `identity  ${stack.identityUrl}`,
        `key       ${keyFile ?? ''}`,
        'config    config/embedded.yaml tests it',
        '',
      ].join('\n'),
    )
    await untilStopped(terminal)
    await stack.close()
    return 0
  }
  const config = loadConfig(options.config, terminal)
  const served = await serveFor(config, terminal)
  const lines = [
    ...(served.keySet === undefined ? [] : [`key set   ${served.keySet.url}/.well-known/jwks.json`]),
    ...(served.upstream === undefined ? [] : [`upstream  ${served.upstream.url}`]),
    ...(served.listener === undefined ? [] : [`listener  ${served.listener.url}`]),
  ]
  if (lines.length === 0) {
    await served.stop()
    throw new UsageError(
      `${options.config} serves nothing: name serve.jwks, serve.upstream or serve.listener in it`,
    )
  }
  terminal.out(`${lines.join('\n')}\n`)
  terminal.err('until Ctrl-C\n')
  await untilStopped(terminal)
  await served.stop()
  return 0
}

const untilStopped = ({ signal }: Terminal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    // A timer keeps the process alive even where nothing else does.
    const alive = setInterval(() => undefined, 60_000)
    signal.addEventListener('abort', () => {
      clearInterval(alive)
      resolve()
    })
  })
