import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { certificatePem, makeCertificate } from '../lib/forge/certificate.ts'
import { play, type Played } from './stage.ts'

const certificate = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const validity = { notBefore: new Date('2020-01-01'), notAfter: new Date('2049-01-01') }
  const der = makeCertificate({
    subject: 'listener',
    altNames: ['127.0.0.1'],
    publicKey,
    signWith: privateKey,
    validity,
    ca: false,
  })
  return { cert: certificatePem(der), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

const include = ['controls', 'key-jku-pingback', 'key-jku-rogue', 'kid-jndi', 'aud-wrong']
const resultOf = ({ results }: Played, id: string) => results.find((one) => one.case === id)
const verdictOf = (played: Played, id: string) => resultOf(played, id)?.verdict

describe('that nobody came to the listener', () => {
  test('lets a case pass where the gateway could have come', async () => {
    const played = await play({ listener: { reachable: true }, include })
    expect(played.code).toBe(0)
    expect(verdictOf(played, 'key-jku-rogue')).toEqual({ status: 'pass', notes: [] })
  })

  test('leaves a case to its token where nobody knows whether it could have, and says so', async () => {
    const played = await play({ listener: { reachable: false }, include })
    expect(verdictOf(played, 'key-jku-rogue')).toEqual({ status: 'pass', notes: ['no-fetch-unproven'] })
    expect(verdictOf(played, 'aud-wrong')).toEqual({ status: 'pass', notes: [] })
  })

  test('is no question without a listener', async () => {
    const played = await play({ include })
    expect(verdictOf(played, 'key-jku-rogue')).toMatchObject({
      status: 'not-applicable',
      missing: ['listener'],
    })
  })
})

describe('a gateway that follows', () => {
  test('is found out by its fetch, though it refuses the token', async () => {
    const played = await play({ listener: { reachable: false }, faults: ['jku-followed'], include })
    expect(played.code).toBe(1)
    const pingback = resultOf(played, 'key-jku-pingback')
    expect(pingback?.verdict).toMatchObject({
      status: 'fail',
      mismatches: [{ kind: 'fetched', safety: 'fails-open', level: 'must' }],
    })
    expect(pingback?.evidence).toMatchObject([
      { response: { status: 401 }, contacts: [{ protocol: 'http', requests: [{ method: 'GET' }] }] },
    ])
    expect(verdictOf(played, 'key-jku-rogue')).toMatchObject({
      mismatches: [{ kind: 'fetched' }, { kind: 'let-in' }],
    })
    expect(verdictOf(played, 'kid-jndi')).toMatchObject({ status: 'pass' })
  })

  test('is found out by a TLS handshake alone, where it does not trust the listener', async () => {
    const tls = certificate()
    const played = await play({ listener: { reachable: true, tls }, faults: ['jku-followed'], include })
    expect(verdictOf(played, 'key-jku-pingback')).toMatchObject({
      status: 'fail',
      mismatches: [{ kind: 'fetched', detail: 'a TLS handshake without a request' }],
    })
    expect(verdictOf(played, 'aud-wrong')?.status).toBe('pass')
    expect(verdictOf(played, 'kid-jndi')?.status).toBe('pass')
  })

  test('is found out by an LDAP search in each place that is logged', async () => {
    const played = await play({ listener: { reachable: true }, faults: ['log-expands-lookups'], include })
    const jndi = resultOf(played, 'kid-jndi')
    expect(jndi?.variants?.map(({ name, verdict }) => [name, verdict.status])).toEqual(
      ['kid', 'alg', 'iss', 'sub', 'sub-let-in'].map((name) => [name, 'fail']),
    )
    expect(jndi?.variants?.[0]?.evidence?.[0]?.contacts).toMatchObject([
      { protocol: 'ldap', requests: [{ method: 'SEARCH' }] },
    ])
  })
})
