import { Option, type Command } from 'commander'
import { importKinds } from '../import/kinds.ts'
import type { InitOptions } from './init.ts'
import { list } from './option-values.ts'
import type { Terminal } from './terminal.ts'

/** The options of `gateproof init`, and its help. */
export const initCommand = (init: Command, terminal: Terminal, end: (code: number) => void): void => {
  init
    .argument('[file]', 'the configuration of the gateway, for --from')
    .addOption(new Option('--from <kind>', 'what the file is').choices(importKinds))
    .option('--url <url>', 'where the gateway is; without --from it is looked at, without any credential')
    .option('--out <file>', 'what is written', 'gateproof.yaml')
    .option('--force', 'overwrite files that are there')
    .option('--path <paths>', 'paths to look at (comma-separated)', list)
    .option('--protected <path>', 'a path that any good token gets into')
    .option('--public <path>', 'a path that needs no token')
    .option('--scoped <path-and-scope>', 'a path that asks for a scope: "/orders orders.read"')
    .option('--issuer <issuer>', 'the issuer of good tokens; its metadata and keys are looked up')
    .option('--audience <audiences>', 'their audience (comma-separated)', list)
    .option('--algorithms <names>', 'their algorithms (comma-separated)', list)
    .addHelpText(
      'after',
      `
gateproof init --from envoy envoy.yaml     reads the gateway's own configuration
gateproof init --url https://gw.example    looks at the gateway, and asks on a
                                           terminal what it does not show
`,
    )
    .action(async (file: string | undefined, options: InitOptions) =>
      end(await (await import('./init.ts')).init(file, options, terminal)),
    )
}
