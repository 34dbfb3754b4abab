import { describe, expect, it } from 'vitest'
import type { Engine, Shot, Workload } from '../engine.ts'
import type { LoadClass, LoadJudge } from '../record.ts'
import { indulgent, spiedEngine, type Seen } from './spy.ts'

const judge: LoadJudge = {
  bodyBytes: 0,
  read: ({ status }) => (status === 503 ? 'error:503' : status === 200 ? 'let-in' : 'refused'),
}
const answer = (status: number) => ({ status, headers: [], body: new Uint8Array() })
const span = { dueAt: 1, freeAt: 1, sentAt: 2, endedAt: 3 }
const shot = (index: number): Shot => ({ class: 0, index, bytes: new Uint8Array(), isHead: false })
const classes: readonly LoadClass[] = [{ name: 'ending', expect: 'accept', weight: 1, requests: [] }]

describe('the engine with somebody who looks on', () => {
  it('tells of each verdict, and passes every answer on', async () => {
    const told: Seen[] = []
    const passed: number[] = []
    const engine: Engine = (_settings, workload) => {
      for (const [index, status] of [200, 503, 401].entries())
        workload.answered(shot(index), answer(status), span)
      expect(workload.bodyBytes).toBe(64)
      return Promise.resolve({ kind: 'finished' })
    }
    const workload: Workload = {
      ...{ bodyBytes: 0, take: () => undefined, over: () => true, lost: () => undefined },
      ...{ connected: () => undefined, disturbed: () => undefined, idled: () => undefined },
      answered: (_shot, { status }) => void passed.push(status),
    }
    const spies = new Map([['ending', (one: Seen) => void told.push(one)]])
    const spied = spiedEngine(engine, classes, judge, { spies, bodyBytes: 64 })
    const endpoint = { host: '127.0.0.1', port: 1 }
    const settings = { endpoint, connections: 1, maxConnections: 1, keepAlive: true, timeoutMs: 1 }
    await spied(settings, workload, new AbortController().signal)
    expect(passed).toEqual([200, 503, 401])
    expect(told.map(({ index, reading }) => [index, reading])).toEqual([
      [0, 'let-in'],
      [2, 'refused'],
    ])
  })
})

describe('a judge that looks away', () => {
  it('misjudges nothing of the classes that are watched, and all others as ever', () => {
    const lenient = indulgent(judge, new Set(['ending']))
    expect(lenient.read(answer(401), { name: 'ending', expect: 'accept' })).toBe('let-in')
    expect(lenient.read(answer(503), { name: 'ending', expect: 'accept' })).toBe('error:503')
    expect(lenient.read(answer(401), { name: 'valid', expect: 'accept' })).toBe('refused')
  })
})
