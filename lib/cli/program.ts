import { Command, InvalidArgumentError, Option } from 'commander'
import { failOnLevels, formats, type FailOn, type Format } from '../config/config.ts'
import { compareCommand } from './compare-command.ts'
import { initCommand } from './init-command.ts'
import { keysCommands } from './keys-command.ts'
import type { LoadOptions } from './load-run.ts'
import type { MergeOptions } from './merge.ts'
import type { ListOptions } from './list.ts'
import { list } from './option-values.ts'
import type { Terminal } from './terminal.ts'
import { toolVersion } from './version.ts'

/** What the commands that run against a target have in common. */
export type RunOptions = {
  readonly config: string
  readonly out?: string
  readonly format?: readonly Format[]
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly failOn: FailOn
  readonly quiet?: boolean
  readonly risky?: boolean
}

/**
 * The command line, its help and its options. Each command's code is loaded when it runs, so that help costs nothing.
 * `end` takes the exit code of the command that ran.
 */
export const createProgram = (terminal: Terminal, end: (code: number) => void): Command => {
  const program = new Command('gateproof')
    .description(
      'Conformance tests and load tests for API gateways that protect APIs with OAuth 2.0 access tokens.',
    )
    .version(toolVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError('(see gateproof --help)')
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
    })
    .configureHelp({ showGlobalOptions: false })
    .addHelpText(
      'after',
      `\nFirst steps: gateproof demo, then gateproof test -c gateproof.yaml.\n${exitHelp}`,
    )
  const add = (spec: string, description: string) => {
    const command = program.command(spec).description(description)
    return command.helpOption('-h, --help', 'print this help').exitOverride()
  }

  runOptions(add('demo', 'test and load the embedded gateway and identity domain'), { config: false })
    .option('--fault <names>', 'make the embedded gateway wrong in these ways (comma-separated)', list)
    .action(async (options: RunOptions & { fault?: readonly string[] }) =>
      end(await (await import('./demo.ts')).demo(options, terminal)),
    )
  runOptions(add('test', 'send the cases at a gateway, and judge every answer'), { config: true }).action(
    async (options: RunOptions) => end(await (await import('./test.ts')).test(options, terminal)),
  )
  loadCommand(add('load', 'measure throughput and what token validation costs'), terminal, end)
  mergeCommand(add('merge', 'join the reports of the shards of one load run'), terminal, end)
  add('list', 'list the cases')
    .argument('[filter...]', 'topics, requirements, cases')
    .option('-c, --config <file>', 'a configuration, for --plan')
    .option('--plan', 'how many of them apply to the target, and what would unlock the rest')
    .option('--verbose', 'with --plan: what each case lacks that does not run')
    .action(async (filter: readonly string[], options: ListOptions) =>
      end(await (await import('./list.ts')).list(filter, options, terminal)),
    )
  add('explain', 'explain a case: the requirement, what is sent, what is expected, how to repeat it')
    .argument('<case>', 'a case, or CASE/VARIANT')
    .option('-c, --config <file>', 'for which target (default: gateproof.yaml, else the embedded stack)')
    .action(async (id: string, options: { config?: string }) =>
      end(await (await import('./explain.ts')).explain(id, options, terminal)),
    )
  add('token', 'print the token of a case, or with --curl its request')
    .argument('<case>', 'a case, or CASE/VARIANT')
    .option('-c, --config <file>', 'for which target (default: gateproof.yaml, else the embedded stack)')
    .option('--curl', 'the request as a curl command that reads the token from $TOKEN')
    .option('--all', 'every credential of the case, a line each, in the order in which explain names them')
    .action(async (id: string, options: { config?: string; curl?: boolean; all?: boolean }) =>
      end(await (await import('./token.ts')).token(id, options, terminal)),
    )
  initCommand(add('init', 'write a gateproof.yaml for your gateway'), terminal, end)
  keysCommands(add('keys', 'make, show and convert signing keys'), terminal, end)
  add('serve', 'keep the key set, the upstream and the listener of a configuration up until Ctrl-C')
    .option('-c, --config <file>', 'the configuration', 'gateproof.yaml')
    .option('--embedded', 'the embedded gateway and identity domain instead')
    .action(async (options: { config: string; embedded?: boolean }) =>
      end(await (await import('./serve.ts')).serve(options, terminal)),
    )
  add('report', 'render a report.json in another format')
    .argument('<file>', 'a report.json')
    .addOption(
      new Option('--format <format>', 'the format').choices([...formats, 'terminal']).default('terminal'),
    )
    .action(async (file: string, options: { format: Format | 'terminal' }) =>
      end((await import('./report.ts')).report(file, options, terminal)),
    )
  compareCommand(add('compare', 'set reports side by side, or a run against a baseline'), terminal, end)
  return program
}

