import { type Answer, errorAnswer, pairs } from '../answer.ts'
import type { Decisions } from '../decisions.ts'
import { type GatewayRequest, headerValues } from '../request.ts'

export const withoutHeader = (answer: Answer, name: string): Answer => ({
  ...answer,
  headers: pairs(answer.headers)
    .filter(([key]) => key.toLowerCase() !== name.toLowerCase())
    .flat(),
})

/** The answer with its challenge rewritten; an answer that has none stays as it is. */
export const withChallenge = (answer: Answer, rewrite: (challenge: string) => string): Answer => ({
  ...answer,
  headers: pairs(answer.headers).flatMap(([name, value]) => [
    name,
    name === 'WWW-Authenticate' ? rewrite(value) : value,
  ]),
})

/** The answer with another status, and all else as it was. */
export const withStatus = (answer: Answer, status: number): Answer => ({ ...answer, status })

/** The answer's headers with this message in the body. */
export const withMessage = (answer: Answer, message: string): Answer => {
  const { headers, body } = errorAnswer(answer.status, [], message)
  const own = pairs(headers).map(([name]) => name.toLowerCase())
  const kept = pairs(answer.headers).filter(([name]) => !own.includes(name.toLowerCase()))
  return { ...answer, headers: [...kept.flat(), ...headers], body }
}

/** What follows the scheme in the first Authorization header, or an empty text. */
export const tokenTextOf = (request: GatewayRequest): string =>
  headerValues(request, 'authorization')[0]?.replace(/^\S+ +/, '') ?? ''

/** A segment of the request's token, decoded leniently. */
export const segmentText = (request: GatewayRequest, index: number): string =>
  Buffer.from(tokenTextOf(request).split('.')[index] ?? '', 'base64url').toString()

/** The header of the request's token, or its claims, without a check: undefined where there is no JSON. */
export const segmentJson = (request: GatewayRequest, index: number): unknown => {
  try {
    return JSON.parse(segmentText(request, index))
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Refused requests that the test picks are answered with a server error. */
export const serverErrorWhere =
  (test: (request: GatewayRequest) => boolean) =>
  (next: Decisions): Partial<Decisions> => ({
    refusal: (refusal, standard, request) =>
      test(request) ? errorAnswer(500) : next.refusal(refusal, standard, request),
  })

/** Requests that the test picks are let in unchecked. */
export const admittedWhere =
  (test: (request: GatewayRequest) => boolean) =>
  (next: Decisions): Partial<Decisions> => ({
    admit: (request, gate, d) => (test(request) ? 'admitted' : next.admit(request, gate, d)),
  })
