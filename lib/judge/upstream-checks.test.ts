import { describe, expect, it, test } from 'vitest'
import type { ForgedRequest } from '../forge/request.ts'
import { answered, hit, unwitnessed } from './fixture.ts'
import { upstreamChecks, type Passage } from './upstream-checks.ts'

const claims = Buffer.from(JSON.stringify({ sub: 'gateproof', team: ['a', 'b'] })).toString('base64url')
const token = `eyJhbGciOiJSUzI1NiJ9.${claims}.c2lnbmF0dXJl`
const other = `eyJhbGciOiJSUzI1NiJ9.${claims}.b3RoZXItc2ln`
const bearer = ['Authorization', `Bearer ${token}`] as const

type Field = readonly [name: string, value: string]

const request: ForgedRequest = {
  method: 'GET',
  target: '/v1/hello',
  headers: [bearer],
  version: '1.1',
  raw: false,
  secrets: [token],
}

type Came = {
  readonly target?: string
  readonly headers?: readonly Field[]
  readonly trailers?: readonly Field[]
}

const passage = (came: Came, sent: Partial<ForgedRequest> = {}, more: Partial<Passage> = {}): Passage => ({
  ...unwitnessed,
  arrivals: [{ hit: { ...hit, headers: [bearer], ...came }, sent: { ...request, ...sent } }],
  ...more,
})

const forwards = { claims: { 'X-Sub': 'sub', 'X-Team': 'team', 'X-None': 'none' }, format: 'plain' } as const
const goodHits = [{ ...hit, headers: [bearer, ['X-Forwarded-For', '::1'], ['X-Sub', 'a']] as const }]
const told: readonly Field[] = [
  ['X-Sub', 'gateproof'],
  ['x-team', '["a","b"]'],
]
const second: Partial<ForgedRequest> = {
  headers: [bearer, ['Authorization', `Bearer ${other}`]],
  secrets: [token, other],
}
const spoofed = { headers: [['X-Forwarded-For', '203.0.113.77'] as const] }
const traced = { headers: [['traceparent', '00-ab-cd-01'] as const] }

const table: Record<
  Exclude<keyof typeof upstreamChecks, 'upstream-answer-kept'>,
  { readonly holds: readonly Passage[]; readonly holdsNot: readonly Passage[] }