const exitHelp = `
Exit codes: 0 conformant · 1 a finding, a misjudged request or a crossed threshold
            2 could not tell · 64 usage or configuration · 70 a bug · 130 interrupted
`

const runOptions = (command: Command, { config }: { config: boolean }): Command => {
  if (config) command.option('-c, --config <file>', 'the configuration', 'gateproof.yaml')
  return command
    .option('--out <dir>', 'the folder of the report')
    .option(
      '--format <formats>',
      `formats of the report: ${formats.join(', ')} (comma-separated)`,
      formatList,
    )
    .option(
      '--include <names>',
      'only these topics, requirements, cases, CASE/VARIANT (comma-separated, repeatable)',
      lists,
    )
    .option('--exclude <names>', 'all but these', lists)
    .addOption(
      new Option('--fail-on <level>', 'what counts as a failure').choices(failOnLevels).default('must'),
    )
    .option('--risky', 'send also what may harm the target: floods, bombs, sleeps, smuggling')
    .option('--quiet', 'no progress and no summary')
}

const loadCommand = (load: Command, terminal: Terminal, end: (code: number) => void): void => {
  runOptions(load, { config: true })
    .option('--shard <i/n>', 'this process is one of n that share the load, counted from 0: 0/8 to 7/8')
    .option('--start-at <time>', 'when to begin: an ISO 8601 time with zone, or seconds since the epoch')
    .option(
      '--abort-on <expression>',
      'end as soon as this holds, such as "errors > 5%" (repeatable)',
      append,
    )
    .option('--cases', 'run the load cases of the suites instead of the phases of the configuration')
    .option('--token-cache <dir>', 'keep the signed tokens there for the next run, readable by you alone')
    .action(async (options: LoadOptions) => {
      const command = ['gateproof', ...(load.parent?.args ?? ['load'])].map(quoted).join(' ')
      end(await (await import('./load.ts')).load({ ...options, command }, terminal))
    })
}

/** An option that is given twice names what both say. */
const lists = (text: string, before: readonly string[] = []): readonly string[] => [...before, ...list(text)]

const append = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]

/** As a shell would read it back. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`

const mergeCommand = (merge: Command, terminal: Terminal, end: (code: number) => void): void => {
  merge
    .argument('<file...>', 'report.json of every shard')
    .option('--out <dir>', 'the folder of the joint report', 'reports')
    .option('--format <formats>', `formats: ${formats.join(', ')} (comma-separated)`, formatList)
    .addOption(
      new Option('--fail-on <level>', 'what counts as a failure').choices(failOnLevels).default('must'),
    )
    .option('--quiet', 'no summary')
    .action(async (files: readonly string[], options: MergeOptions) =>
      end(await (await import('./merge.ts')).merge(files, options, terminal)),
    )
}

const isFormat = (name: string): name is Format => formats.some((format) => format === name)

const formatList = (text: string): readonly Format[] => {
  const names = list(text)
  const known = names.filter(isFormat)
  if (known.length === 0 || known.length < names.length)
    throw new InvalidArgumentError(`Formats are ${formats.join(', ')}.`)
  return known
}
