import type { Deviation } from '../config/deviation.ts'
import { mostLeewaySeconds } from '../config/measure.ts'
import type { KeyEntry, KeySetChange, Send, Step, Wait } from '../config/steps.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { changesToken } from '../forge/token.ts'
import { isWellFormed } from '../trial/key-set-stage.ts'
import { describeExpected } from '../report/describe.ts'
import { wrap } from '../report/wrap.ts'
import { credentialsOf } from './credentials.ts'
import { reproduction } from './curl.ts'
import { spacedJson } from './explain-request.ts'

export type StepSetting = {
  readonly width: number
  readonly origin: string
  /** What is expected of what says nothing itself. */
  readonly expected: Send['expect']
  /** The request of a deviation that needs no key and no token of an earlier step; undefined where it cannot be made. */
  readonly make: (deviation: Deviation) => ForgedRequest | undefined
}

/** Each step in plain words: what is done, what is sent, what is expected, and the command that sends it. */
export const explainSteps = (
  steps: readonly Step[],
  setting: StepSetting,
  call: string,
): readonly string[] => {
  const lines = steps.flatMap((step, at) => stepLines(step, String(at + 1), setting))
  // Only the good token stands in the commands.
  return lines.some((line) => line.includes('"$TOKEN"'))
    ? [...lines, '', ...wrap(`A good token: TOKEN=$(gateproof token ${call})`, setting.width)]
    : lines
}

const stepLines = (step: Step, number: string, setting: StepSetting): readonly string[] => {
  const head = `${number}. `
  const [first = '', ...rest] = wrap(wordsOf(step, setting), setting.width - head.length)
  const lines = [head + first, ...rest.map((line) => ' '.repeat(head.length) + line)]
  const command = step.send === undefined ? undefined : commandFor(step.send, setting)
  const inner =
    step.repeat?.steps.flatMap((each, at) => stepLines(each, `${number}.${at + 1}`, setting)) ?? []
  return [
    ...lines,
    ...(command ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ' '.repeat(head.length + 2) + line),
    ...inner.map((line) => `   ${line}`),
  ]
}

const wordsOf = (
  { send, keySet, wait, fetches, hook, measure, repeat }: Step,
  { expected }: Pick<StepSetting, 'expected'>,
): string => {
  if (send !== undefined) return sendWords(send, expected)
  if (keySet !== undefined) return keySetWords(keySet)
  if (wait !== undefined) return waitWords(wait)
  if (fetches !== undefined)
    return `Expected: the key set was fetched at most ${times(fetches.atMost)} since ${
      fetches.of === 'moved'
        ? 'it was changed, where the redirect led'
        : 'its change was taken up, and once more for each cool-down that went by'
    }.`
  if (hook !== undefined)
    return hook === 'restart'
      ? 'Restart the gateway (target.hooks.restart).'
      : 'Revoke that token (target.hooks.revoke gets it on its standard input).'
  if (measure !== undefined) return measureWords
  if (repeat !== undefined)
    return `${times(repeat.times).replace(/^./, (letter) => letter.toUpperCase())}${
      repeat.concurrency === undefined ? '' : `, ${repeat.concurrency} at a time`
    }:`
  return ''
}

const times = (count: number): string => (count === 0 ? 'not once' : count === 1 ? 'once' : `${count} times`)

const measureWords =
  'Send tokens that ended so long ago, one after the other, until it shows for how long after its end a token is let in. ' +
  `Expected: longer ago than the leeway for clocks (policy.clockSkew; where it is not declared, ${mostLeewaySeconds} s) and the margin for clocks, it is refused.`

const sendWords = (send: Send, expected: Send['expect']): string => {
  const called = send.as === undefined ? '' : ` It is called ${send.as}.`
  return `${whatIsSent(send)}. Expected: ${describeExpected(send.expect ?? expected)}.${called}`
}

const whatIsSent = ({ again, proof, deviation = {} }: Send): string => {
  if (again !== undefined)
    return `Send the request ${again} once more${proof === 'kept' ? ', its DPoP proof as well' : ''}`
  const { request, token, carry, sign, ...others } = deviation
  const { route, ...edits } = request ?? {}
  const differences = [
    ...(token === undefined ? [] : [tokenWords(token)]),
    ...(sign === undefined ? [] : [signWords(sign)]),
    ...(carry === undefined
      ? []
      : [carry === 'none' ? 'without a token' : `carried so: ${spacedJson(carry)}`]),
    ...Object.entries(others).map(([name, value]) => `${edited[name] ?? name} ${spacedJson(value)}`),
    ...(Object.keys(edits).length === 0 ? [] : [`with the request ${spacedJson(edits)}`]),
  ]
  const where = route === undefined ? '' : ` to the route ${route}`
  return differences.length === 0
    ? `Send the good request${where}`
    : `Send the good request${where}, but ${differences.join('; ')}`
}

