import type { Target } from '../config/config.ts'
import { openExchange } from '../exchange/exchange.ts'
import { completed, type Known } from '../import/complete.ts'
import type { Found, FoundProvider } from '../import/found.ts'
import { probeIssuer } from '../import/probe-issuer.ts'
import { probeRoutes, type Seen } from '../import/probe.ts'
import { visible } from '../report/escape.ts'
import type { Terminal } from './terminal.ts'

type Given = { readonly known: Known; readonly paths: readonly string[] | undefined }

/** Looks at a gateway without a credential and asks what it does not show; an exit code where that comes to nothing. */
export const look = async (
  url: string,
  { known, paths }: Given,
  terminal: Terminal,
): Promise<Found | number> => {
  const target = targetOf(new URL(url))
  const asked = paths ?? listOf(await ask(terminal, 'Paths below it to look at', usual.join(', ')))
  const named = [known.protectedPath, known.publicPath, known.scoped?.path].flatMap((path) => path ?? [])
  const seen = await see(target, [...named, ...asked], terminal)
  if (isStopped(terminal)) return 130
  if (seen.unreachable !== undefined) {
    terminal.err(`gateproof: ${visible(url)} can’t be reached: ${visible(seen.unreachable)}\n`)
    return 2
  }
  for (const note of seen.notes) terminal.err(`${visible(note)}\n`)
  const routes = await askRoutes(seen, known, terminal)
  const { provider, notes } = await askPolicy(known, terminal)
  if (isStopped(terminal)) return 130
  const found: Found = {
    basePath: target.basePath,
    routes: seen.routes,
    credentials: credentialsOf(seen),
    providers: provider === undefined ? [] : [provider],
    notes: [...seen.notes, ...notes],
    questions: [],
  }
  // The issuer’s own spelling goes before the user’s.
  const { issuer: _, ...rest } = known
  return completed(found, { ...rest, ...routes })
}

const isStopped = ({ signal }: Terminal): boolean => signal.aborted

/** Looked at where the user names none. */
const usual = ['/', '/health', '/healthz', '/status', '/ping', '/hello']

const timeoutMs = 5_000

const targetOf = (url: URL): Target => ({
  name: url.host,
  origin: url.origin,
  basePath: url.pathname.replace(/\/+$/, ''),
  routes: { protected: { path: '/', method: 'GET', methodDeclared: false, headers: [] }, others: [] },
  credentials: [{ in: 'header', name: 'Authorization', scheme: 'Bearer' }],
  proxy: { kind: 'environment' },
  http: 'auto',
  tls: { insecure: false },
  headers: [],
  timeoutMs,
  pace: { concurrency: 1 },
  unsafeMethods: false,
  hooks: {},
})

const see = async (target: Target, paths: readonly string[], terminal: Terminal): Promise<Seen> => {
  const exchanger = openExchange(target, { now: () => terminal.now(), environment: terminal.env })
  try {
    const absent = `/gateproof-${terminal.random(6).toString('hex')}`
    return await probeRoutes(exchanger, target.basePath, { paths: paths.slice(0, 50), absent })
  } finally {
    await exchanger.close()
  }
}

/** Without a terminal nobody answers, and what is usual stands. */
const ask = async (terminal: Terminal, question: string, usual = ''): Promise<string> => {
  if (terminal.ask === undefined || terminal.signal.aborted) return usual
  const answer = await terminal.ask(`${question}${usual === '' ? '' : ` [${visible(usual)}]`}: `)
  return answer === '' ? usual : answer
}

const listOf = (text: string): readonly string[] => text.split(/[\s,]+/).filter((item) => item !== '')

const askRoutes = async (
  { routes }: Seen,
  known: Known,
  terminal: Terminal,
): Promise<Pick<Known, 'protectedPath' | 'publicPath' | 'scoped'>> => {
  if (terminal.ask === undefined) return {}
  const first = (access: string): string => routes.find((route) => route.access === access)?.path ?? ''
  const guarded =
    known.protectedPath ?? (await ask(terminal, 'A path that any good token gets into', first('protected')))
  const open =
    known.publicPath ?? (await ask(terminal, 'A path that needs no token, if there is one', first('public')))
  const [path, scope] = known.scoped
    ? [known.scoped.path, known.scoped.scope]
    : listOf(await ask(terminal, 'A path that asks for a scope, and the scope, if there is one'))
  return {
    ...(guarded !== '' && { protectedPath: guarded }),
    ...(open !== '' && { publicPath: open }),
    ...(path !== undefined && scope !== undefined && { scoped: { path, scope } }),
  }
}

const askPolicy = async (
  known: Known,
  terminal: Terminal,
): Promise<{ readonly provider?: FoundProvider; readonly notes: readonly string[] }> => {
  const issuer = known.issuer ?? (await ask(terminal, 'The issuer of good tokens (`iss`)'))
  const seen =
    issuer === ''
      ? undefined
      : await probeIssuer(issuer, { tls: { insecure: false }, proxy: { kind: 'environment' }, timeoutMs })
  for (const note of seen?.notes ?? []) terminal.err(`${visible(note)}\n`)
  const audiences =
    known.audiences.length > 0 ? known.audiences : listOf(await ask(terminal, 'Their audience (`aud`)'))
  const suggested = seen?.provider.algorithms.join(', ') ?? ''
  const algorithms =
    known.algorithms.length > 0
      ? known.algorithms
      : listOf(await ask(terminal, 'Their algorithms', suggested))
  return {
    provider: { issuers: [], ...seen?.provider, audiences, algorithms },
    notes: seen?.notes ?? [],
  }
}

/** A challenge says in which scheme the token is expected (RFC 9110 section 11.6.1). */
const credentialsOf = ({ schemes }: Seen): Found['credentials'] => {
  const [scheme] = schemes
  const isToken = scheme === undefined || schemes.some((one) => one.toLowerCase() === 'bearer')
  return isToken ? [] : [{ in: 'header', name: 'Authorization', scheme }]
}
