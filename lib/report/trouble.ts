import type { Config } from '../config/config.ts'
import { headerOf, type Answered } from '../exchange/answer.ts'
import type { RunTrouble } from '../run.ts'
import { visible } from './escape.ts'

/** Why a run could judge nothing, and what the user can do about it: sentences for people. */
export const troubleSentences = (trouble: RunTrouble | undefined, config: Config): readonly string[] => {
  if (trouble === undefined) return []
  switch (trouble.kind) {
    case 'no-token':
      return [`there is no good token to begin with: ${visible(trouble.message)}`]
    case 'locked-out':
      return [
        'the gateway locked us out twice: lower target.pace (concurrency, perSecond), or exempt this client from its rate limit',
      ]
    case 'token-expired':
      return [
        'the good token ended before the run did: get one that lives longer, select fewer cases, or sign with tokens.keys',
      ]
    default:
      return controlTrouble(trouble.kind, lastAnswer(trouble), trouble, config)
  }
}

type ControlTrouble = Extract<RunTrouble, { sent: unknown }>

const controlTrouble = (
  kind: ControlTrouble['kind'],
  answer: Answered | undefined,
  trouble: ControlTrouble,
  config: Config,
): readonly string[] => {
  const { target } = config
  const seen = answer === undefined ? '' : ` (it answered ${answer.status}${challengeOf(answer)})`
  switch (kind) {
    case 'unreachable':
    case 'tls':
    case 'no-answer':
      return [`${target.origin} cannot be tested: ${visible(lossOf(trouble))}`, reachAdvice(kind)]
    case 'interrupted':
      return []
    case 'rate-limited':
      return [`${target.origin} answers nothing but 429 or 503: wait, or lower target.pace`]
    case 'good-refused':
      return [
        `the good token is refused${seen}, so a refusal proves nothing`,
        ...refusedAdvice(trouble, config),
      ]
    case 'accepts-everything':
      return [
        `${target.routes.protected.path} lets in without any token${seen}, as far as its answers tell`,
        'name a route that is protected in target.routes.protected, add markers (accepted, refused) where this API refuses with 200, or own its upstream (serve.upstream)',
      ]
    case 'indistinguishable':
      return [
        `a good token and no token are answered alike${seen}, so nothing can be told apart`,
        'if the gateway refuses the good token, compare its issuer, audience and key with the policy; else name another route, add markers (accepted, refused), or own the upstream (serve.upstream)',
        ...refusedAdvice(trouble, config),
      ]
    case 'marker-missed':
      return [`the good token's answer${seen} does not bear the marker target.routes.protected.accepted`]
  }
}

const reachAdvice = (kind: 'unreachable' | 'tls' | 'no-answer'): string => {
  if (kind === 'tls')
    return 'set target.tls.ca to the certificate of its authority; target.tls.insecure switches the check off'
  if (kind === 'no-answer')
    return 'it takes connections and does not answer: raise target.timeout, or look at the gateway'
  return 'start it, or look at target.url, target.connect and target.proxy'
}

const lastAnswer = (trouble: RunTrouble): Answered | undefined => {
  if (!('sent' in trouble)) return undefined
  const [first] = trouble.sent
  return first?.answer.kind === 'answered' ? first.answer : undefined
}

const lossOf = ({ sent }: ControlTrouble): string => {
  const answer = sent.at(-1)?.answer
  return answer?.kind === 'lost' ? answer.detail : 'no answer came'
}

const challengeOf = (answer: Answered): string => {
  const challenge = headerOf(answer, 'www-authenticate')
  return challenge === undefined ? '' : `, WWW-Authenticate: ${visible(challenge.slice(0, 200))}`
}

/** What the token says beside what the configuration says: the commonest of all mistakes is a wrong issuer. */
const refusedAdvice = ({ sent }: ControlTrouble, { policy, tokens }: Config): readonly string[] => {
  const claims = sent[0]?.request.token?.claims
  const members =
    typeof claims === 'object' && claims !== null
      ? new Map<string, unknown>(Object.entries(claims))
      : new Map<string, unknown>()
  const issuer = members.get('iss')
  const audience = members.get('aud')
  const said = `the token says iss ${JSON.stringify(issuer)}, aud ${JSON.stringify(audience)}${endOf(members.get('exp'))}`
  const wanted =
    policy.issuers.length === 0
      ? ''
      : `; the configuration says issuer ${JSON.stringify(policy.issuers)}, audience ${JSON.stringify(policy.audiences)}`
  const keys =
    tokens.kind === 'keys'
      ? ['the gateway must trust the public half of tokens.keys: gateproof keys show FILE prints it']
      : []
  return [`${visible(said + wanted)}: compare both, to the last slash, with the gateway's policy`, ...keys]
}

const endOf = (exp: unknown): string => {
  const at = new Date(typeof exp === 'number' ? exp * 1000 : Number.NaN)
  return Number.isNaN(at.getTime()) ? '' : `, and ends on ${at.toISOString().replace('.000', '')}`
}
