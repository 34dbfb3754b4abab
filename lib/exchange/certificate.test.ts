import { X509Certificate } from 'node:crypto'
import { createServer, type Server } from 'node:https'
import { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localCertificate } from '../../test/worlds/standing.ts'
import type { ForgedRequest } from '../forge/request.ts'
import type { Answer } from './answer.ts'
import { openExchange, type Exchanger } from './exchange.ts'
import { listenOn, requestTo, targetAt, type Wire } from './fixture.ts'

const { authority, certificate: shown } = localCertificate()
const certificates = {
  certificate: localCertificate().certificate,
  otherCertificate: localCertificate().certificate,
}
const printOf = ({ cert }: { readonly cert: string }): string => new X509Certificate(cert).fingerprint256
const names = new Map([
  [printOf(certificates.certificate), 'own'],
  [printOf(certificates.otherCertificate), 'other'],
  ['', 'none'],
])

/** Answers with the fingerprint of the client's certificate. */
const serve = (required: boolean): Server =>
  createServer(
    { ...shown, requestCert: true, rejectUnauthorized: required },
    ({ socket }, response) =>
      void response.end(
        socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.fingerprint256 : 'plain',
      ),
  )

let wires: Wire[]
let exchangers: Exchanger[]
beforeAll(async () => {
  wires = await Promise.all([listenOn(serve(false)), listenOn(serve(true))])
  exchangers = wires.map(({ port }) =>
    openExchange(targetAt(`https://127.0.0.1:${port}`, { tls: { ca: authority, insecure: false } }), {
      now: Date.now,
      certificates,
    }),
  )
})
afterAll(async () => {
  await Promise.all(exchangers.map((one) => one.close()))
  await Promise.all(wires.map((one) => one.close()))
})

const ask = async (changes: Partial<ForgedRequest>, at = 0): Promise<Answer> => {
  const exchanger = exchangers[at]
  if (exchanger === undefined) throw new Error('no exchanger')
  return exchanger.send(requestTo('/', changes))
}
const nameIn = (answer: Answer): string | undefined =>
  answer.kind === 'answered' ? names.get(answer.body.excerpt) : answer.loss

describe.each([
  ['through the client', false],
  ['byte by byte', true],
])('%s', (_, raw) => {
  it('a request travels with its own certificate, the other, or none, and never on a connection with another', async () => {
    for (const certificate of ['none', 'other', undefined, 'none', undefined, 'other'] as const) {
      const answer = await ask({ raw, ...(certificate === undefined ? {} : { certificate }) })
      expect(nameIn(answer)).toBe(certificate ?? 'own')
    }
  })
})

it('who is turned away without a certificate gets no answer, and no crash', async () => {
  const answer = await ask({ certificate: 'none' }, 1)
  expect(answer.kind).toBe('lost')
  expect(['tls', 'closed', 'reset']).toContain(nameIn(answer))
})
