import type { Config } from '../config/config.ts'
import type { Suite } from '../config/suite.ts'
import { readGood, type GoodToken, type OpaqueToken } from '../forge/good.ts'
import { featuresOf } from '../plan/features.ts'
import { forecast, type Forecast, type Unlocked } from '../plan/forecast.ts'
import { plan, variantsOf, type PlannedCase } from '../plan/plan.ts'
import { waitsOf } from '../plan/step-needs.ts'
import { groupBy } from '../report/group.ts'
import { counted } from '../report/outcome.ts'
import { wrap } from '../report/wrap.ts'
import { configFor } from './bench.ts'
import { checkSelection, openSuite } from './suite.ts'
import type { Terminal } from './terminal.ts'

export type ListOptions = { readonly config?: string; readonly plan?: boolean; readonly verbose?: boolean }

/** `gateproof list`: the cases by topic and requirement, or with --plan what of them applies to a target. */
export const list = async (
  filter: readonly string[],
  options: ListOptions,
  terminal: Terminal,
): Promise<number> => {
  const config = options.plan === true ? await configFor(options.config, terminal) : undefined
  const suite = openSuite(config?.cases.files ?? [])
  checkSelection(suite, filter)
  terminal.out(
    config === undefined
      ? catalogueText(suite, filter, terminal.columns)
      : planText(planOf(config, suite, filter), suite, {
          name: config.target.name,
          width: terminal.columns,
          verbose: options.verbose === true,
          unseen: isUnseen(config),
        }),
  )
  return 0
}

/** The plan of a run, without asking anybody for a token or a key. */
const planOf = (config: Config, suite: Suite, filter: readonly string[]): readonly PlannedCase[] => {
  const { tokens, policy, cases, target } = config
  const good = tokens.kind === 'token' ? readGood(tokens.token) : undefined
  const read = good?.kind === 'jwt' ? good : undefined
  const algorithm = algorithmOf(config, good)
  const features = featuresOf(config, {
    ...(algorithm === undefined ? {} : { algorithm }),
    publicKeyKnown: tokens.kind === 'keys' || policy.jwks !== undefined,
    issuerKnown: policy.issuers.length > 0 || read?.claims.iss !== undefined,
    audienceKnown: policy.audiences.length > 0 || read?.claims.aud !== undefined,
  })
  const selection = filter.length > 0 ? { include: filter, exclude: [] } : cases
  checkSelection(suite, [...selection.include, ...selection.exclude])
  return plan(suite, selection, { target, features, risky: false, waits: waitsOf(config) })
}

/** Whether a token that is still to be got would tell what the policy does not. */
const isUnseen = ({ tokens, policy }: Config): boolean =>
  (tokens.kind === 'oauth2' || tokens.kind === 'command') &&
  [policy.algorithms, policy.issuers, policy.audiences].some(({ length }) => length === 0)

const catalogueText = (suite: Suite, filter: readonly string[], width: number): string => {
  const lines: string[] = []
  let cases = 0
  let topic = ''
  for (const requirement of suite.requirements) {
    const chosen = requirement.cases.filter(
      ({ id }) =>
        filter.length === 0 || filter.some((name) => [requirement.topic, requirement.id, id].includes(name)),
    )
    if (chosen.length === 0) continue
    if (requirement.topic !== topic) lines.push('', requirement.topic.toUpperCase())
    topic = requirement.topic
    lines.push('', ...indent(`${requirement.id} · ${requirement.title}`, width, 2))
    for (const one of chosen) {
      const variants = variantsOf(one).length
      lines.push(
        ...indent(`${one.id} · ${one.title}${variants > 1 ? ` (${variants} variants)` : ''}`, width, 4),
      )
      cases += 1
    }
  }
  return `${lines.join('\n').trimStart()}\n\n${cases} cases\n`
}

/** That of the token itself where it is there; a token that is still to be fetched is taken for what the policy allows. */
const algorithmOf = (
  { tokens, policy }: Config,
  good: GoodToken | OpaqueToken | undefined,
): string | undefined => {
  if (tokens.kind === 'keys') return tokens.keys[0].alg
  if (good === undefined) return policy.algorithms[0]
  return good.kind === 'jwt' ? good.algorithm.name : undefined
}

type PlanSetting = {
  readonly name: string
  readonly width: number
  readonly verbose: boolean
  /** Whether a token would show more than the configuration does. */
  readonly unseen: boolean
}

const planText = (
  planned: readonly PlannedCase[],
  suite: Suite,
  { name, width, verbose, unseen }: PlanSetting,
): string => {
  const told = forecast(planned)
  const idle = told.cases - told.running
  const partly = told.partly === 0 ? '' : ` ${counted(told.partly, 'case')} in part.`
  const lines = [
    ...wrap(`${told.running} of ${counted(told.cases, 'case')} run against ${name}; ${idle} do not.`, width),
    ...wrap(`${told.runningVariants} of ${counted(told.variants, 'variant')} run.${partly}`, width),
    ...(unseen ? wrap(unseenText, width) : []),
    ...unlockLines(told, suite, { width, verbose }),
    ...(verbose ? idleLines(told, width) : []),
    ...(idle > 0 && !verbose ? ['', 'Case by case: --verbose'] : []),
  ]
  return `${lines.join('\n')}\n`
}

const unseenText =
  'No token is asked for here, so a run may hold more: name `policy.issuer`, `audience` and `algorithms` to plan with them.'

const unlockLines = (
  { unlocks }: Forecast,
  suite: Suite,
  { width, verbose }: Pick<PlanSetting, 'width' | 'verbose'>,
): readonly string[] => {
  const alone = unlocks.filter(({ features }) => features.length === 1)
  const together = unlocks.filter(({ features }) => features.length > 1)
  return [
    ...(alone.length === 0 ? [] : ['', 'What each would unlock by itself:']),
    ...alone.flatMap((unlocked) => {
      const [name = ''] = unlocked.features
      const advice = suite.features[name]?.unlock ?? 'declare it'
      return indent(`${name}: ${amountOf(unlocked)}. ${sentence(advice)}`, width, 2)
    }),
    ...(together.length === 0 ? [] : ['', 'What it takes several for:']),
    ...together
      .slice(0, verbose ? undefined : togetherShown)
      .flatMap((unlocked) => indent(`${unlocked.features.join(' + ')}: ${amountOf(unlocked)}`, width, 2)),
    ...(verbose || together.length <= togetherShown
      ? []
      : indent(`… and ${together.length - togetherShown} more combinations: --verbose`, width, 2)),
  ]
}

const togetherShown = 8

const amountOf = ({ cases, variants }: Unlocked): string =>
  cases === 0 ? counted(variants, 'variant') : `${counted(cases, 'case')}, ${counted(variants, 'variant')}`

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

const idleLines = ({ idle }: Forecast, width: number): readonly string[] =>
  [...groupBy(idle, ({ requirement }) => requirement.topic)].flatMap(([topic, members]) => [
    '',
    topic.toUpperCase(),
    ...members.flatMap((one) => indent(`${one.case.id}: ${missingOf(one)}`, width, 2)),
  ])

const missingOf = ({ variants }: PlannedCase): string =>
  [...new Set(variants.map(({ missing }) => missing.join(' + ')))]
    .map((set) => `missing ${set}`)
    .join(', or ')

/** Wrapped, with what does not fit in the first line a little further in. */
const indent = (text: string, width: number, by: number): readonly string[] =>
  wrap(text, width - by - 2).map((line, index) => ' '.repeat(index === 0 ? by : by + 2) + line)