> = {
  'client-identity-dropped': {
    holds: [passage({ headers: [['X-User', 'gateproof']] })],
    holdsNot: [
      passage({ headers: [['X-User', 'gateproof-intruder']] }),
      passage({ trailers: [['X-User', 'gateproof-intruder, admin']] }),
    ],
  },
  'trailers-apart': {
    holds: [
      passage({ headers: [['X-User', 'gateproof']] }),
      passage({ trailers: [['X-User', 'gateproof-intruder']] }),
    ],
    holdsNot: [passage({ headers: [['X-User', 'gateproof-intruder']] })],
  },
  'identity-kept': {
    holds: [
      passage({ headers: [bearer, ['x-forwarded-for', '::1'], ['X-SUB', 'a']] }, {}, { goodHits, forwards }),
      passage({ headers: [] }),
    ],
    holdsNot: [
      passage(
        {
          headers: [
            ['x-forwarded-for', '::1'],
            ['X-Sub', 'a'],
          ],
        },
        {},
        { goodHits, forwards },
      ),
      passage({ headers: [bearer, ['X-Sub', 'a']] }, {}, { goodHits, forwards }),
      passage({ headers: [bearer, ['x-forwarded-for', '::1']] }, {}, { goodHits, forwards }),
    ],
  },
  'credential-kept': {
    holds: [passage({})],
    holdsNot: [passage({ headers: [] }), passage({ headers: [['Authorization', `bearer ${token}`]] })],
  },
  'credential-stripped': {
    holds: [passage({ headers: [] })],
    holdsNot: [
      passage({}),
      passage({ headers: [], target: `/?access_token=${token}` }),
      passage({ headers: [['X-Original-Authorization', token]] }),
    ],
  },
  'query-token-dropped': {
    holds: [passage({ target: '/?a=b' })],
    holdsNot: [passage({ target: `/?access_token=${token}` })],
  },
  'forwarded-token-judged': {
    holds: [passage({ headers: [['authorization', `Bearer   ${token}`]] }), passage({}, second)],
    holdsNot: [
      passage({ headers: [['Authorization', `Bearer ${token}.`]] }),
      passage({ headers: [bearer, ['Authorization', `Bearer ${other}`]] }, second),
      passage({ headers: [['Authorization', `Bearer ${other}`]] }, second),
      passage({ headers: [] }),
    ],
  },
  'claim-headers-right': {
    holds: [
      passage({ headers: told }, {}, { forwards }),
      passage({ headers: [...told, ['X-None', '']] }, {}, { forwards }),
    ],
    holdsNot: [
      passage({ headers: told.slice(1) }, {}, { forwards }),
      passage({ headers: [...told, ['x-sub', 'admin']] }, {}, { forwards }),
      passage({ headers: [...told, ['X-None', 'admin']] }, {}, { forwards }),
      passage({ headers: [['X-Sub', 'admin'], ...told.slice(1)] }, {}, { forwards }),
    ],
  },
  'claim-in-one-piece': {
    holds: [passage({ headers: [['X-Sub', 'a%2C%20b']] }, {}, { forwards })],
    holdsNot: [passage({ headers: [['X-Sub', 'a, b']] }, {}, { forwards })],
  },
  'no-injected-upstream-header': {
    holds: [passage({ headers: [['X-Sub', 'a%0D%0AX-Injected: yes']] })],
    holdsNot: [passage({ headers: [['x-injected', 'yes']] })],
  },
  'forwarded-by-gateway': {
    holds: [
      passage({ headers: [['X-Forwarded-For', '203.0.113.77, ::1']] }, spoofed),
      passage(
        {
          headers: [
            ['X-Forwarded-For', '203.0.113.77'],
            ['X-Forwarded-For', '::1'],
          ],
        },
        spoofed,
      ),
      passage({ headers: [] }, spoofed),
    ],
    holdsNot: [passage({ headers: [['x-forwarded-for', '203.0.113.77']] }, spoofed)],
  },
  'trace-kept': {
    holds: [passage({ headers: [['Traceparent', '00-ab-cd-01']] }, traced)],
    holdsNot: [
      passage({ headers: [['traceparent', '00-ab-ef-01']] }, traced),
      passage({ headers: [] }, traced),
    ],
  },
}

describe.each(Object.keys(table))('%s', (name) => {
  const isKnown = (key: string): key is keyof typeof table => Object.hasOwn(table, key)
  if (!isKnown(name)) throw new Error('a check without a table')
  it('holds, and does not', () => {
    const { holds, holdsNot } = table[name]
    const say = (one: Passage) => upstreamChecks[name](answered(200), one)
    expect(holds.map(say)).toEqual(holds.map(() => undefined))
    expect(holdsNot.map(say)).toEqual(holdsNot.map(() => expect.any(String)))
  })
})

test('no check has anything to say of what did not arrive', () => {
  for (const check of Object.values(upstreamChecks)) expect(check(answered(401), unwitnessed)).toBeUndefined()
})

test('nothing that a client or a gateway wrote stands unescaped in what is said', () => {
  const said = upstreamChecks['client-identity-dropped'](
    answered(200),
    passage({ headers: [['X-\u0007User', 'gateproof-intruder']] }),
  )
  expect(said).toBe('the client’s own "X-\\u0007User" reached the upstream')
})

describe('upstream-answer-kept', () => {
  const asked = passage({ headers: [['x-gateproof-answer', '401']] })
  const challenge = ['WWW-Authenticate', 'Bearer realm="gateproof-upstream"'] as const
  const check = upstreamChecks['upstream-answer-kept']

  it('wants the status and the challenge that the upstream gave', () => {
    expect(check(answered(401, [challenge]), asked)).toBeUndefined()
    expect(check(answered(403, [challenge]), asked)).toEqual(expect.any(String))
    expect(check(answered(401, [['WWW-Authenticate', 'Bearer']]), asked)).toEqual(expect.any(String))
  })

  it('wants nothing where the upstream was not asked', () => {
    expect(check(answered(200), passage({}))).toBeUndefined()
  })
})
