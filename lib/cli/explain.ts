import { describeExpected } from '../report/describe.ts'
import { visible } from '../report/escape.ts'
import { bentSecrets, redactor } from '../report/redact.ts'
import { specLink } from '../report/spec-link.ts'
import { wrap } from '../report/wrap.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { benchCase, type Benched } from './bench.ts'
import { reproduction } from './curl.ts'
import type { Terminal } from './terminal.ts'

/** `gateproof explain`: what a case is about, what it sends, what is expected, and how to repeat it. */
export const explain = async (
  id: string,
  options: { readonly config: string },
  terminal: Terminal,
): Promise<number> => {
  const benched = await benchCase(id, options.config, terminal)
  terminal.out(`${explanation(benched, terminal.columns).join('\n')}\n`)
  return 0
}

const explanation = (benched: Benched, width: number): readonly string[] => {
  const { planned, variant, config, suite } = benched
  const { requirement, case: one, spec } = planned
  const why = one.why ?? requirement.why
  const link = specLink(spec)
  const others = planned.variants.flatMap(({ name }) => name ?? [])
  return [
    `${one.id}${variant.name === undefined ? '' : `/${variant.name}`} · ${planned.level} · ${planned.severity}`,
    ...wrap(one.title, width),
    '',
    ...titled('Requirement', `${requirement.id}: ${requirement.title}`, width),
    ...titled(
      'Source',
      `${spec.document} section ${spec.section}${link === undefined ? '' : ` · ${link}`}`,
      width,
    ),
    ...(why === undefined ? [] : titled('Why it matters', why.trim().replaceAll('\n', ' '), width)),
    ...(planned.advisories.length === 0 ? [] : titled('Seen in', planned.advisories.join(', '), width)),
    ...(others.length < 2 ? [] : titled('Variants', others.join(', '), width)),
    ...titled('Expected', describeExpected(variant.expect), width),
    ...(variant.missing.length === 0
      ? sent(
          benched.make(),
          config.target.origin,
          variant.name === undefined ? one.id : `${one.id}/${variant.name}`,
        )
      : titled(
          'Does not apply here',
          variant.missing
            .map((name) => `${name}: ${suite.features[name]?.unlock ?? 'declare it'}`)
            .join('; '),
          width,
        )),
  ]
}

const titled = (title: string, text: string, width: number): readonly string[] => [
  title,
  ...wrap(text, width - 2).map((line) => `  ${line}`),
  '',
]

const sent = (request: ForgedRequest, origin: string, id: string): readonly string[] => {
  const redact = redactor(bentSecrets(request.secrets))
  const line = (text: string) => `  ${visible(shorten(redact(text)))}`
  return [
    ...(request.before === undefined ? [] : ['The good token goes first, sent in the same way.', '']),
    request.raw ? 'Sent, byte by byte' : 'Sent',
    line(`${request.method} ${request.target} HTTP/${request.version}`),
    ...request.headers.map(([name, value]) => line(`${name}: ${value}`)),
    ...(request.body === undefined ? [] : ['', line(Buffer.from(request.body).toString('latin1'))]),
    '',
    ...(request.token === undefined
      ? []
      : [
          'The token, decoded',
          line(
            `header  ${request.token.header === undefined ? '(no JSON object)' : JSON.stringify(request.token.header)}`,
          ),
          line(
            `claims  ${request.token.claims === undefined ? '(no JSON object)' : JSON.stringify(request.token.claims)}`,
          ),
          '',
        ]),
    'How to repeat it',
    ...(request.secrets.length === 0 ? [] : [`  TOKEN=$(gateproof token ${id})  # it expires`]),
    ...reproduction(request, origin)
      .split('\n')
      .map((text) => `  ${shorten(text)}`),
  ]
}

const shorten = (text: string): string =>
  text.length <= 2000 ? text : `${text.slice(0, 2000)}… (${text.length} characters)`
