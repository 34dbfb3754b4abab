import { checkExpect, checkFetches } from './expect-check.ts'
import type { Tell } from './fault-list.ts'
import { isRole, loadRoles } from './load-case.ts'
import { nearest } from './nearest.ts'
import { child } from './pointer.ts'
import type { Step } from './steps.ts'
import { topics, type SuiteCase, type SuiteFile, type Topic } from './suite.ts'

/** Whose a suite file is, and what its id must be: the catalogue's follow their paths, the user's own begin with `x-`. */
export type Origin = { readonly kind: 'catalogue'; readonly id: string } | { readonly kind: 'own' }

/**
 * Tells what is wrong with one suite file beyond its schema. Without `features`, whose file is itself faulty, their
 * names are not looked at.
 */
export const checkSuiteFile = (
  file: SuiteFile,
  origin: Origin,
  features: ReadonlySet<string> | undefined,
  tell: Tell,
): void => {
  checkId(file.id, origin, tell)
  const known = knownFeatures(features, tell)
  known('/features', file.features)
  for (const [index, one] of file.cases.entries()) {
    const at = child('/cases', index)
    checkCaseId(one.id, origin, (message) => tell(child(at, 'id'), message))
    checkParts(at, one, tell)
    known(child(at, 'features'), one.features)
    checkExpect(child(at, 'expect'), one.expect, known, tell)
    checkFetches(at, one, tell)
    for (const [name, variant] of Object.entries(one.variants ?? {})) {
      const here = child(child(at, 'variants'), name)
      if (!/^[\w.-]+$/.test(name))
        tell(here, `\`${name}\`: a variant is named by letters, digits and \`_ . -\``)
      known(child(here, 'features'), variant.features)
      if (variant.expect !== undefined) checkExpect(child(here, 'expect'), variant.expect, known, tell)
      if (variant.steps !== undefined) checkSteps(child(here, 'steps'), variant.steps, known, tell)
    }
    if (one.steps !== undefined) checkSteps(child(at, 'steps'), one.steps, known, tell)
  }
}

/** The topic that a requirement's id begins with, if it is one. */
export const topicOf = (id: string): Topic | undefined => topics.find((topic) => id.startsWith(`${topic}.`))

const checkId = (id: string, origin: Origin, tell: Tell): void => {
  if (topicOf(id) === undefined) tell('/id', `\`${id}\` is of no topic; there are: ${topics.join(', ')}`)
  else if (origin.kind === 'catalogue' && id !== origin.id)
    tell('/id', `the id \`${id}\` does not agree with the path, which says \`${origin.id}\``)
  else if (origin.kind === 'own' && !id.includes('.x-'))
    tell(
      '/id',
      `in a file of your own the requirement’s name begins with \`x-\`: \`${id.replace('.', '.x-')}\``,
    )
  else if (origin.kind === 'catalogue' && id.includes('.x-'))
    tell('/id', 'names that begin with `x-` are kept for files of the user’s own')
}

const checkCaseId = (id: string, origin: Origin, tell: (message: string) => void): void => {
  const isOwn = id.startsWith('x-')
  if (topics.some((topic) => topic === id)) tell(`\`${id}\` is the name of a topic`)
  if (origin.kind === 'own' && !isOwn)
    tell(`in a file of your own a case’s id begins with \`x-\`: \`x-${id}\``)
  if (origin.kind === 'catalogue' && isOwn)
    tell('ids that begin with `x-` are kept for files of the user’s own')
}

const checkParts = (at: string, { deviation, variants, steps, load }: SuiteCase, tell: Tell): void => {
  if (load !== undefined && [deviation, variants, steps].some((part) => part !== undefined))
    tell(child(at, 'load'), 'a case with `load` has no `deviation`, `variants` or `steps` beside it')
  if (deviation !== undefined && variants !== undefined)
    tell(child(at, 'variants'), 'a case has either a `deviation` or `variants`, not both')
  if (steps !== undefined && (deviation !== undefined || variants !== undefined))
    tell(child(at, 'steps'), 'a case with `steps` has neither a `deviation` nor `variants` beside them')
}

