import { errorAnswer, withHeaders } from '../answer.ts'
import type { Decisions } from '../decisions.ts'
import { type GatewayRequest, headerValues } from '../request.ts'
import { segmentText, tokenTextOf, withChallenge, withMessage, withoutHeader, withStatus } from './answers.ts'
import { type Fault, fault } from './fault.ts'

type Refuse = Decisions['refusal']

const unauthorized = ['no-credentials', 'invalid-token']

/** Refusals are rewritten. */
const answering =
  (
    rewrite: (answer: ReturnType<Refuse>, ...about: Parameters<Refuse>) => ReturnType<Refuse>,
  ): Fault['alter'] =>
  (next) => ({ refusal: (...about) => rewrite(next.refusal(...about), ...about) })

const rewording = (from: RegExp, to: string): Fault['alter'] =>
  answering((answer) => withChallenge(answer, (text) => text.replace(from, to)))

/** What the backend says of caches is dropped. */
const ownCacheControl = (next: Decisions): Pick<Decisions, 'passesBack'> => ({
  passesBack: (name) => name !== 'cache-control' && next.passesBack(name),
})

const urlOf = ({ path, query }: GatewayRequest): string => `${path}?${String(query)}`

/** How a refusal is told, and an accepted answer marked. */
export const responseFaults = {
  'answers-cached': fault('an answer is kept by its URL alone, and given to whoever asks', (next) => {
    const kept = new Set<string>()
    return {
      admit: (request, gate, d) => {
        const verdict = next.admit(request, gate, d)
        // Without a query the gateway's own controls would never see it.
        if (verdict === 'admitted' && request.query !== undefined) kept.add(urlOf(request))
        return verdict
      },
      shortcut: (request) =>
        headerValues(request, 'authorization').length === 0 && kept.has(urlOf(request))
          ? { status: 200, headers: ['Content-Length', '4'], body: Buffer.from('kept') }
          : next.shortcut(request),
    }
  }),
  'forbidden-for-401': fault(
    'a bad token is answered with 403',
    answering((answer, { why }) => (why === 'invalid-token' ? withStatus(answer, 403) : answer)),
  ),
  'forbidden-without-credentials': fault(
    'a request without a token is answered with 403',
    answering((answer, { why }) => (why === 'no-credentials' ? withStatus(answer, 403) : answer)),
  ),
  'redirect-to-login': fault(
    'who is not let in is sent to a login page',
    answering((answer, { why }) =>
      unauthorized.includes(why) ? withHeaders(withStatus(answer, 302), 'Location', '/login') : answer,
    ),
  ),
  'not-found-for-bad-token': fault(
    'a bad token is answered with 404',
    answering((answer, { why }) => (why === 'invalid-token' ? errorAnswer(404) : answer)),
  ),
  'bad-request-for-bad-token': fault(
    'a bad token is answered with 400',
    answering((answer, { why }) => (why === 'invalid-token' ? withStatus(answer, 400) : answer)),
  ),
  'server-error-on-bad-token': fault(
    'a bad token is answered with 500',
    answering((answer, { why }) => (why === 'invalid-token' ? errorAnswer(500) : answer)),
  ),
  'ok-with-error-body': fault(
    'a refusal is told with 200',
    answering((answer, { why }) => (unauthorized.includes(why) ? withStatus(answer, 200) : answer)),
  ),
  'no-challenge-for-bad-token': fault(
    'a bad token is answered without a challenge',
    answering((answer, { why }) =>
      why === 'invalid-token' ? withoutHeader(answer, 'WWW-Authenticate') : answer,
    ),
  ),
  'no-challenge-without-credentials': fault(
    'a request without a token is answered without a challenge',
    answering((answer, { why }) =>
      why === 'no-credentials' ? withoutHeader(answer, 'WWW-Authenticate') : answer,
    ),
  ),
  'no-challenge-on-head': fault(
    'HEAD is answered without a challenge',
    answering((answer, _, __, { method }) =>
      method === 'HEAD' ? withoutHeader(answer, 'WWW-Authenticate') : answer,
    ),
  ),
  'challenge-not-bearer': fault('the challenge is Basic', rewording(/^Bearer/, 'Basic')),
  'challenge-without-params': fault(
    'the challenge is the scheme alone',
    answering((answer, { why }) =>
      why === 'no-credentials' ? withChallenge(answer, () => 'Bearer') : answer,
    ),
  ),
  'challenge-unparsable': fault('a quote in the challenge is not closed', rewording(/"$/, '')),
  'challenge-dup-params': fault(
    'the challenge has its realm twice',
    rewording(/^Bearer /, 'Bearer realm="gateway", '),
  ),
  'challenge-charset': fault(
    'the challenge has characters that it may not have',
    rewording(/error_description="/, 'error_description="\u00e9\\"'),
  ),
  'no-error-code': fault(
    'a bad token is answered without an error code',
    rewording(/, error="invalid_token"[^]*$/, ''),
  ),
  'no-error-code-request': fault(
    'malformed credentials are answered without an error code',
    rewording(/, error="invalid_request"[^]*$/, ''),
  ),
  'error-without-credentials': fault(
    'a request without a token gets an error code',
    answering((answer, { why }) =>
      why === 'no-credentials' ? withChallenge(answer, (text) => `${text}, error="invalid_token"`) : answer,
    ),
  ),
  'error-unknown': fault(
    'the error code of a bad token is one of the gateway’s own',
    rewording(/error="invalid_token"/, 'error="bad_jwt"'),
  ),
  'error-wrong': fault(
    'a bad token is called an invalid request',
    rewording(/error="invalid_token"/, 'error="invalid_request"'),
  ),
  'echo-token': fault(
    'a refusal repeats the token',
    answering((answer, _, __, request) =>
      tokenTextOf(request) === '' ? answer : withMessage(answer, `Invalid token: ${tokenTextOf(request)}`),
    ),
  ),
  'claims-in-error': fault(
    'a refusal repeats the claims',
    answering((answer, _, __, request) =>
      tokenTextOf(request) === ''
        ? answer
        : withMessage(answer, `Invalid claims: ${segmentText(request, 1)}`),
    ),
  ),
  'stack-in-error': fault(
    'a refusal shows a stack trace',
    answering((answer, { why }) =>
      why === 'invalid-token'
        ? withMessage(
            answer,
            'JsonWebTokenError: invalid signature\n    at verify (/app/node_modules/jsonwebtoken/verify.js:133:19)',
          )
        : answer,
    ),
  ),
  'signature-in-error': fault(
    'a refusal tells the signature that was expected',
    answering((answer, { why }) =>
      why === 'invalid-token'
        ? withMessage(answer, 'Invalid signature, expected 2hV1bGsQe8mMnJ0aXo1Wc7yZkT9uRfLdPqNiEvBxC3I')
        : answer,
    ),
  ),
  'html-reflects-path': fault(
    'a refusal is HTML that repeats the path',
    answering((answer, _, __, { target }) =>
      answer.status < 400
        ? answer
        : {
            ...withHeaders(
              answer,
              'Content-Type',
              'text/html',
              'Content-Length',
              String(Buffer.byteLength(`<p>${target}</p>`)),
            ),
            body: Buffer.from(`<p>${target}</p>`),
          },
    ),
  ),
  'no-content-type': fault(
    'a refusal does not declare its type',
    answering((answer) => withoutHeader(answer, 'Content-Type')),
  ),
  'realm-reflects-host': fault(
    'the realm repeats the Host header',
    answering((answer, _, __, request) =>
      withChallenge(answer, (text) =>
        text.replace('realm="gateway"', `realm="${headerValues(request, 'host')[0] ?? ''}"`),
      ),
    ),
  ),
  'header-reflects-path': fault(
    'a header of the refusal repeats the decoded path, line ends and all',
    answering((answer, _, __, { target }) => {
      const [, name, value] = /%0d%0a([\w-]+):(?:%20| )*([\w-]*)/i.exec(target) ?? []
      return name === undefined || value === undefined ? answer : withHeaders(answer, name, value)
    }),
  ),
  'cacheable-401': fault(
    'a refusal may be cached',
    answering((answer) => withHeaders(answer, 'Cache-Control', 'public, max-age=300')),
  ),
  'cors-only-on-success': fault(
    'only an accepted answer may be read by scripts of other origins',
    (next) => ({
      acceptedHeaders: (isGuarded) => [
        ...next.acceptedHeaders(isGuarded),
        'Access-Control-Allow-Origin',
        '*',
      ],
    }),
  ),
  'cacheable-success': fault('an accepted answer may be cached for all', (next) => ({
    ...ownCacheControl(next),
    acceptedHeaders: () => ['Cache-Control', 'public, max-age=300'],
  })),
  'no-cache-control': fault('an accepted answer says nothing of caches', (next) => ({
    ...ownCacheControl(next),
    acceptedHeaders: () => [],
  })),
} as const satisfies Readonly<Record<string, Fault>>
