import { describe, expect, it } from 'vitest'
import { pack, packed } from './packed.ts'

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const textsIn = (all: ReturnType<typeof pack>): string[] =>
  Array.from({ length: all.length }, (_, at) => all.at(at)?.toString('latin1') ?? 'none')

describe('packed texts', () => {
  it('are found by their index, and nothing beyond the last', () => {
    const all = pack(['one', '', 'three'].map(bytes))
    expect(textsIn(all)).toEqual(['one', '', 'three'])
    expect(all.at(3)).toBeUndefined()
    expect(pack([]).at(0)).toBeUndefined()
  })

  it('are found in whichever segment they are', () => {
    const segments = [['a'], ['b', 'c'], ['d', 'e', 'f']].flatMap((texts) => pack(texts.map(bytes)).segments)
    expect(textsIn(packed(segments))).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  it('stand in their frame, and are no copies', () => {
    const all = pack([bytes('x'), bytes('y')], { before: bytes('<'), after: bytes('>') })
    expect(textsIn(all)).toEqual(['<x>', '<y>'])
    expect(all.at(1)?.buffer).toBe(all.at(0)?.buffer)
  })

  it('fill several segments where one would be too large', () => {
    const large = Buffer.alloc(6 * 2 ** 20, 'z')
    const all = pack([large, bytes('s'), large, large, large])
    expect(all.segments.map(({ ends }) => ends.length)).toEqual([3, 2])
    expect(textsIn(all).map((text) => text.length)).toEqual([6 * 2 ** 20, 1, ...Array(3).fill(6 * 2 ** 20)])
  })
})
