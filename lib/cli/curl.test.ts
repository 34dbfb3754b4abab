import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { ForgedRequest } from '../forge/request.ts'
import { credentialsOf, partAtCredentials, withVariables } from './credentials.ts'
import { reproduction } from './curl.ts'

const origin = 'http://gw.example.test:8080'

const request = (more: Partial<ForgedRequest> = {}): ForgedRequest => ({
  method: 'GET',
  target: '/v1/hello',
  headers: [['Authorization', 'Bearer aaaa.bbbb.cccc']],
  version: '1.1',
  raw: false,
  secrets: ['aaaa.bbbb.cccc'],
  ...more,
})

const commandOf = (one: ForgedRequest, to = origin): string => reproduction(one, to, credentialsOf(one))

/** What a shell makes of the command, with the variables set and the network tool taken away. */
const played = (one: ForgedRequest): Buffer => {
  const env = Object.fromEntries(credentialsOf(one).map(({ variable, value }) => [variable, value]))
  const shim = 'nc() { cat; }; curl() { printf "%s\\n" "$@"; }; '
  return execFileSync('sh', ['-c', shim + commandOf(one)], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

describe('a command that sends a request again', () => {
  it('is curl where curl can send it, with the exact arguments', () => {
    const one = request({
      method: 'PUT',
      target: "/v1/it's?a=[1]",
      headers: [
        ['Authorization', 'Bearer aaaa.bbbb.cccc'],
        ['X-Quoted', `a 'b' "c" $d \`e\``],
      ],
      body: Buffer.from('{"a":1}'),
    })
    expect(played(one).toString().split('\n').slice(0, -1)).toEqual([
      ...['-i', '--path-as-is', '-g', '-X', 'PUT'],
      ...['-H', 'Authorization: Bearer aaaa.bbbb.cccc'],
      ...['-H', `X-Quoted: a 'b' "c" $d \`e\``],
      ...['-H', 'Content-Type:'],
      ...['--data-binary', '{"a":1}'],
      `${origin}/v1/it's?a=[1]`,
    ])
    expect(commandOf(one)).not.toContain('aaaa')
  })

  it('asks for no body where there is none', () => {
    expect(commandOf(request({ method: 'HEAD' }))).toMatch(/^curl -i --path-as-is -g -I \\/)
    expect(commandOf(request({ method: 'POST' }))).toMatch(/ -X 'POST' /)
  })

  it.each<[string, Partial<ForgedRequest>]>([
    [
      'a NUL in a header',
      { headers: [['Authorization', 'Bearer aaaa.\0bbbb.cccc']], secrets: ['aaaa.\0bbbb.cccc'] },
    ],
    ['a line end in a header', { headers: [['X', 'a\r\n b']], raw: true }],
    ['bytes above ASCII', { headers: [['X', '\u00ff\u0080 5']] }],
    ['percent signs, backslashes and quotes', { headers: [['X', `100%d \\n 'q' "q"`]], raw: true }],
    ['digits behind an escape', { headers: [['X', '\u0001\u00311']], raw: true }],
    [
      'a percent sign in the token',
      { headers: [['A', 'Bearer a%2Eb%sc']], secrets: ['a%2Eb%sc'], raw: true },
    ],
    ['a backslash in the token', { headers: [['A', 'Bearer a\\101b']], secrets: ['a\\101b'], raw: true }],
    [
      'a header twice',
      {
        headers: [
          ['A', '1'],
          ['a', '2'],
        ],
      },
    ],
    ['another version', { version: '1.0' }],
    ['no host', { omits: ['host'] }],
    ['an absolute target', { target: 'http://gw.example.test/v1' }],
    [
      'a chunked body',
      { headers: [['Transfer-Encoding', 'chunked']], body: Buffer.from('1\r\na\r\n0\r\n\r\n') },
    ],
    ['a body of any bytes', { body: Buffer.from([0, 1, 255, 37, 92]), raw: true }],
  ])('is its exact bytes through a socket where it has %s', (_, more) => {
    const one = request(more)
    const command = commandOf(one)
    expect(command).toMatch(/^printf [^]* \|\n {2}nc gw\.example\.test 8080$/)
    for (const secret of one.secrets) expect(command).not.toContain(secret)
    const head = [
      `${one.method} ${one.target} HTTP/${one.version}`,
      ...(one.omits === undefined ? ['Host: gw.example.test:8080'] : []),
      ...(one.body === undefined || one.headers.some(([name]) => name === 'Transfer-Encoding')
        ? []
        : [`Content-Length: ${one.body.length}`]),
      ...one.headers.map(([name, value]) => `${name}: ${value}`),
      'Connection: close',
    ]
    const bytes = Buffer.concat([
      Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'),
      Buffer.from(one.body ?? []),
    ])
    expect(played(one).toString('latin1')).toBe(bytes.toString('latin1'))
  })

  it('goes through TLS where the target does, naming the host but no address', () => {
    const raw = request({ raw: true })
    expect(commandOf(raw, 'https://gw.example.test')).toMatch(
      /\|\n {2}openssl s_client -quiet -connect gw\.example\.test:443 -servername gw\.example\.test$/,
    )
    expect(commandOf(raw, 'https://[::1]:8443')).toMatch(/-connect \[::1\]:8443 -noservername$/)
    expect(commandOf(raw, 'http://[::1]')).toMatch(/nc ::1 80$/)
  })
})

describe('the variables of credentials', () => {
  const before = request({ secrets: ['good-token', 'aaaa.bbbb.cccc'] })

  it('are named in order, the good request’s after the own, each value once', () => {
    const named = credentialsOf(request({ secrets: ['one', 'two', 'one'], before }))
    expect(named.map(({ variable, value }) => `${variable}=${value}`)).toEqual([
      'TOKEN=one',
      'TOKEN_2=two',
      'GOOD=good-token',
      'GOOD_2=aaaa.bbbb.cccc',
    ])
  })

  it('stand where the credentials stood, the longest first', () => {
    const named = credentialsOf(request({ secrets: ['abc', 'abcdef'] }))
    expect(withVariables('x abcdef y abc z', named)).toBe('x $TOKEN_2 y $TOKEN z')
    expect(partAtCredentials('abc', named)).toEqual([{ kind: 'variable', name: 'TOKEN' }])
    expect(withVariables('nothing', [])).toBe('nothing')
  })
})
