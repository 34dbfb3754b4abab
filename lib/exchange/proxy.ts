import { BlockList, isIP } from 'node:net'
import type { Target } from '../config/config.ts'
import { DialError } from './loss.ts'

export type Environment = Readonly<Record<string, string | undefined>>
export type Address = { readonly host: string; readonly port: number }

/** The proxy through which an address is reached, or undefined where it is dialled directly; throws `DialError`. */
export const proxyFor = (
  proxy: Target['proxy'],
  address: Address,
  { secure, environment }: { readonly secure: boolean; readonly environment: Environment },
): URL | undefined => {
  switch (proxy.kind) {
    case 'none':
      return undefined
    case 'url':
      return proxyUrl(proxy.url, 'target.proxy')
    case 'environment': {
      const name = secure ? 'HTTPS_PROXY' : 'HTTP_PROXY'
      const url = variable(environment, name)
      const exempt = variable(environment, 'NO_PROXY')
      if (url === undefined || (exempt !== undefined && isExempt(address, exempt))) return undefined
      return proxyUrl(url.includes('://') ? url : `http://${url}`, name)
    }
  }
}

/** The same as a URL or none, whatever the environment says; throws `DialError`. */
export const resolvedProxy = (
  { origin, connect, proxy }: Pick<Target, 'origin' | 'connect' | 'proxy'>,
  environment: Environment,
): Target['proxy'] => {
  const url = new URL(origin)
  const secure = url.protocol === 'https:'
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
  const address = connect ?? { host: url.hostname.replace(/^\[|\]$/g, ''), port }
  const found = proxyFor(proxy, address, { secure, environment })
  return found === undefined ? { kind: 'none' } : { kind: 'url', url: found.href }
}

/** The text may hold a password, so the message leaves it out. */
const proxyUrl = (text: string, from: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new DialError('unreachable', `${from} is not an http or https URL`)
}

/** The lower-case spelling goes first, as everywhere; an empty variable is none. */
const variable = (environment: Environment, name: string): string | undefined =>
  [environment[name.toLowerCase()], environment[name]].find((value) => value !== undefined && value !== '')

/** `NO_PROXY` lists names with all below them, addresses, address ranges and `*`, each with a port if it pleases. */
const isExempt = (address: Address, list: string): boolean =>
  list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || covers(entry, address))

const covers = (entry: string, { host, port }: Address): boolean => {
  const range = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(entry)
  if (range?.[1] !== undefined) return inRange(host, range[1], Number(range[2]))
  const [, bracketed, plain, entryPort] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? []
  if (entryPort !== undefined && Number(entryPort) !== port) return false
  const name = (bracketed ?? plain ?? entry).replace(/^\*?\./, '')
  const wanted = host.toLowerCase()
  return wanted === name || (isIP(wanted) === 0 && wanted.endsWith(`.${name}`))
}

const inRange = (host: string, network: string, prefix: number): boolean => {
  const family = isIP(network)
  if (family === 0 || isIP(host) !== family || prefix > (family === 4 ? 32 : 128)) return false
  const type = family === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(network, prefix, type)
  return list.check(host, type)
}