/** Steps refer only to what steps before them have named. */
const checkSteps = (at: string, steps: readonly Step[], known: Known, tell: Tell): void => {
  const sent = new Set<string>()
  const published = new Set<string>()
  const need = (where: string, name: string | undefined): void => {
    if (name !== undefined && !sent.has(name)) tell(where, `no step before this one is called \`${name}\``)
  }
  const walk = (here: string, { send, keySet, wait, repeat, fetches }: Step): void => {
    for (const { as } of [...(keySet?.add ?? []), ...(keySet?.replace ?? [])])
      if (as !== undefined) published.add(as)
    if (send !== undefined) {
      const place = child(here, 'send')
      need(child(place, 'again'), send.again)
      const { token, sign } = send.deviation ?? {}
      if (JSON.stringify(send.deviation ?? {}).includes('"$delay"'))
        tell(child(place, 'deviation'), 'a sleep is proven by many exchanges, and not in a step: no `$delay`')
      if (typeof sign === 'object' && sign.as !== undefined && !published.has(sign.as))
        tell(
          child(place, 'deviation'),
          `no \`keySet\` step before this one publishes a key called \`${sign.as}\``,
        )
      if (typeof token === 'object') need(child(place, 'deviation'), token.step)
      if (send.expect !== undefined) checkExpect(child(place, 'expect'), send.expect, known, tell)
      if (send.as !== undefined) sent.add(send.as)
    }
    if (fetches !== undefined && !steps.some(({ keySet }) => keySet !== undefined))
      tell(
        child(here, 'fetches'),
        'fetches are counted from a change of the key set on: there is no `keySet` step',
      )
    if (typeof wait === 'object' && '$expiry' in wait) need(child(here, 'wait'), wait.$expiry)
    for (const [index, one] of (repeat?.steps ?? []).entries())
      walk(child(child(child(here, 'repeat'), 'steps'), index), one)
  }
  for (const [index, step] of steps.entries()) walk(child(at, index), step)
}

/** Tells which of the names are of no feature; `key` is the node of a name that is in no list. */
type Known = (at: string, names: readonly string[] | undefined, key?: string) => void

const knownFeatures =
  (features: ReadonlySet<string> | undefined, tell: Tell): Known =>
  (at, names, key) => {
    for (const [index, name] of (names ?? []).entries()) {
      if (features === undefined || features.has(name)) continue
      const near = nearest(name, [...features])
      tell(
        child(at, key ?? index),
        `unknown feature \`${name}\`${near === undefined ? '' : `; did you mean \`${near}\`?`}`,
      )
    }
  }

/** Tells of ids that stand in two of the files, and of cases that refer to none. */
export const tellAcrossFiles = (
  files: readonly { readonly name: string; readonly file: SuiteFile; readonly tell: Tell }[],
): void => {
  const seen = new Map<string, string>()
  const claim = (id: string, name: string, tell: (message: string) => void): void => {
    const first = seen.get(id)
    if (first !== undefined)
      tell(`the id \`${id}\` stands in ${first === name ? 'this file' : first} already`)
    else seen.set(id, name)
  }
  for (const { name, file, tell } of files) {
    claim(file.id, name, (message) => tell('/id', message))
    for (const [index, one] of file.cases.entries())
      claim(one.id, name, (message) => tell(`/cases/${index}/id`, message))
  }
  for (const { file, tell } of files) {
    for (const [at, name] of mixed(file))
      if (!isRole(name) && !seen.has(name.replace(/\/.*$/, '')))
        tell(at, `\`${name}\` is neither one of ${loadRoles.join(', ')} nor a case`)
    for (const [at, id] of references(file))
      if (id !== 'baseline' && !seen.has(id))
        tell(at, `\`${id}\` is neither \`baseline\` nor the id of a case`)
  }
}

/** What the load cases of a file send. */
const mixed = ({ cases }: SuiteFile): (readonly [at: string, name: string])[] =>
  cases.flatMap(({ load }, index) =>
    Object.keys(load?.mix ?? {}).map((name) => [child(`/cases/${index}/load/mix`, name), name] as const),
  )

const references = ({ cases }: SuiteFile): (readonly [at: string, id: string])[] =>
  cases.flatMap(({ expect, variants }, index) =>
    [
      [`/cases/${index}/expect/same`, expect] as const,
      ...Object.entries(variants ?? {}).map(
        ([name, variant]) =>
          [`${child(`/cases/${index}/variants`, name)}/expect/same`, variant.expect] as const,
      ),
    ].flatMap(([at, wanted]) =>
      typeof wanted === 'object' && !Array.isArray(wanted) && wanted.same !== undefined
        ? [[at, wanted.same] as const]
        : [],
    ),
  )
