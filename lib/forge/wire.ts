import type { WireEdit } from '../config/deviation.ts'
import { decode, encode, noncanonical, padded, standard } from './base64.ts'
import { resolveText } from './value.ts'
import { ValueError, type Scene } from './scene.ts'

type Segment = 'header' | 'payload' | 'signature'

/** The compact form with one edit made, for what no encoder would write. */
export const editWire = (compact: string, wire: WireEdit, scene: Scene): string => {
  if (wire.text !== undefined) return resolveText(wire.text, scene)
  const [header = '', payload = '', ...rest] = compact.split('.')
  const parts = { header, payload, signature: rest.join('.') }
  if (wire.join !== undefined) return wire.join.map((piece) => segmentOr(piece, parts, scene)).join('.')
  if (wire.form !== undefined) return jsonForm(wire.form, parts, scene)
  const edited = { ...parts }
  if (wire.insert !== undefined) {
    const put = resolveText(wire.insert.text, scene)
    if (wire.insert.in === 'token') return insert(compact, put, wire.insert.at)
    edited[wire.insert.in] = insert(parts[wire.insert.in], put, wire.insert.at)
  }
  if (wire.keep !== undefined) edited[wire.keep.in] = keep(parts[wire.keep.in], wire.keep)
  if (wire.flip !== undefined) edited[wire.flip.in] = flip(parts[wire.flip.in], wire.flip.bit)
  if (wire.recode !== undefined) edited[wire.recode.in] = recode(parts[wire.recode.in], wire.recode.as)
  return `${edited.header}.${edited.payload}.${edited.signature}`
}

type Parts = Readonly<Record<Segment, string>>

const segmentOr = (piece: unknown, parts: Parts, scene: Scene): string => {
  if (typeof piece === 'object' && piece !== null && '$segment' in piece) {
    const name = piece.$segment
    const from = 'token' in piece ? partsOf(genuine(String(piece.token), scene)) : parts
    if (name === 'header' || name === 'payload' || name === 'signature') return from[name]
    throw new ValueError(`$segment knows header, payload and signature, not ${String(name)}`)
  }
  return resolveText(piece, scene)
}

const partsOf = (compact: string): Parts => {
  const [header = '', payload = '', signature = ''] = compact.split('.')
  return { header, payload, signature }
}

const genuine = (name: string, { genuine: tokens }: Scene): string => {
  const token = tokens?.(name)
  if (token === undefined) throw new ValueError(`there is no genuine token called ${name}`)
  return token
}

const insert = (text: string, put: string, at: 'start' | 'middle' | 'end'): string => {
  const index = { start: 0, middle: text.length >> 1, end: text.length }[at]
  return text.slice(0, index) + put + text.slice(index)
}

const keep = (text: string, { characters, bytes, half }: NonNullable<WireEdit['keep']>): string => {
  const decoded = decode(text)
  if (half === true) return encode(decoded.subarray(0, decoded.length >> 1))
  if (bytes !== undefined)
    return encode(bytes < 0 ? decoded.subarray(0, decoded.length + bytes) : decoded.subarray(0, bytes))
  return characters === undefined ? text : text.slice(0, characters)
}

const flip = (text: string, bit: 'first' | 'last' | 'middle'): string => {
  const bytes = decode(text)
  const [index, mask] = { first: [0, 0x80], middle: [bytes.length >> 1, 1], last: [bytes.length - 1, 1] }[bit]
  bytes[index ?? 0] = (bytes[index ?? 0] ?? 0) ^ (mask ?? 1)
  return encode(bytes)
}

const recode = (text: string, as: 'padded' | 'standard' | 'noncanonical'): string => {
  if (as === 'padded') return padded(text) === text ? `${text}==` : padded(text)
  const other = as === 'standard' ? standard(text) : noncanonical(text)
  if (other === undefined) throw new ValueError('a segment of this length has no unused bits')
  if (other === text) throw new ValueError('a segment without - and _ reads the same in both alphabets')
  return other
}

/** JSON serializations (RFC 7515 section 7.2), and the text that is JSON to one parser and compact to another. */
const jsonForm = (
  form: 'flattened' | 'general' | 'polyglot',
  { header, payload, signature }: Readonly<Record<Segment, string>>,
  scene: Scene,
): string => {
  switch (form) {
    case 'flattened':
      return JSON.stringify({ protected: header, payload, signature })
    case 'general':
      return JSON.stringify({
        payload,
        signatures: [
          { protected: header, signature },
          { protected: header, signature },
        ],
      })
    case 'polyglot': {
      const forged = encode(JSON.stringify({ ...scene.good.claims, sub: 'gateproof-forged' }))
      return `{"  ${header}.${forged}.":"","protected":"${header}","payload":"${payload}","signature":"${signature}"}`
    }
  }
}
