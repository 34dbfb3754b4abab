import type { Config } from '../config/config.ts'
import type { OtherToken } from '../config/token-source.ts'
import { issueToken, type IssueContext } from '../exchange/issue.ts'
import { ProviderError } from '../exchange/provider.ts'
import { readGood } from '../forge/good.ts'
import type { Lasting } from './lasting.ts'

/** The tokens of a run that somebody else issues, each got anew before it ends, where its source gives another. */
export type IssuedTokens = Lasting & {
  /** Undefined where we sign. */
  readonly good: string | undefined
  readonly others: Readonly<Record<string, string>>
  /** Every token that was got, those that have ended too. */
  readonly all: readonly string[]
  /** Gets anew what ends within so many seconds, or soon for its lifetime; what can't be got is kept. */
  renew(withinSeconds?: number): Promise<boolean>
}

/** These are not to be any other, fresher ones. */
const isFixed = (name: string): boolean => name === 'expired' || name === 'revoked'

/** A token is got anew half its lifetime before its end, but no earlier than so many seconds. */
const mostAheadSeconds = 60
/** After a source gave nothing better, it is left alone for so many seconds. */
const pauseSeconds = 5

type Held = {
  readonly text: string
  readonly source: OtherToken
  readonly endsAt: number | undefined
  readonly aheadSeconds: number
  readonly triedAt: number
}

/** Gets every token that the configuration names. Throws ProviderError. */
export const openIssuedTokens = async (
  { tokens }: Config,
  context: IssueContext,
  onFailure: (message: string) => void,
): Promise<IssuedTokens> => {
  const held = new Map<string, Held>()
  const all: string[] = []
  const get = async (name: string, source: OtherToken): Promise<void> => {
    const at = name === 'good' ? 'tokens.oauth2' : `tokens.others.${name}.oauth2`
    const { token, expiresIn } = await issueToken(source, context, at)
    const now = context.now()
    const endsAt = endOf(token, expiresIn === undefined ? undefined : now + expiresIn)
    const aheadSeconds = endsAt === undefined ? 0 : Math.min(mostAheadSeconds, Math.max(0, endsAt - now) / 2)
    held.set(name, { text: token, source, endsAt, aheadSeconds, triedAt: now })
    all.push(token)
  }
  if (tokens.kind !== 'keys') await get('good', sourceOf(tokens))
  for (const [name, source] of Object.entries(tokens.others)) await get(name, source)

  const isRenewable = (name: string): boolean => !isFixed(name) && held.get(name)?.source.kind !== 'token'
  const renewOne = async (name: string, one: Held): Promise<void> => {
    try {
      await get(name, one.source)
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error
      held.set(name, { ...one, triedAt: context.now() })
      onFailure(error.message)
    }
  }
  const renewAll = async (withinSeconds: number): Promise<boolean> => {
    const before = held.get('good')
    for (const [name, one] of held) {
      const left = one.endsAt === undefined ? Infinity : one.endsAt - context.now()
      const isDue = left < Math.max(withinSeconds, one.aheadSeconds)
      if (isDue && isRenewable(name) && context.now() - one.triedAt >= pauseSeconds) await renewOne(name, one)
    }
    return held.get('good')?.text !== before?.text
  }
  let renewing: Promise<boolean> | undefined
  return {
    get good() {
      return held.get('good')?.text
    },
    get others() {
      const named = [...held].filter(([name]) => name !== 'good')
      return Object.fromEntries(named.map(([name, { text }]) => [name, text]))
    },
    all,
    endOf: (name) => held.get(name)?.endsAt,
    isRenewable,
    renew: (withinSeconds?: number) => {
      renewing ??= renewAll(withinSeconds ?? 0).finally(() => {
        renewing = undefined
      })
      return renewing
    },
  }
}

/** The end that a JWT names, or the source; the earlier of both. */
const endOf = (token: string, said: number | undefined): number | undefined => {
  const read = readGood(token)
  const exp = read.kind === 'jwt' ? read.claims.exp : undefined
  const ends = [exp, said].flatMap((end) => (typeof end === 'number' ? [end] : []))
  return ends.length === 0 ? undefined : Math.min(...ends)
}

const sourceOf = (tokens: Exclude<Config['tokens'], { kind: 'keys' }>): OtherToken => {
  switch (tokens.kind) {
    case 'token':
      return { kind: 'token', token: tokens.token }
    case 'oauth2':
      return { kind: 'oauth2', client: tokens.client }
    case 'command':
      return { kind: 'command', command: tokens.command }
  }
}
