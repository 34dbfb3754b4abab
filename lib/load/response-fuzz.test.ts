import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { request } from 'undici'
import { describe, expect, it } from 'vitest'
import { seededRandom, type Random } from './random.ts'
import { createHeadReader } from './response-head.ts'
import { ResponseReader } from './response-reader.ts'

type Made = {
  readonly text: string
  readonly status: number
  readonly headers: readonly string[]
  readonly body: string
  /** Its end is that of the connection. */
  readonly closes: boolean
}

const pick = <Item>(items: readonly [Item, ...Item[]], random: Random): Item =>
  items[Math.floor(random() * items.length)] ?? items[0]

const bodyOf = (random: Random): string =>
  Array.from({ length: Math.floor(random() * pick([1, 20, 3000], random)) }, () =>
    pick(['a', '\r', '\n', '0', '\0', 'é', ' '], random),
  ).join('')

const chunked = (body: string, random: Random): string => {
  let [text, rest] = ['', body]
  while (rest !== '') {
    const size = 1 + Math.floor(random() * Math.min(rest.length, 500))
    const hex = pick([size.toString(16), size.toString(16).toUpperCase(), `0${size.toString(16)}`], random)
    text += `${hex}${pick(['', ';ext=1', ';a="b"'], random)}\r\n${rest.slice(0, size)}\r\n`
    rest = rest.slice(size)
  }
  return `${text}0\r\n${pick(['', 'X-Trailer: 1\r\n'], random)}\r\n`
}

/** A valid response of any framing, by chance. */
const makeResponse = (random: Random): Made => {
  const status = pick([200, 200, 401, 403, 404, 500, 204, 304], random)
  const framing = status === 204 || status === 304 ? 'none' : pick(['sized', 'chunked', 'until-end'], random)
  const body = framing === 'none' ? '' : bodyOf(random)
  const fields: [string, string][] = [
    ['WWW-Authenticate', 'Bearer error="invalid_token", error_description="a, b: c"'],
    ['x-empty', ''],
    ['X-Run', `${Math.floor(random() * 1e6)}`],
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', 'b=2'],
  ]
  const chosen = fields.filter(() => random() < 0.5)
  if (framing === 'sized') chosen.push(['Content-Length', String(body.length)])
  if (framing === 'chunked')
    chosen.push([pick(['Transfer-Encoding', 'transfer-encoding'], random), 'chunked'])
  if (framing === 'until-end') chosen.push(['Connection', 'close'])
  const interim = random() < 0.2 ? 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n' : ''
  const blank = pick(['', ' ', '\t', '   '], random)
  // Around what frames the body blanks are allowed too, and yet undici does not take them.
  const lines = chosen
    .map(([name, value]) =>
      /^(content|transfer)/i.test(name) ? `${name}: ${value}\r\n` : `${name}:${blank}${value}${blank}\r\n`,
    )
    .join('')
  const head = `HTTP/1.1 ${status} ${pick(['OK', '', 'Not (really)'], random)}\r\n${lines}\r\n`
  return {
    text: interim + head + (framing === 'chunked' ? chunked(body, random) : body),
    status,
    headers: chosen.flat(),
    body,
    closes: framing === 'until-end',
  }
}

const heads = createHeadReader()

/** Reads in pieces at the places that are named, from one buffer that is written over each time. */
const readInPieces = (text: string, cuts: readonly number[]): { outcome: string; reader: ResponseReader } => {
  const reader = new ResponseReader(10_000, heads)
  const shared = Buffer.alloc(70_000)
  let outcome = 'more'
  let from = 0
  for (const to of [...cuts, text.length]) {
    const bytes = shared.write(text.slice(from, to), 'latin1')
    outcome = reader.push(shared.subarray(0, bytes))
    if (outcome === 'malformed' || outcome === 'surplus') break
    from = to
  }
  shared.fill(0xff)
  return { outcome, reader }
}

const cutsIn = (text: string, random: Random): number[] =>
  Array.from({ length: Math.floor(random() * 12) }, () => Math.floor(random() * (text.length + 1))).toSorted(
    (a, b) => a - b,
  )

