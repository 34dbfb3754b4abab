import { deflateRawSync } from 'node:zlib'
import type { RawText } from '../config/deviation.ts'
import { encode, noncanonical, padded, standard } from './base64.ts'
import { resolve, resolveText } from './value.ts'
import type { Members, Scene } from './scene.ts'

/** The segment of a compact JWS that holds these members, written as `raw` wants it where JSON alone cannot say it. */
export const writeSegment = (members: Members, raw: RawText | undefined, scene: Scene): string => {
  if (raw === undefined) return encode(JSON.stringify(members))
  const bytes = withRoom(charset(jsonText(members, raw, scene), raw.charset), raw.base64)
  const text = spell(raw.deflate === true ? deflateRawSync(bytes) : bytes, raw.base64)
  if (raw.insert === undefined) return text
  const put = resolveText(raw.insert.text, scene)
  const at = { start: 0, middle: text.length >> 1, end: text.length }[raw.insert.at]
  return text.slice(0, at) + put + text.slice(at)
}

/** Only what is no multiple of three bytes has padding, or unused bits; one more space changes no JSON. */
const withRoom = (bytes: Buffer, as: RawText['base64']): Buffer =>
  (as === 'padded' || as === 'noncanonical') && bytes.length % 3 === 0
    ? Buffer.concat([bytes, Buffer.from(' ')])
    : bytes

const jsonText = (members: Members, raw: RawText, scene: Scene): string => {
  const text = raw.text === undefined ? objectText(members, raw, scene) : resolveText(raw.text, scene)
  const replaced = (raw.replace ?? []).reduce((so, [from, to]) => so.replaceAll(from, to), text)
  return resolveText(raw.before ?? '', scene) + replaced + resolveText(raw.after ?? '', scene)
}

/** The object member by member, since a literal, a doubled or an escaped member is no JSON value. */
const objectText = (members: Members, raw: RawText, scene: Scene): string => {
  const literal = raw.members ?? {}
  const doubled = raw.duplicate ?? {}
  const written: string[] = []
  const names = new Set([...Object.keys(members), ...Object.keys(literal), ...Object.keys(doubled)])
  for (const name of names) {
    const renamed = own(raw.rename ?? {}, name)
    const key = renamed === undefined ? JSON.stringify(name) : `"${renamed}"`
    const values = own(doubled, name)?.map((value) => JSON.stringify(resolve(value, scene))) ?? [
      Object.hasOwn(literal, name) ? resolveText(literal[name], scene) : JSON.stringify(members[name]),
    ]
    for (const value of values) written.push(`${key}:${value}`)
  }
  return raw.pretty === true ? `{\r\n  ${written.join(',\n\t')} \n}\n` : `{${written.join(',')}}`
}

/** A member may be called `__proto__`. */
const own = <Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

const charset = (text: string, name: RawText['charset']): Buffer => {
  if (name === 'utf-16le') return Buffer.from(text, 'utf16le')
  if (name === 'latin1') return Buffer.from(text, 'latin1')
  return name === 'utf-8-bom'
    ? Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(text)])
    : Buffer.from(text)
}

const spell = (bytes: Buffer, as: RawText['base64']): string => {
  if (as === 'none') return bytes.toString('latin1')
  const text = encode(bytes)
  if (as === 'padded') return padded(text)
  if (as === 'standard') return standard(text)
  return as === 'noncanonical' ? (noncanonical(text) ?? text) : text
}
