import { loadConfig } from '../config/load.ts'
import { featuresOf } from '../plan/features.ts'
import { plan, unlocks, variantsOf, type PlannedCase } from '../plan/plan.ts'
import type { Suite } from '../config/suite.ts'
import { wrap } from '../report/wrap.ts'
import { checkSelection, openSuite } from './suite.ts'
import type { Terminal } from './terminal.ts'

/** `gateproof list`: the cases by topic and requirement, or with --plan what of them applies to a target. */
export const list = (
  filter: readonly string[],
  options: { readonly config?: string; readonly plan?: boolean },
  terminal: Terminal,
): number => {
  const config = options.plan === true ? loadConfig(options.config ?? 'gateproof.yaml', terminal) : undefined
  const suite = openSuite(config?.cases.files ?? [])
  checkSelection(suite, filter)
  if (config === undefined) {
    terminal.out(catalogueText(suite, filter, terminal.columns))
    return 0
  }
  const { tokens, policy } = config
  const algorithm = tokens.kind === 'keys' ? tokens.keys[0].alg : policy.algorithms[0]
  const features = featuresOf(config, {
    ...(algorithm === undefined ? {} : { algorithm }),
    publicKeyKnown: tokens.kind === 'keys' || policy.jwks !== undefined,
    issuerKnown: policy.issuers.length > 0,
    audienceKnown: policy.audiences.length > 0,
  })
  const planned = plan(
    suite,
    { include: filter, exclude: [] },
    { target: config.target, features, risky: false },
  )
  terminal.out(planText(planned, suite, terminal.columns))
  return 0
}

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

const planText = (planned: readonly PlannedCase[], suite: Suite, width: number): string => {
  const runs = planned.filter(({ variants }) => variants.some(({ missing }) => missing.length === 0))
  const lines = [`${runs.length} of ${planned.length} cases run.`]
  const byCount = [...unlocks(planned)].toSorted(([, one], [, other]) => other - one)
  if (byCount.length > 0) lines.push('', 'What would unlock more:')
  for (const [name, count] of byCount)
    lines.push(...indent(`${count} by ${name}: ${suite.features[name]?.unlock ?? 'declare it'}`, width, 2))
  return `${lines.join('\n')}\n`
}

/** Wrapped, with what does not fit in the first line a little further in. */
const indent = (text: string, width: number, by: number): readonly string[] =>
  wrap(text, width - by - 2).map((line, index) => ' '.repeat(index === 0 ? by : by + 2) + line)
