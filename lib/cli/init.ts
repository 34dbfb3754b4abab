import { existsSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { readNamed } from '../config/source.ts'
import { blanksIn } from '../import/blank.ts'
import { completed, type Known } from '../import/complete.ts'
import { draft, type Draft } from '../import/draft.ts'
import type { Found } from '../import/found.ts'
import { importers, importText } from '../import/import.ts'
import { importKinds, type ImportKind } from '../import/kinds.ts'
import { visibleLines } from '../report/escape.ts'
import { look } from './look.ts'
import { UsageError, type Terminal } from './terminal.ts'

export type InitOptions = {
  readonly from?: ImportKind
  readonly out: string
  readonly force?: boolean
  readonly url?: string
  readonly path?: readonly string[]
  readonly protected?: string
  readonly public?: string
  /** `PATH SCOPE`. */
  readonly scoped?: string
  readonly issuer?: string
  readonly audience?: readonly string[]
  readonly algorithms?: readonly string[]
}

/** `gateproof init`: writes a configuration from a gateway's own, or from what a gateway shows and the user says. */
export const init = async (
  file: string | undefined,
  options: InitOptions,
  terminal: Terminal,
): Promise<number> => {
  if (options.url !== undefined) checkUrl(options.url)
  const made =
    options.from === undefined
      ? await fromGateway(file, options, terminal)
      : fromFile({ kind: options.from, file }, options, terminal)
  if (typeof made === 'number') return made
  write(made, options, terminal)
  const blanks = blanksIn(made.text)
  const questions = [...made.text.matchAll(/# (\? .*)$/gm)].map(([, question]) => question ?? '')
  terminal.err(
    visibleLines(
      [
        ...(blanks.length === 0 ? [] : [`still to be filled in: ${blanks.join(', ')}`]),
        ...questions.map((question) => `  ${question}`),
        `then: gateproof test -c ${options.out}`,
        '',
      ].join('\n'),
    ),
  )
  return 0
}

const fromFile = (
  { kind, file }: { readonly kind: ImportKind; readonly file: string | undefined },
  options: InitOptions,
  terminal: Terminal,
): Draft => {
  const { title, reads, exportKind } = importers[kind]
  if (file === undefined) throw new UsageError(`--from ${kind} needs a file: ${reads}`)
  const found = importText(kind, file, readNamed(file, resolve(terminal.cwd, file)))
  return draft(completed(found, knownOf(options)), {
    head: heading(`${title}, read from ${basename(file)}`),
    name: basename(options.out),
    ...(options.url !== undefined && { url: options.url }),
    ...(exportKind !== undefined && { exportKind }),
  })
}

const fromGateway = async (
  file: string | undefined,
  options: InitOptions,
  terminal: Terminal,
): Promise<Draft | number> => {
  if (file !== undefined) throw new UsageError(`say what ${file} is: --from ${importKinds.join(' | ')}`)
  const { ask } = terminal
  const url = options.url ?? (await ask?.('Where is the gateway, with the path that its routes begin at? '))
  if (terminal.signal.aborted) return 130
  if (url === undefined || url === '')
    throw new UsageError('say where the gateway is (--url URL), or what to read (--from KIND FILE)')
  checkUrl(url)
  const seen: Found | number = await look(url, { known: knownOf(options), paths: options.path }, terminal)
  if (typeof seen === 'number') return seen
  return draft(seen, {
    head: heading(`The gateway at ${new URL(url).host}, as it answered`),
    name: basename(options.out),
    url,
  })
}

const checkUrl = (url: string): void => {
  const parsed = /^https?:\/\/[^/?#]/.test(url) && URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined) throw new UsageError(`${url} is no URL that begins with http:// or https://`)
  if (parsed.search !== '' || parsed.hash !== '' || parsed.username !== '' || parsed.password !== '')
    throw new UsageError('the URL of the gateway has no query, no fragment, no user name and no password')
}

const knownOf = (options: InitOptions): Known => {
  const [path, scope, more] = options.scoped?.trim().split(/\s+/) ?? []
  if (options.scoped !== undefined && (path === undefined || scope === undefined || more !== undefined))
    throw new UsageError('--scoped takes a path and a scope: --scoped "/orders orders.read"')
  return {
    ...(options.protected !== undefined && { protectedPath: options.protected }),
    ...(options.public !== undefined && { publicPath: options.public }),
    ...(path !== undefined && scope !== undefined && { scoped: { path, scope } }),
    ...(options.issuer !== undefined && { issuer: options.issuer }),
    audiences: options.audience ?? [],
    algorithms: options.algorithms ?? [],
  }
}

const heading = (what: string): readonly string[] => [
  `${what}. Lines with \`# ?\` ask what could not be told; while a`,
  '${FILL_IN_…} stands here, gateproof refuses this file and names its line.',
]

/** Nothing is written where one of the files is there already. */
const write = ({ text, keyFiles }: Draft, options: InitOptions, terminal: Terminal): void => {
  const out = resolve(terminal.cwd, options.out)
  const files = [
    { path: out, content: text },
    ...keyFiles.map(({ name, keys }) => ({
      path: join(dirname(out), name),
      content: `${JSON.stringify({ keys }, null, 2)}\n`,
    })),
  ]
  const there = files.find(({ path }) => existsSync(path))
  if (there !== undefined && options.force !== true)
    throw new UsageError(`${relative(terminal.cwd, there.path)} is there already; --force overwrites it`)
  for (const { path, content } of files) {
    writeFileSync(path, content, { flag: options.force === true ? 'w' : 'wx' })
    terminal.out(`${relative(terminal.cwd, path)}\n`)
  }
}
