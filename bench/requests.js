// What all generators send: another token of 900 bytes with each request, a tenth of them bad.
import { Buffer } from 'node:buffer'

export const connections = 50
export const token = (name, index) => `${name}${index}`.padEnd(900, 'x')

const requests = (name) =>
  Array.from({ length: 1000 }, (_, index) =>
    Buffer.from(
      `GET /${name} HTTP/1.1\r\nHost: target\r\nAuthorization: Bearer ${token(name, index)}\r\n\r\n`,
    ),
  )

export const classes = () => [
  { name: 'valid', expect: 'accept', weight: 90, requests: requests('good') },
  { name: 'bad', expect: 'refuse', weight: 10, requests: requests('bad') },
]

export const judge = { bodyBytes: 0, read: ({ status }) => (status === 200 ? 'let-in' : 'refused') }
