import { Option, type Command } from 'commander'
import { trustKinds } from '../import/kinds.ts'
import type { ExportOptions } from './keys-export.ts'
import type { Terminal } from './terminal.ts'

/** The commands of `gateproof keys`, and their help. */
export const keysCommands = (keys: Command, terminal: Terminal, end: (code: number) => void): void => {
  keys
    .command('make')
    .description('make a private JWK Set for `tokens.keys`')
    .option('--alg <algorithm>', 'its JWS algorithm', 'RS256')
    .option('--kid <id>', 'its key id', 'gateproof')
    .option('--out <file>', 'where to write it (readable by you alone)', 'private.jwks.json')
    .exitOverride()
    .action(async (options: { alg: string; kid: string; out: string }) =>
      end(await (await import('./keys.ts')).makeKeys(options, terminal)),
    )
  keys
    .command('show')
    .description('print the public half of a private key set, ready for a gateway')
    .argument('<file>', 'a private JWK Set, or an IDCS-shaped public one')
    .addOption(new Option('--as <form>', 'the form').choices(['jwks', 'pem', 'oci']).default('jwks'))
    .exitOverride()
    .action(async (file: string, options: { as: 'jwks' | 'pem' | 'oci' }) =>
      end((await import('./keys.ts')).showKeys(file, options, terminal)),
    )
  keys
    .command('export')
    .description('print what a gateway needs to trust the public half of a key, ready to paste')
    .argument(
      '[file]',
      'a JWK Set, private, public or as IDCS shows it; - is standard input',
      'private.jwks.json',
    )
    .addOption(
      new Option('--for <kind>', 'the gateway, or the form').choices(trustKinds).makeOptionMandatory(),
    )
    .option('--kid <id>', 'this key of the set alone')
    .option('--issuer <issuer>', 'the issuer of its tokens, by which Kong finds the key')
    .exitOverride()
    .action(async (file: string, options: ExportOptions) =>
      end((await import('./keys-export.ts')).exportKeys(file, options, terminal)),
    )
}
