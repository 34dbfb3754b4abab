import { describe, expect, test } from 'vitest'
import type { CatalogueCase, Requirement, Suite } from '../config/suite.ts'
import { targetAt } from '../exchange/fixture.ts'
import { plan, selectionFaults, type Ground, type PlannedCase } from './plan.ts'

const one = (id: string, more: Partial<CatalogueCase> = {}): CatalogueCase => ({
  id,
  title: id,
  expect: 'reject',
  digest: 'digest',
  ...more,
})

const requirement = (
  topic: Requirement['topic'],
  name: string,
  cases: readonly CatalogueCase[],
  features: readonly string[] = [],
): Requirement => ({
  id: `${topic}.${name}`,
  topic,
  title: name,
  spec: { document: 'RFC 7519', section: '4' },
  level: 'must',
  features,
  advisories: ['A-1'],
  file: `${topic}/${name}.yaml`,
  cases,
})

const suite: Suite = {
  version: '1',
  digest: 'digest',
  requirements: [
    requirement('controls', 'good-token', [one('ctl-valid', { expect: 'accept' })]),
    requirement('alg', 'none', [
      one('alg-none', {
        variants: {
          lower: { header: { alg: 'none' }, sign: 'none' },
          upper: { header: { alg: 'NONE' }, sign: 'none', expect: 'observe', level: 'may', close: true },
        },
        fault: 'alg-none',
      }),
      one('alg-bomb', { risky: 'bomb', deviation: { header: { zip: 'DEF' }, sign: 'attacker' } }),
    ]),
    requirement(
      'scope',
      'required',
      [
        one('scope-missing', { deviation: { claims: { $scope: null }, request: { route: 'scoped' } } }),
        one('scope-form', { level: 'should', severity: 'minor', flaw: 'form', features: ['issuer'] }),
      ],
      ['scoped-route'],
    ),
  ],
  features: {},
}

const target = targetAt('https://gw.example.test')
const ground = (features: readonly string[], risky = false): Ground => ({
  target,
  features: new Set(features),
  risky,
})
const everything = ground(['signing-key', 'jwt', 'scoped-route', 'issuer'], true)

const select = (include: readonly string[], exclude: readonly string[] = []) =>
  plan(suite, { include, exclude }, everything).map(({ case: { id }, variants }) =>
    [id, ...variants.flatMap(({ name }) => name ?? [])].join(' '),
  )

describe('a selection', () => {
  const all = ['ctl-valid', 'alg-none lower upper', 'alg-bomb', 'scope-missing', 'scope-form']

  test('of nothing is all there is', () => {
    expect(select([])).toEqual(all)
  })

  test.each([
    [['alg'], ['alg-none lower upper', 'alg-bomb']],
    [['scope.required'], ['scope-missing', 'scope-form']],
    [
      ['alg-bomb', 'ctl-valid'],
      ['ctl-valid', 'alg-bomb'],
    ],
    [['alg-none/upper'], ['alg-none upper']],
    [['alg-none/upper', 'alg-none/lower'], ['alg-none lower upper']],
    [
      ['alg-none/upper', 'alg'],
      ['alg-none lower upper', 'alg-bomb'],
    ],
    [['nothing-of-the-sort'], []],
  ])('includes %j', (include, wanted) => {
    expect(select(include)).toEqual(wanted)
  })

  test.each([
    [[], ['alg'], ['ctl-valid', 'scope-missing', 'scope-form']],
    [['scope'], ['scope-form'], ['scope-missing']],
    [['alg'], ['alg-none/lower'], ['alg-none upper', 'alg-bomb']],
    [['alg-none'], ['alg-none/lower', 'alg-none/upper'], []],
    [['alg-none/lower'], ['alg-none'], []],
  ])('of %j excludes %j', (include, exclude, wanted) => {
    expect(select(include, exclude)).toEqual(wanted)
  })

  test('of what is not there is told by name', () => {
    expect(selectionFaults(suite, ['alg', 'alg.none', 'alg-none', 'alg-none/lower'])).toEqual([])
    expect(selectionFaults(suite, ['alg-non', 'alg-none/mixed']).map(({ name }) => name)).toEqual([
      'alg-non',
      'alg-none/mixed',
    ])
  })
})

const find = (planned: readonly PlannedCase[], id: string) => {
  const found = planned.find((candidate) => candidate.case.id === id)
  if (found === undefined) throw new Error(id)
  return found
}

describe('a planned case', () => {
  const planned = plan(suite, { include: [], exclude: [] }, everything)

  test('takes from its requirement what it does not say itself', () => {
    expect(find(planned, 'scope-missing')).toMatchObject({
      level: 'must',
      severity: 'major',
      spec: { document: 'RFC 7519' },
      advisories: ['A-1'],
    })
    expect(find(planned, 'scope-form')).toMatchObject({ level: 'should', severity: 'minor' })
  })

  test('has its variants, each with its own expectation, and no word about the suite in their deviations', () => {
    expect(find(planned, 'alg-none').variants).toEqual([
      {
        name: 'lower',
        deviation: { header: { alg: 'none' }, sign: 'none' },
        expect: 'reject',
        level: undefined,
        form: false,
        close: false,
        missing: [],
      },
      {
        name: 'upper',
        deviation: { header: { alg: 'NONE' }, sign: 'none' },
        expect: 'observe',
        level: 'may',
        form: false,
        close: true,
        missing: [],
      },
    ])
    expect(find(planned, 'scope-form').variants).toMatchObject([{ name: undefined, form: true }])
  })

  test('lacks what its requirement, itself and its deviation ask for', () => {
    const bare = plan(suite, { include: [], exclude: [] }, ground([]))
    const missing = (id: string) => find(bare, id).variants.map((variant) => variant.missing)
    expect(missing('ctl-valid')).toEqual([[]])
    expect(missing('alg-none')).toEqual([['jwt'], ['jwt']])
    expect(missing('alg-bomb')).toEqual([['risky', 'jwt']])
    expect(missing('scope-missing')).toEqual([['scoped-route', 'jwt', 'signing-key']])
    expect(missing('scope-form')).toEqual([['scoped-route', 'issuer']])
  })

  test('that may harm the target runs only where that is asked for', () => {
    const missing = (risky: boolean) =>
      plan(suite, { include: ['alg-bomb'], exclude: [] }, ground(['jwt'], risky))[0]?.variants[0]?.missing
    expect(missing(false)).toEqual(['risky'])
    expect(missing(true)).toEqual([])
  })
})
