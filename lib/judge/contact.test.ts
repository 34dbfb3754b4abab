import { expect, test } from 'vitest'
import type { Contact } from '../serve/listener.ts'
import { withContacts } from './contact.ts'
import type { Verdict } from './verdict.ts'

const contact: Contact = {
  at: 0,
  from: '127.0.0.1',
  protocol: 'http',
  firstBytes: 'GET /a HTTP/1.1',
  requests: [{ method: 'GET', path: '/a' }],
}
const pass: Verdict = { status: 'pass', notes: ['style'] }

test('nobody came: the verdict stands', () => {
  expect(withContacts(pass, [], 'must')).toBe(pass)
})

test.each<[Verdict, readonly string[]]>([
  [pass, ['fetched']],
  [{ status: 'inconclusive', reason: 'lost', notes: [] }, ['fetched']],
  [{ status: 'observed', notes: [] }, ['fetched']],
  [
    {
      status: 'fail',
      mismatches: [{ kind: 'let-in', safety: 'fails-open', level: 'must', detail: '' }],
      notes: [],
    },
    ['fetched', 'let-in'],
  ],
])('whoever came is a finding whatever else was found: %j', (verdict, kinds) => {
  const told = withContacts(verdict, [contact], 'must')
  expect(told).toMatchObject({ status: 'fail', notes: verdict.notes })
  expect(told).toMatchObject({ mismatches: kinds.map((kind) => ({ kind })) })
})

test.each<[string, Partial<Contact>, string]>([
  ['a request', {}, 'http: "GET" "/a"'],
  ['an LDAP search', { protocol: 'ldap', requests: [{ method: 'SEARCH', path: 'a' }] }, 'ldap: "SEARCH" "a"'],
  [
    'a TLS handshake',
    { protocol: 'tls', requests: [], serverName: 'a.test' },
    'a TLS handshake without a request for "a.test"',
  ],
  ['bytes', { protocol: 'tcp', requests: [], firstBytes: 'a\u0000"' }, 'TCP: "a\\u0000\\u0022"'],
  ['nothing', { protocol: 'tcp', requests: [], firstBytes: '' }, 'a TCP connection without a word'],
])('%s is told, escaped', (_, changes, detail) => {
  expect(withContacts(pass, [{ ...contact, ...changes }, contact], 'should')).toEqual({
    status: 'warn',
    mismatches: [{ kind: 'fetched', safety: 'fails-open', level: 'should', detail: `${detail}, and 1 more` }],
    notes: ['style'],
  })
})

test('a long path is cut', () => {
  const requests = [{ method: 'GET', path: `/${'a'.repeat(500)}` }]
  const told = withContacts(pass, [{ ...contact, requests }], 'must')
  expect(told).toMatchObject({ mismatches: [{ detail: `http: "GET" "/${'a'.repeat(79)}…"` }] })
})