describe('valid responses', () => {
  it('are read alike however they come in pieces, and to the byte', () => {
    const random = seededRandom(11)
    for (let round = 0; round < 3000; round++) {
      const made = makeResponse(random)
      const { outcome, reader } = readInPieces(made.text, cutsIn(made.text, random))
      expect(outcome).toBe(made.closes ? 'more' : 'done')
      expect(reader.end()).toBe(true)
      expect(reader.answer.status).toBe(made.status)
      expect(reader.answer.headers).toEqual(made.headers)
      expect(Buffer.from(reader.answer.body).toString('latin1')).toBe(made.body)
      expect(reader.keepAlive).toBe(!made.closes)
    }
  })

  it('are complete at their last byte, not before', () => {
    const random = seededRandom(12)
    for (let round = 0; round < 1000; round++) {
      const made = makeResponse(random)
      if (made.closes) continue
      const reader = new ResponseReader(0)
      expect(reader.push(Buffer.from(made.text.slice(0, -1), 'latin1'))).toBe('more')
      expect(reader.end()).toBe(false)
      expect(reader.push(Buffer.from(made.text.slice(-1), 'latin1'))).toBe('done')
    }
  })
})

it('responses that chance has changed never crash the reader, nor keep it, nor make it hold more than asked', () => {
  const random = seededRandom(13)
  const outcomes = new Set<string>()
  for (let round = 0; round < 10_000; round++) {
    const bytes = Buffer.from(makeResponse(random).text, 'latin1')
    for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes--)
      bytes[Math.floor(random() * bytes.length)] = pick([0, 10, 13, 32, 48, 58, 255, 102], random)
    const cut = Math.floor(random() * bytes.length)
    const reader = new ResponseReader(50)
    let outcome = reader.push(bytes.subarray(0, cut))
    if (outcome === 'more') outcome = reader.push(bytes.subarray(cut))
    outcomes.add(outcome)
    expect(reader.answer.body.length).toBeLessThanOrEqual(50)
  }
  expect([...outcomes].toSorted()).toEqual(['done', 'malformed', 'more', 'surplus'])
})

describe('as undici reads them', () => {
  const readByUndici = async (text: string): Promise<{ status: number; body: string } | undefined> => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.once('data', () => socket.end(Buffer.from(text, 'latin1')))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    try {
      const { statusCode, body } = await request(`http://127.0.0.1:${port}/`, {
        reset: true,
        bodyTimeout: 2000,
      })
      return { status: statusCode, body: Buffer.from(await body.arrayBuffer()).toString('latin1') }
    } catch {
      return undefined
    } finally {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  }

  const readByUs = (text: string): { status: number; body: string } | undefined => {
    const reader = new ResponseReader(1_000_000)
    const outcome = reader.push(Buffer.from(text, 'latin1'))
    const isComplete = outcome === 'done' || outcome === 'surplus' || (outcome === 'more' && reader.end())
    const { status, body } = reader.answer
    return isComplete ? { status, body: Buffer.from(body).toString('latin1') } : undefined
  }

  it('valid responses are the same', async () => {
    const random = seededRandom(14)
    for (let round = 0; round < 150; round++) {
      const { text } = makeResponse(random)
      expect({ text, ...(await readByUndici(text)) }).toEqual({ text, ...readByUs(text) })
    }
  })

  it('where both can read what chance has changed, they read the same', async () => {
    const random = seededRandom(15)
    let both = 0
    for (let round = 0; round < 200; round++) {
      const bytes = Buffer.from(makeResponse(random).text, 'latin1')
      bytes[Math.floor(random() * Math.min(bytes.length, 200))] = pick([10, 13, 32, 48, 58, 102, 44], random)
      const text = bytes.toString('latin1')
      const ours = readByUs(text)
      const theirs = ours === undefined ? undefined : await readByUndici(text)
      if (ours === undefined || theirs === undefined) continue
      both++
      expect({ text, ...theirs }).toEqual({ text, ...ours })
    }
    expect(both).toBeGreaterThan(20)
  })
})
