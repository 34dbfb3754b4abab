import { expect, test } from 'vitest'
import { requestTo } from '../exchange/fixture.ts'
import { answered } from '../judge/fixture.ts'
import { checksFor } from './check-context.ts'
import type { Learned } from './teach.ts'

const hit = (method: string) => ({ id: 'i', method, target: '/', headers: [] }) as never

/** What the upstream is to be asked by, where a request was sent by one method and the good one came by another. */
const methodFor = (sent: string, good: { readonly method: string; readonly came: readonly string[] }) => {
  const learned: Learned = {
    lesson: {} as never,
    good: answered(200),
    goodHits: good.came.map(hit),
    goodMethod: good.method,
    keepsApart: true,
  }
  const one = { request: requestTo('/', { method: sent }), id: 'i', answer: answered(200) }
  const known = { scheme: 'Bearer', witness: { hitsFor: () => [] } as never }
  return checksFor(learned, [one], known).method
}

test('the upstream is to be asked by the method that was sent, or by that which the gateway turns it into', () => {
  expect(methodFor('GET', { method: 'GET', came: ['GET'] })).toBe('GET')
  expect(methodFor('POST', { method: 'POST', came: ['GET'] })).toBe('GET')
  expect(methodFor('HEAD', { method: 'POST', came: ['GET'] })).toBe('HEAD')
  expect(methodFor('POST', { method: 'POST', came: [] })).toBe('POST')
})
