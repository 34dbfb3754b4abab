import type { ForgedRequest } from '../forge/request.ts'
import { bentSecrets, redactor } from '../report/redact.ts'
import { wrap } from '../report/wrap.ts'
import { credentialsOf, withVariables, type Credential } from './credentials.ts'
import { reproduction } from './curl.ts'
import { bodyText, headLines } from './wire-text.ts'

export type RequestSetting = {
  readonly origin: string
  /** What follows `gateproof token` to get the credentials of this request. */
  readonly call: string
  readonly width: number
}

/** What is sent, with variables for its credentials, the token decoded, and the commands that send it again. */
export const explainRequest = (request: ForgedRequest, setting: RequestSetting): readonly string[] => {
  const credentials = credentialsOf(request)
  const { before } = request
  return [
    ...(before === undefined
      ? sentLines('Sent', request, { credentials, setting })
      : [
          ...sentLines('Sent first: the good request', before, { credentials, setting }),
          ...sentLines('Then', request, { credentials, setting }),
        ]),
    ...tokenLines(request, setting),
    'How to repeat it',
    ...credentialLines(credentials, setting).map((line) => `  ${line}`),
    ...[...(before === undefined ? [] : [before]), request].flatMap((each) =>
      reproduction(each, setting.origin, credentials)
        .split('\n')
        .map((line) => `  ${shortened(line)}`),
    ),
    '',
  ]
}

type Sending = { readonly credentials: readonly Credential[]; readonly setting: RequestSetting }

const sentLines = (
  title: string,
  request: ForgedRequest,
  { credentials, setting }: Sending,
): readonly string[] => {
  const redact = redactor(bentSecrets(request.secrets))
  const shown = (text: string): readonly string[] =>
    wrap(shortened(redact(withVariables(text, credentials))), setting.width - 2).map((line) => `  ${line}`)
  const body = bodyText(request)
  return [
    request.raw ? `${title}, byte by byte` : title,
    ...headLines(request, setting.origin).flatMap(shown),
    ...(body === '' ? [] : ['', ...body.split('\r\n').flatMap(shown)]),
    ...remarksOn(request).map((remark) => `  (${remark})`),
    '',
  ]
}

const remarksOn = (request: ForgedRequest): readonly string[] =>
  request.certificate === undefined
    ? []
    : [request.certificate === 'none' ? 'without the client certificate' : 'with another client certificate']

const tokenLines = ({ token }: ForgedRequest, { width }: RequestSetting): readonly string[] => {
  if (token === undefined) return []
  const part = (name: string, value: unknown): readonly string[] => {
    const text = typeof value === 'string' ? value : spacedJson(value ?? '(not a JSON object)')
    return wrap(shortened(text), width - 11).map((line, at) => `  ${(at === 0 ? name : '').padEnd(9)}${line}`)
  }
  return [
    'The token, decoded',
    ...part('made by', token.recipe),
    ...part('header', token.header),
    ...part('claims', token.claims ?? unreadable(token.header)),
    '',
  ]
}

/** What is said of claims that nobody can read without a key. */
const unreadable = (header: unknown): string | undefined =>
  typeof header === 'object' && header !== null && 'enc' in header ? '(encrypted)' : undefined

/** JSON on one line that can be broken between its members. */
export const spacedJson = (value: unknown): string => JSON.stringify(value, null, 1).replaceAll(/\n */g, ' ')

/** How the variables get their values; more than one come out of one call, since each call forges anew. */
const credentialLines = (credentials: readonly Credential[], { call }: RequestSetting): readonly string[] => {
  const [first, ...rest] = credentials
  if (first === undefined) return []
  if (rest.length === 0) return [`${first.variable}=$(gateproof token ${call})  # it expires`]
  const reads = credentials.map(({ variable }) => `read -r ${variable};`).join(' ')
  return [`{ ${reads} } <<< "$(gateproof token ${call} --all)"  # bash; they expire`]
}

const shortened = (text: string): string =>
  text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length} characters)`

const longest = 2000
