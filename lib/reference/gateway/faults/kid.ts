import { setTimeout as sleep } from 'node:timers/promises'
import { withHeaders } from '../answer.ts'
import type { Decisions } from '../decisions.ts'
import type { GatewayRequest } from '../request.ts'
import { isObject } from '../strict-json.ts'
import { segmentJson, withMessage } from './answers.ts'
import { type Fault, fault } from './fault.ts'
import { percentDecoded } from './percent.ts'
import { anyKeyVerifies, authenticWhere, hasMacOf, usableKeys } from './signing.ts'

const kidOf = (request: GatewayRequest): unknown => {
  const header = segmentJson(request, 0)
  return isObject(header) ? header.kid : undefined
}

const kidText = (request: GatewayRequest): string => {
  const kid = kidOf(request)
  return typeof kid === 'string' ? kid : ''
}

/** The key is the one whose kid looks the same through the lens. */
const comparedBy =
  (lens: (kid: string) => string): Fault['alter'] =>
  () => ({
    keyOf: ({ kid }, keys) =>
      typeof kid === 'string' ? usableKeys(keys).find((key) => lens(key.kid) === lens(kid)) : undefined,
  })

/** Where the test says so, no key is looked for and any of the set will do. */
const anyKeyWhere = (test: (kid: unknown) => boolean): Fault['alter'] =>
  authenticWhere((token, keys, next) => test(token.header.kid) && anyKeyVerifies(token, keys, next))

/** Where the test says so, no key is found, and no signature is checked. */
const unverifiedWhere = (test: (kid: unknown, names: (kid: unknown) => boolean) => boolean): Fault['alter'] =>
  authenticWhere(({ header }, { usable }) =>
    test(header.kid, (kid) => typeof kid === 'string' && usable.has(kid)),
  )

/** The kid is a name of a file whose content is the HMAC secret; the files are these. */
const readsFile = (pathOf: (kid: string) => string): Fault['alter'] =>
  authenticWhere((token) => {
    const content = typeof token.header.kid === 'string' ? files.get(pathOf(token.header.kid)) : undefined
    return content !== undefined && hasMacOf(token, [content])
  })

const files = new Map([
  ['/dev/null', ''],
  ['/proc/sys/kernel/randomize_va_space', '2\n'],
  ['/proc/sys/kernel/ostype', 'Linux\n'],
  ['/etc/hostname', 'gateway\n'],
])

/** The path from a folder of keys, once the steps up are more than it is deep. */
const climbed = (kid: string): string => kid.replace(/^(?:\.\.\/)+/, '/')

/** The sleep in a statement or a command, in seconds: as long as it says, but never longer than any test asks for. */
export const secondsSlept = (kid: string): number => {
  const [, seconds] = /(?:sleep|waitfor delay)\W*?(?:0+:0*0:)?(\d{1,2})\b/i.exec(kid) ?? []
  return Math.min(Number(seconds ?? 0), 10)
}

const evaluated = (text: string): string =>
  text.replace(/\{\{(\d+)\*(\d+)\}\}/g, (_, left: string, right: string) =>
    String(Number(left) * Number(right)),
  )

const refusing =
  (
    rewrite: (answer: ReturnType<Decisions['refusal']>, kid: string) => ReturnType<Decisions['refusal']>,
  ): Fault['alter'] =>
  (next) => ({
    refusal: (refusal, standard, request) =>
      rewrite(next.refusal(refusal, standard, request), kidText(request)),
  })

