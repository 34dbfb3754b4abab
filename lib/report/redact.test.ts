import { createHmac, randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { redactor } from './redact.ts'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const header = part({ alg: 'HS256', typ: 'JWT' })
const payload = part({ sub: 'alice', aud: 'https://gw.example.test?a>b' })
const signature = createHmac('sha256', 'k').update(`${header}.${payload}`).digest('base64url')
const jws = `${header}.${payload}.${signature}`

it('replaces of a token only the part that authenticates', () => {
  expect(redactor([])(`authorization: Bearer ${jws}\r\n`)).toBe(
    `authorization: Bearer ${header}.${payload}.<signature: 43 characters>\r\n`,
  )
})

it('finds a token behind text that looks like base64 too', () => {
  expect(redactor([])(`token_${jws}`)).toBe(`token_${header}.${payload}.<signature: 43 characters>`)
  expect(redactor([])(`https://gw.example.test/cb/${jws}?a=b`)).not.toContain(signature)
})

it('finds tokens in other spellings: padded, standard alphabet, UTF-16, pretty-printed, more parts', () => {
  const standard = (text: string) => Buffer.from(text, 'base64url').toString('base64')
  const pretty = Buffer.from('{\n  "alg": "HS256"\n}').toString('base64url')
  const wide = Buffer.from('{"alg":"HS256"}', 'utf16le').toString('base64url')
  for (const token of [
    `${standard(header)}.${standard(payload)}.${standard(signature)}`,
    `${pretty}.${payload}.${signature}`,
    `${wide}.${payload}.${signature}`,
    `${jws}.${signature}`,
    `${header}..${signature}`,
  ]) {
    const shown = redactor([])(`<${token}>`)
    expect(shown).not.toContain(signature.slice(0, 20))
    expect(shown).toContain('<signature: 4')
  }
})

it('finds the signature of a token in JSON serialization', () => {
  const flattened = JSON.stringify({ protected: header, payload, signature })
  expect(redactor([])(flattened)).not.toContain(signature)
  expect(redactor([])(JSON.stringify({ body: flattened }))).not.toContain(signature)
})

it('replaces of an encrypted token the content, which may be decrypted by anybody, and the tag', () => {
  const [key, iv, ciphertext, tag] = [256, 12, 90, 16].map((size) => randomBytes(size).toString('base64url'))
  const start = [part({ alg: 'RSA-OAEP', enc: 'A128GCM' }), key, iv].join('.')
  const content = '<content: 120 characters>'
  expect(redactor([])(`${start}.${String(ciphertext)}.${String(tag)}`)).toBe(
    `${start}.${content}.<tag: 22 characters>`,
  )
  expect(redactor([])(`${start}.${String(ciphertext)}.`)).toBe(`${start}.${content}.`)
})

it('replaces a payload that is a token of its own', () => {
  const inside = Buffer.from(`${header}.${payload}.${signature}`).toString('base64url')
  expect(redactor([])(`${header}.${inside}.${signature}`)).toBe(
    `${header}.<payload: ${inside.length} characters>.<signature: ${signature.length} characters>`,
  )
})

it('leaves a token without a signature as it is, unless it was let in', () => {
  const none = `${part({ alg: 'none' })}.${payload}.`
  expect(redactor([])(none)).toBe(none)
  expect(redactor([], { unsigned: 'redact' })(none)).toBe(
    `${part({ alg: 'none' })}.<payload: ${payload.length} characters>.`,
  )
})

it('leaves what is no token as it is', () => {
  for (const text of ['gw.example.test', 'a.b.c', '1.2.3.4', 'eyes.only.please', 'com.example.Class'])
    expect(redactor([])(text)).toBe(text)
})

it('replaces secrets wherever they stand, the longest first', () => {
  const redact = redactor(['hunter22', 'hunter22-and-more', 'hunter22'])
  expect(redact('x=hunter22-and-more; y=hunter22!')).toBe('x=<redacted>; y=<redacted>!')
})

it('replaces a secret in its encoded forms', () => {
  const secret = `p&ss/w"rd +é'<`
  const redact = redactor([secret])
  for (const text of [
    encodeURIComponent(secret),
    encodeURIComponent(secret).replace("'", '%27'),
    encodeURIComponent(secret).toLowerCase().replace("'", '%27'),
    new URLSearchParams({ secret }).toString(),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('base64url'),
    Buffer.from(`me:${secret}`).toString('base64'),
    Buffer.from(`you:${secret} and on`).toString('base64url'),
    Buffer.from(`12345:${secret}!`).toString('base64'),
    Buffer.from(secret, 'utf8').toString('latin1'),
    JSON.stringify({ secret }),
    `<p>p&amp;ss/w&quot;rd +é'&lt;</p>`,
  ])
    expect(redact(text), text).toContain('<redacted>')
})

it('replaces a very short secret only where it is the whole text', () => {
  const redact = redactor(['42', ''])
  expect(redact('42')).toBe('<redacted>')
  expect(redact('1429 of 42')).toBe('1429 of 42')
})

it('treats a secret as text, not as a pattern', () => {
  expect(redactor(['.*(['])('a .*([ b')).toBe('a <redacted> b')
  expect(redactor(['$&$1'])('a $&$1 b')).toBe('a <redacted> b')
})

it('reads long texts that look like a token in a time that grows with their length', () => {
  const long = `${'eyJ'.repeat(30_000)}.${'A'.repeat(90_000)}`
  expect(redactor(['secret'])(long)).toBe(long)
})

it('finds a secret of a million characters as well', () => {
  const secret = 'Ab1-'.repeat(250_000)
  expect(redactor([secret, 'hunter22'])(`x ${secret} y hunter22`)).toBe('x <redacted> y <redacted>')
})
