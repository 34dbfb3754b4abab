import type { Step } from '../config/steps.ts'
import { originOf } from '../exchange/exchange.ts'
import { longDelay, namesDelay, shortDelay } from '../forge/delay.ts'
import { describeExpected } from '../report/describe.ts'
import { paragraphsOf } from '../report/prose.ts'
import { specLink } from '../report/spec-link.ts'
import { wrap } from '../report/wrap.ts'
import { benchCase, type Benched } from './bench.ts'
import { explainRequest, spacedJson } from './explain-request.ts'
import { explainSteps } from './explain-steps.ts'
import type { Terminal } from './terminal.ts'

/** `gateproof explain`: what a case is about, what it sends, what is expected, and how to repeat it. */
export const explain = async (
  id: string,
  options: { readonly config?: string },
  terminal: Terminal,
): Promise<number> => {
  const benched = await benchCase(id, options.config, terminal)
  const lines = explanation(benched, { width: terminal.columns, configFile: options.config })
  terminal.out(`${lines.join('\n').trimEnd()}\n`)
  return 0
}

export type Setting = { readonly width: number; readonly configFile: string | undefined }

/** The page of a case, a line each. */
export const explanation = (benched: Benched, { width, configFile }: Setting): readonly string[] => {
  const { planned, variant, config } = benched
  const { requirement, case: one, spec } = planned
  const id = variant.name === undefined ? one.id : `${one.id}/${variant.name}`
  const why = one.why ?? requirement.why
  const link = specLink(spec)
  const others = planned.variants.flatMap(({ name }) => name ?? [])
  const { steps } = variant
  const call = `${id}${configFile === undefined ? '' : ` -c ${configFile}`}`
  // A load phase is what `load --cases` gives.
  const missing = variant.missing.filter((name) => name !== 'load')
  const titled = (title: string, ...texts: readonly string[]) => section(title, texts, width)
  return [
    ...wrap(`${id} · ${planned.level} · ${planned.severity}`, width),
    ...wrap(one.title, width),
    '',
    ...titled('Requirement', `${requirement.id}: ${requirement.title}`),
    ...titled('Source', `${spec.document} section ${spec.section}`, ...(link === undefined ? [] : [link])),
    ...(why === undefined ? [] : titled('Why it matters', ...paragraphsOf(why))),
    ...(planned.advisories.length === 0
      ? []
      : titled('Seen in', ...planned.advisories.map((advisory) => advisoryLine(advisory)))),
    ...(others.length < 2 ? [] : titled('Variants', others.join(', '))),
    ...titled('Expected', `${describeExpected(variant.expect)}.`, ...remarksOn(benched)),
    ...(steps === undefined ? [] : ['Steps', ...stepsText(steps, benched, { width, call }), '']),
    ...dataOf(one).flatMap(([title, ...texts]) => titled(title, ...texts)),
    ...(missing.length > 0
      ? titled('Does not apply here', ...missing.map((name) => `${name}: ${unlockOf(name, benched)}`))
      : one.load !== undefined
        ? titled('How to repeat it', `It takes a load phase: gateproof load --cases --include ${id}`)
        : steps !== undefined
          ? titled('How to repeat it', `It takes more than one request: gateproof test --include ${id}`)
          : explainRequest(benched.make(), {
              origin: originOf(variant.deviation.request ?? {}, config.target),
              call,
              width,
            })),
  ]
}

const section = (title: string, texts: readonly string[], width: number): readonly string[] => [
  title,
  ...texts.flatMap((text) => wrap(text, width - 2)).map((line) => `  ${line}`),
  '',
]

const unlockOf = (name: string, { suite }: Benched): string => suite.features[name]?.unlock ?? 'declare it'

const advisoryLine = (advisory: string): string => {
  if (/^GHSA(-[a-z0-9]{4}){3}$/.test(advisory))
    return `${advisory} · https://github.com/advisories/${advisory}`
  return /^CVE-\d{4}-\d{4,}$/.test(advisory)
    ? `${advisory} · https://www.cve.org/CVERecord?id=${advisory}`
    : advisory
}

/** What else is said of how the case is sent and judged. */
const remarksOn = ({ planned: { case: one }, variant }: Benched): readonly string[] => [
  ...(variant.close ? ['To close the connection is a refusal as well: what is sent is malformed.'] : []),
  ...(variant.form
    ? ['The credential is genuine and only spelled otherwise: let in, it is too lenient.']
    : []),
  ...(namesDelay(variant.deviation)
    ? [
        `Sent with a sleep of ${shortDelay} s. Where the answer comes when that is over, it is sent with ${shortDelay} s and with ${longDelay} s, three times each, beside good requests: if every answer follows within a second and no good one takes as long, the gateway executes what stands there.`,
      ]
    : []),
  ...(one.times !== undefined ? [`The same ${one.times} times, on one connection and on new ones.`] : []),
  ...(one.risky === undefined ? [] : [`Risky (${one.risky}): it is sent with --risky alone.`]),
]

/** What the case language says of a case that is told elsewhere on this page. */
const told: readonly string[] = [
  ...['id', 'title', 'expect', 'level', 'severity', 'features', 'risky', 'close', 'flaw', 'fault', 'why'],
  ...['advisories', 'spec', 'deviation', 'variants', 'times', 'digest', 'steps', 'exclusive'],
]

/** What this page has no words for is shown as the suite has it. */
const dataOf = (one: object): readonly (readonly [string, ...string[]])[] =>
  Object.entries(one)
    .filter(([key]) => !told.includes(key))
    .map(([key, value]) => [`Also: ${key}`, spacedJson(value)] as const)

const stepsText = (
  steps: readonly Step[],
  { config, variant, makeOther }: Benched,
  { width, call }: { readonly width: number; readonly call: string },
): readonly string[] => {
  const origin = originOf({}, config.target)
  const setting = { width: width - 2, origin, expected: variant.expect, make: makeOther }
  return explainSteps(steps, setting, call).map((line) => (line === '' ? '' : `  ${line}`))
}
