import type { Config } from '../config/config.ts'
import { headerOf, type Answered } from '../exchange/answer.ts'
import type { RunTrouble } from '../run.ts'
import { visible } from './escape.ts'
import { misfitText } from './misfit-text.ts'

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
      return [
        `${target.origin} cannot be tested: ${visible(lossOf(trouble))}`,
        ...reachAdvice(kind, lossOf(trouble)),
      ]
    case 'interrupted':
      return []
    case 'rate-limited':
      return [`${target.origin} answers nothing but 429 or 503: wait, or lower target.pace`]
    case 'good-refused':
      return [
        `the good token is refused${seen}, so a refusal proves nothing`,
        ...certificateAdvice(answer, config),
        ...firewallAdvice(answer),
        ...refusedAdvice(trouble, config),
      ]
    case 'accepts-everything':
      return [
        `${target.routes.protected.path} lets in without any token${seen}, as far as its answers tell`,
        'name a route that is protected in target.routes.protected, add markers (accepted, refused) where this API refuses with 200, or own its upstream (serve.upstream)',
      ]
    case 'indistinguishable':
      return [
        `a good token is answered as a bad one or none is${seen}, so nothing can be told apart`,
        ...certificateAdvice(answer, config),
        'if the gateway refuses the good token, compare its issuer, audience and key with the policy; else name another route, add markers (accepted, refused), or own the upstream (serve.upstream)',
        ...refusedAdvice(trouble, config),
      ]
    case 'marker-missed':
      return [`the good token's answer${seen} does not bear the marker target.routes.protected.accepted`]
  }
}

const reachAdvice = (kind: 'unreachable' | 'tls' | 'no-answer', loss: string): readonly string[] => {
  // Where the gateway turned us away, what we trust is not the matter.
  if (kind === 'tls' && loss.includes('target.tls.cert')) return []
  if (kind === 'tls')
    return [
      'set target.tls.ca to the certificate of its authority; target.tls.insecure switches the check off',
    ]
  if (kind === 'no-answer')
    return ['it takes connections and does not answer: raise target.timeout, or look at the gateway']
  return ['start it, or look at target.url, target.connect and target.proxy']
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

/** Some demand a client certificate by an answer, after the handshake: 400 in nginx, 495 and 496 within it. */
const certificateAdvice = (answer: Answered | undefined, { target }: Config): readonly string[] => {
  if (answer === undefined || !target.origin.startsWith('https:')) return []
  if (![400, 403, 495, 496].includes(answer.status)) return []
  return [
    target.tls.cert === undefined
      ? 'if it asks for a client certificate, set target.tls.cert and target.tls.key'
      : 'it may not trust the client certificate: look at target.tls.cert',
  ]
}

/** A core rule set, for one, counts a request without these headers as an anomaly. */
const firewallAdvice = (answer: Answered | undefined): readonly string[] =>
  answer?.status === 403 && headerOf(answer, 'www-authenticate') === undefined
    ? [
        'a 403 without a challenge may be a firewall’s: name what it asks for in target.headers (accept, user-agent), or let this client past it',
      ]
    : []

/** What the token says beside what the configuration says: the commonest of all mistakes is a wrong issuer. */
const refusedAdvice = (
  { sent, misfits = [] }: ControlTrouble,
  { policy, tokens }: Config,
): readonly string[] => {
  const keys =
    tokens.kind === 'keys'
      ? ['the gateway must trust the public half of tokens.keys: gateproof keys show FILE prints it']
      : []
  if (misfits.length > 0) return [...misfits.map(misfitText), ...keys]
  const token = sent[0]?.request.token
  const claims = membersOf(token?.claims)
  const said = `the token says iss ${JSON.stringify(claims.get('iss'))}, aud ${JSON.stringify(claims.get('aud'))}${headOf(token?.header)}${endOf(claims.get('exp'))}`
  const wanted =
    policy.issuers.length === 0
      ? ''
      : `; the configuration says issuer ${JSON.stringify(policy.issuers)}, audience ${JSON.stringify(policy.audiences)}`
  return [`${visible(said + wanted)}: compare both, to the last slash, with the gateway's policy`, ...keys]
}

const membersOf = (value: unknown): ReadonlyMap<string, unknown> =>
  new Map<string, unknown>(typeof value === 'object' && value !== null ? Object.entries(value) : [])

const headOf = (header: unknown): string => {
  const members = membersOf(header)
  return ['alg', 'kid']
    .flatMap((name) => (members.has(name) ? [`, ${name} ${JSON.stringify(members.get(name))}`] : []))
    .join('')
}

const endOf = (exp: unknown): string => {
  const at = new Date(typeof exp === 'number' ? exp * 1000 : Number.NaN)
  return Number.isNaN(at.getTime()) ? '' : `, and ends on ${at.toISOString().replace('.000', '')}`
}