const edited: Readonly<Record<string, string>> = {
  header: 'with the JOSE header',
  claims: 'with the claims',
  raw: 'with the JSON text',
  wire: 'with its text edited:',
  proof: 'with the DPoP proof',
  encrypt: 'encrypted so:',
}

const tokenWords = (token: NonNullable<Deviation['token']>): string =>
  typeof token === 'string'
    ? `with the token tokens.others.${token}`
    : `with the token of the request ${token.step}`

const signWords = (sign: NonNullable<Deviation['sign']>): string => {
  if (sign === 'attacker') return 'signed with the key of an attacker'
  if (sign === 'none') return 'not signed'
  return typeof sign === 'object' && 'as' in sign && Object.keys(sign).length === 1
    ? `signed with the key ${sign.as}`
    : `signed so: ${spacedJson(sign)}`
}

const keySetWords = (change: KeySetChange): string => {
  const { add = [], remove = [], replace, until: _until, judged: _judged, ...answer } = change
  const deeds = [
    ...(replace === undefined
      ? []
      : [
          replace.length === 0
            ? 'publish an empty set'
            : `publish ${replace.map(keyWords).join(', ')} and no other key`,
        ]),
    ...(add.length === 0 ? [] : [`publish also ${add.map(keyWords).join(', ')}`]),
    ...(remove.length === 0
      ? []
      : [
          `withdraw ${remove.map((name) => (name === 'issuer' ? 'the issuer’s key' : `the key ${name}`)).join(', ')}`,
        ]),
    ...Object.entries(answer).map(([name, value]) => answerWords(name, value)),
  ]
  return `Key set: ${deeds.join('; ')}. ${whenOver(change)}`.trim()
}

const keyWords = ({ as, key, jwk, raw, first, times: count }: KeyEntry): string => {
  const kind =
    raw !== undefined
      ? `the value ${spacedJson(raw)}`
      : key === 'issuer' || key === 'second'
        ? `the issuer’s ${key === 'issuer' ? '' : 'second '}key`
        : `a new ${key === undefined || key === 'fresh' ? '' : `${key} `}key`
  return [
    count === undefined ? kind : `${count} times ${kind}`,
    ...(as === undefined ? [] : [`called ${as}`]),
    ...(jwk === undefined ? [] : [`with ${spacedJson(jwk)}`]),
    ...(first === true ? ['before the others'] : []),
  ].join(' ')
}

const answers: Readonly<Record<string, string>> = {
  drop: 'close the connection without an answer',
  etag: 'answer with an ETag, and with 304 to who has it',
  redirect: 'answer with a redirect to the same server under another name',
  untrusted: 'serve it under a certificate that nobody trusts',
}

const answerWords = (name: string, value: unknown): string => {
  const known = answers[name]
  if (known !== undefined) return known
  const text = typeof value === 'string' ? value : spacedJson(value)
  switch (name) {
    case 'status':
      return `answer ${text}`
    case 'delay':
      return value === 'never' ? 'never answer' : `answer after ${text}`
    case 'body':
      return `answer with the body ${text}`
    case 'headers':
      return `answer with the headers ${text}`
    case 'discovery':
      return `let the discovery document say ${text}`
    default:
      return `${name} ${text}`
  }
}

const whenOver = (change: KeySetChange): string => {
  const { until, judged } = change
  if (judged === 'removal')
    return 'Expected: from then on, tokens by that key are refused; how long that takes is noted.'
  if (judged === 'addition') return 'Expected: the gateway takes the key up; how long that takes is noted.'
  switch (until ?? (isWellFormed(change) ? 'taken-up' : 'fetched')) {
    case 'taken-up':
      return 'Wait until the gateway has taken that up.'
    case 'fetched':
      return 'Wait until the gateway has fetched it.'
    case 'none':
      return ''
  }
}

const settings: Readonly<Record<string, string>> = {
  'keySet.maxAge': 'the time for which keys are kept (policy.keySet.maxAge)',
  'keySet.cooldown': 'the time between two fetches (policy.keySet.cooldown)',
  clockSkew: 'the leeway for clocks (policy.clockSkew)',
}

const waitWords = (wait: Wait): string => {
  if (typeof wait === 'string') return `Wait ${wait}.`
  const plus = wait.plus === undefined ? '' : `, and ${wait.plus} more`
  return '$expiry' in wait
    ? `Wait until the token of the request ${wait.$expiry} has ended${plus}.`
    : `Wait for ${settings[wait.$policy] ?? wait.$policy}${plus}.`
}

/** Only what needs nothing of the run: a good token can be had outside of it, a key that was just published cannot. */
const commandFor = ({ deviation = {}, again }: Send, { make, origin }: StepSetting): string | undefined => {
  if (again !== undefined || changesToken(deviation) || deviation.proof !== undefined) return undefined
  const request = make(deviation)
  return request === undefined ? undefined : reproduction(request, origin, credentialsOf(request))
}
