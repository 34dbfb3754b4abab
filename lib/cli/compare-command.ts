import { Option, type Command } from 'commander'
import type { CompareFormat, CompareOptions } from './compare.ts'
import { list, percentage } from './option-values.ts'
import type { Terminal } from './terminal.ts'

/** The arguments and options of `gateproof compare`. */
export const compareCommand = (compare: Command, terminal: Terminal, end: (code: number) => void): void => {
  compare
    .argument('<file...>', 'report.json files')
    .option(
      '--baseline <files>',
      'earlier runs that the others must not be worse than (comma-separated)',
      list,
    )
    .option('--tolerance <percent>', 'how much worse a measured value may be', percentage, 10)
    .addOption(
      new Option('--format <format>', 'the format on stdout, or of the file in --out').choices(
        compareFormats,
      ),
    )
    .option('--out <dir>', 'write compare.html and compare.md into this folder')
    .addHelpText(
      'after',
      `
With --baseline: exit 1 where a run is worse beyond noise, 2 where that cannot
be told. Of several baselines the first is for the verdicts, all are for noise.
`,
    )
    .action(async (files: readonly string[], options: CompareOptions) =>
      end(await (await import('./compare.ts')).compare(files, options, terminal)),
    )
}

const compareFormats = ['html', 'markdown', 'terminal'] as const satisfies readonly CompareFormat[]