/** How the key is found by its kid. */
export const kidFaults = {
  'kid-ignored': fault(
    'every key of the set is tried, whatever the kid says',
    anyKeyWhere(() => true),
  ),
  'kid-nocase': fault(
    'kids are compared without regard to case',
    comparedBy((kid) => kid.toLowerCase()),
  ),
  'kid-normalised': fault(
    'kids are normalised, and what is invisible is dropped',
    comparedBy((kid) =>
      kid
        .normalize('NFKC')
        .replace(/[\u200b-\u200d\u2060\ufeff\u00ad]/g, '')
        .trim(),
    ),
  ),
  'kid-empty-any-key': fault(
    'an empty kid is taken for a missing one, and any key will do',
    anyKeyWhere((kid) => kid === ''),
  ),
  'kid-type-any-key': fault(
    'a kid that is no text is taken for a missing one, and any key will do',
    anyKeyWhere((kid) => kid !== undefined && typeof kid !== 'string'),
  ),
  'kid-missing-unverified': fault(
    'without a kid, no signature is checked',
    unverifiedWhere((kid) => kid === undefined),
  ),
  'kid-type-unverified': fault(
    'with a kid that is no text, no signature is checked',
    unverifiedWhere((kid) => kid !== undefined && typeof kid !== 'string'),
  ),
  'sig-not-checked-when-kid-unknown': fault(
    'with an unknown kid, no signature is checked',
    unverifiedWhere((kid, names) => typeof kid === 'string' && !names(kid)),
  ),
  'kid-proto-lookup': fault(
    'keys stand in an object, which inherits members of other names',
    unverifiedWhere(
      (kid) =>
        typeof kid === 'string' &&
        ['__proto__', 'prototype', 'length', ...Object.getOwnPropertyNames(Object.prototype)].includes(kid),
    ),
  ),
  'kid-empty-null-key': fault(
    'an empty kid selects the empty HMAC secret',
    authenticWhere((token) => token.header.kid === '' && hasMacOf(token, [''])),
  ),
  'kid-path-traversal': fault(
    'the kid is a path from a folder of secrets',
    readsFile((kid) => (kid.startsWith('../') ? climbed(kid) : '')),
  ),
  'kid-absolute-path': fault(
    'the kid may be an absolute path or a file URL',
    readsFile((kid) => (/^C:\\+NUL$/i.test(kid) ? '/dev/null' : kid.replace(/^file:\/\//, ''))),
  ),
  'kid-path-traversal-encoded': fault(
    'the kid is checked for ../ and decoded afterwards',
    readsFile((kid) =>
      kid.startsWith('../') && !kid.includes('\0')
        ? ''
        : climbed(percentDecoded(percentDecoded(kid)).replaceAll('\\', '/').replace(/\0.*$/s, '')),
    ),
  ),
  'kid-sqli': fault(
    'the kid is pasted into a query, and what that returns is the HMAC secret',
    authenticWhere((token) => {
      const [, secret] = /union\s+(?:all\s+)?select\s+'([^']*)'/i.exec(String(token.header.kid)) ?? []
      return secret !== undefined && hasMacOf(token, [secret])
    }),
  ),
  'kid-nosql': fault(
    'the kid is pasted into a query that then finds some key, and the token is not verified',
    unverifiedWhere(
      (kid) =>
        (isObject(kid) && Object.keys(kid).some((name) => name.startsWith('$'))) ||
        /'\s*\|\|\s*'/.test(String(kid)),
    ),
  ),
  'kid-ldap': fault(
    'the kid is pasted into a filter that then finds some entry, and the token is not verified',
    unverifiedWhere((kid) => typeof kid === 'string' && kid.includes('*)(')),
  ),
  'kid-executed': fault('the kid is run by a shell or a database: a sleep in it is slept', () => ({
    prepare: async (request) => {
      await sleep(secondsSlept(kidText(request)) * 1000)
      return request
    },
  })),
  'kid-template': fault(
    'the kid is rendered as a template into the answer',
    refusing((answer, kid) =>
      kid.includes('{{') ? withMessage(answer, `No such key: ${evaluated(kid)}`) : answer,
    ),
  ),
  'kid-header-injection': fault(
    'the kid is written into a header, line ends and all',
    refusing((answer, kid) => {
      const [, name, value] = /\r\n([\w-]+): *([\x20-\x7e]*)/.exec(kid) ?? []
      return name === undefined || value === undefined ? answer : withHeaders(answer, name, value)
    }),
  ),
} as const satisfies Readonly<Record<string, Fault>>
