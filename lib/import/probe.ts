import { headersOf, type Answer, type Answered } from '../exchange/answer.ts'
import { originForm, type Exchanger } from '../exchange/exchange.ts'
import { paramOf, readChallenges, type Challenge } from '../judge/challenge.ts'
import { quote } from '../judge/quote.ts'
import type { FoundRoute } from './found.ts'

/** What a gateway answers to requests without any credential. */
export type Seen = {
  readonly routes: readonly FoundRoute[]
  /** The schemes and parameters of its challenges, and what its answers say otherwise, each a line. */
  readonly notes: readonly string[]
  /** The authentication schemes that it challenges with, each once. */
  readonly schemes: readonly string[]
  /** Why nothing is known: no answer came at all. */
  readonly unreachable?: string
}

/**
 * Sends one GET a path, and nothing that could authenticate. `absent` is a path that no route has: where the gateway
 * refuses that too, a refusal shows no route.
 */
export const probeRoutes = async (
  exchanger: Pick<Exchanger, 'send'>,
  basePath: string,
  { paths, absent }: { readonly paths: readonly string[]; readonly absent: string },
): Promise<Seen> => {
  const sights: Sight[] = []
  for (const path of [...new Set([...paths, absent])]) {
    const answer = await exchanger.send(requestOf(originForm({ basePath }, path)))
    if (answer.kind === 'lost' && answer.loss === 'unreachable')
      return { routes: [], notes: [], schemes: [], unreachable: answer.detail }
    sights.push({ path, answer })
  }
  const asked = sights.filter(({ path }) => path !== absent)
  const refusesAll = sights.some(({ path, answer }) => path === absent && accessOf(answer) === 'protected')
  return {
    routes: asked.flatMap(({ path, answer }) => {
      const access = accessOf(answer)
      return access === undefined ? [] : [{ path, matches: 'itself', access }]
    }),
    notes: [
      ...asked.map(inWords),
      ...(refusesAll ? ['? A path that is no route was refused as well: which of these are routes?'] : []),
    ],
    schemes: [...new Set(asked.flatMap(({ answer }) => challengesOf(answer).map(({ scheme }) => scheme)))],
  }
}

type Sight = { readonly path: string; readonly answer: Answer }

const requestOf = (target: string) =>
  ({ method: 'GET', target, headers: [], version: '1.1', raw: false, secrets: [] }) as const

const accessOf = (answer: Answer): 'protected' | 'public' | undefined => {
  if (answer.kind === 'lost') return undefined
  if (answer.status === 401 || answer.status === 403) return 'protected'
  return answer.status >= 200 && answer.status < 300 ? 'public' : undefined
}

const inWords = ({ path, answer }: Sight): string => {
  if (answer.kind === 'lost') return `${path}: no answer (${answer.loss})`
  const elsewhere = answer.status >= 300 && answer.status < 400 ? ', sent elsewhere: perhaps to log in' : ''
  const challenges = challengesOf(answer).map(challengeText)
  return `${path}: ${answer.status}${elsewhere}${challenges.length === 0 ? '' : `, challenge ${challenges.join('; ')}`}`
}

const challengesOf = (answer: Answer): readonly Challenge[] =>
  answer.kind === 'lost' ? [] : readChallenges(wwwAuthenticate(answer)).challenges.slice(0, 4)

const wwwAuthenticate = (answer: Answered): readonly string[] => headersOf(answer, 'www-authenticate')

/** What a client is told to do; `resource_metadata` is that of RFC 9728 section 5.1. */
const challengeText = (challenge: Challenge): string => {
  const said = ['realm', 'error', 'scope', 'resource_metadata'].flatMap((name) => {
    const value = paramOf(challenge, name)
    return value === undefined ? [] : [`${name}=${quote(value)}`]
  })
  return [challenge.scheme.slice(0, 40), ...said].join(' ')
}
