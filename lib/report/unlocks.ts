import { resultsOf } from './findings.ts'
import type { Report } from './report.ts'

/** Cases without a verdict that share a cause, and what would give them one. */
export type Unlock = {
  readonly status: 'inconclusive' | 'not-applicable'
  /** What is missing, or why no verdict was possible. */
  readonly cause: string
  /** What the user can do about it; empty where nothing is known to help. */
  readonly advice: string
  readonly cases: readonly string[]
}

type Reason = { readonly text: string; readonly advice: string }

const reasons: Readonly<Record<string, Reason>> = {
  unreachable: {
    text: 'the target did not answer',
    advice: 'start it or correct target.url, then run again',
  },
  interrupted: { text: 'the run was interrupted before this case', advice: 'run it again to the end' },
  'locked-out': {
    text: 'good tokens were refused after bad ones',
    advice: 'lower target.pace, or exempt this client from the lock-out or rate limit',
  },
  'good-refused': {
    text: 'the good token was refused, so that a refusal proves nothing',
    advice: 'compare it with the policy and with the gateway’s own settings',
  },
  'accepts-everything': {
    text: 'the protected route let in without any token',
    advice:
      'name a protected route, give it markers (accepted, refused), or own the upstream (serve.upstream)',
  },
  'marker-missed': {
    text: 'the good token’s answer did not bear the marker that the route declares',
    advice: 'correct target.routes.protected.accepted',
  },
  indistinguishable: {
    text: 'let in and refused look the same here',
    advice: 'give the route a marker (accepted, refused), or own the upstream (serve.upstream)',
  },
  'not-restored': {
    text: 'an earlier case changed the key set and the gateway did not recover',
    advice: 'let the gateway take up the key set again, then run these cases alone',
  },
  'control-refused': {
    text: 'the good token was refused on the route of this case',
    advice: 'look at that route of target.routes and at what it demands, such as its scope',
  },
  'control-lost': {
    text: 'good requests beside this case got no answer either',
    advice: 'look at the gateway and at the network, then run this case alone',
  },
  'rate-limited': {
    text: 'it was answered 429 or 503 again and again',
    advice: 'lower target.pace, or exempt this client from the rate limit',
  },
  unavailable: {
    text: 'it was answered 503 each time, while good requests beside it got through',
    advice: 'look in the gateway’s log for why: a 503 may be a limit for bad tokens, and is no verdict',
  },
  lost: {
    text: 'no answer came, and a request that may change something is not sent twice',
    advice: 'own the upstream (serve.upstream), which shows whether it arrived',
  },
  'malformed-answer': {
    text: 'what came back is no HTTP',
    advice: 'look at the evidence, and at what stands in front of the gateway',
  },
  'token-expired': {
    text: 'the issued token ended before the run did',
    advice: 'use a token that lives longer, or select fewer cases',
  },
}

/** What a reason of `inconclusive` means: its code, and what follows a colon, if any. */
export const reasonOf = (reason: string): Reason => {
  const [code = reason, ...detail] = reason.split(/:\s*/)
  const known = reasons[code]
  if (known === undefined) return { text: reason, advice: '' }
  return { ...known, text: detail.length === 0 ? known.text : `${known.text} (${detail.join(': ')})` }
}

/** What stands between this report and a verdict on every case, the cause with most cases first. */
export const unlocksOf = (report: Report): readonly Unlock[] => {
  const groups = new Map<string, Unlock>()
  for (const { case: id, verdict } of resultsOf(report)) {
    if (verdict.status !== 'inconclusive' && verdict.status !== 'not-applicable') continue
    const { cause, advice } =
      verdict.status === 'inconclusive'
        ? { cause: reasonOf(verdict.reason).text, advice: reasonOf(verdict.reason).advice }
        : { cause: verdict.missing.join(', '), advice: verdict.unlock }
    const key = JSON.stringify([verdict.status, cause, advice])
    const cases = [...(groups.get(key)?.cases ?? []), id]
    groups.set(key, { status: verdict.status, cause, advice, cases })
  }
  return [...groups.values()].toSorted((a, b) => b.cases.length - a.cases.length)
}
