import { STATUS_CODES } from 'node:http'
import type { Backend } from './specification.ts'

/** An answer that the gateway makes itself, ready to be written. */
export type Answer = {
  readonly status: number
  /** Names and values by turns. */
  readonly headers: readonly string[]
  readonly body: Buffer
}

type StockResponse = Extract<Backend, { type: 'STOCK_RESPONSE_BACKEND' }>

const framing = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding', 'upgrade']

/** The answer of a stock-response backend; its specification has no say in the framing of the message. */
export const stockAnswer = ({ status, body = '', headers = [] }: StockResponse): Answer => {
  const bytes = Buffer.from(body)
  const fields = headers
    .filter(({ name }) => !framing.includes(name.toLowerCase()))
    .flatMap(({ name, value }) => [name, value])
  return { status, headers: [...fields, ...lengthOf(status, bytes)], body: bytes }
}

/** An error as the service words it: `{"code":401,"message":"Unauthorized"}`. */
export const errorAnswer = (
  status: number,
  headers: readonly string[] = [],
  message: string = STATUS_CODES[status] ?? 'Unknown',
): Answer => {
  const body = Buffer.from(JSON.stringify({ code: status, message }))
  const own = ['Content-Type', 'application/json', 'Cache-Control', 'no-store']
  return { status, headers: [...headers, ...own, ...lengthOf(status, body)], body }
}

/** The answer with these headers, which take the place of those of the same name. */
export const withHeaders = (answer: Answer, ...headers: readonly string[]): Answer => {
  const added = pairs(headers).map(([name]) => name.toLowerCase())
  const kept = pairs(answer.headers).filter(([name]) => !added.includes(name.toLowerCase()))
  return { ...answer, headers: [...kept.flat(), ...headers] }
}

/** The answer with those of these headers that it lacks. */
export const withDefaults = (answer: Answer, headers: readonly string[]): Answer => {
  const lacking = pairs(headers).filter(([name]) => headerOf(answer, name) === undefined)
  return lacking.length === 0 ? answer : { ...answer, headers: [...answer.headers, ...lacking.flat()] }
}

/** The value of the answer's first header of that name. */
export const headerOf = (answer: Answer, name: string): string | undefined =>
  pairs(answer.headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]

/** Names beside their values, of a list that has them by turns. */
export const pairs = (flat: readonly string[]): (readonly [name: string, value: string])[] =>
  flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : []))

/** RFC 9110 section 8.6: no Content-Length in a 204. */
const lengthOf = (status: number, body: Buffer): readonly string[] =>
  status === 204 ? [] : ['Content-Length', String(body.length)]
