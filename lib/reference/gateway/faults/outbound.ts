import type { Decisions } from '../decisions.ts'
import type { GatewayRequest } from '../request.ts'
import { segmentText } from './answers.ts'
import { type Fault, fault } from './fault.ts'
import { lookUp } from './ldap-lookup.ts'
import { fetchFromLoopback, isLoopback } from './loopback.ts'

/** Before each decision, something is done with the request that nobody asked for. */
const first =
  (act: (request: GatewayRequest) => Promise<unknown>): Fault['alter'] =>
  () => {
    const prepare: Decisions['prepare'] = async (request) => {
      await act(request)
      return request
    }
    return { prepare }
  }

/** What a shell would be told by a text that is pasted into a command. */
const commandIn = (text: string): string | undefined =>
  /(?:[|;&`]|\$\()\s*curl\s+([^\s`)"\\]+)/.exec(text)?.[1]

/** What a logger that expands `${jndi:ldap://…}` would look up. */
const lookupsIn = (text: string): readonly string[] =>
  [...text.matchAll(/\$\{jndi:(ldap:\/\/[^}"\\]+)\}/g)].flatMap(([, url]) => url ?? [])

const followLookup = async (text: string): Promise<void> => {
  if (!URL.canParse(text)) return
  const { hostname, port, pathname } = new URL(text)
  if (isLoopback(hostname)) await lookUp({ hostname, port: Number(port), name: pathname.slice(1) })
}

/** Ways in which the text of a token makes the gateway call somebody, whatever becomes of the token. */
export const outboundFaults = {
  'kid-runs-command': fault(
    'the kid is pasted into a command, and what it calls is called',
    first((request) => fetchFromLoopback(commandIn(segmentText(request, 0)))),
  ),
  'log-expands-lookups': fault(
    'what is logged of a token is expanded, lookups in it are made',
    first((request) =>
      Promise.all(
        [0, 1].flatMap((segment) => lookupsIn(segmentText(request, segment)).slice(0, 4).map(followLookup)),
      ),
    ),
  ),
} as const satisfies Readonly<Record<string, Fault>>
