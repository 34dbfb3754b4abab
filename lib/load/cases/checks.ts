import type { LoadCase, LoadCheck, PlainCheck } from '../../config/load-case.ts'
import type { MismatchKind } from '../../judge/verdict.ts'
import { Unjudged, type Fired } from './bench.ts'
import { boundedCost, reportsDifference } from './cost-checks.ts'
import { finding, joined, nothing, playedIn, type Found, type Sight } from './found.ts'
import { boundedSlowdown, reportsLatency, reportsRefreshes } from './latency-checks.ts'
import type { Played } from './play.ts'

/** Holds what a case showed against its checks. Throws Unjudged where one can tell nothing. */
export const checkLoad = ({ check }: Pick<LoadCase, 'check'>, sight: Sight): Found => {
  const found = check.map((each) => (typeof each === 'string' ? plain[each](sight) : measuredBy(each, sight)))
  return {
    mismatches: found.flatMap(({ mismatches }) => mismatches),
    notes: found.flatMap(({ notes }) => notes),
    measured: joined(found.map(({ measured }) => measured)),
  }
}

const classesIn = (fired: readonly Fired[], expect: 'accept' | 'refuse') =>
  fired.flatMap(({ result }) => result.classes.filter((each) => each.expect === expect))

/** Counts misjudged requests of one side. Throws Unjudged where none of a class came to a verdict. */
const misjudged = (
  sight: Sight,
  { expect, kind, name }: { expect: 'accept' | 'refuse'; kind: MismatchKind; name: string },
): Found => {
  const classes = classesIn(playedIn(sight).fired, expect)
  const wrong = classes.reduce((sum, each) => sum + each.falseAccepts + each.falseRefusals, 0)
  const judged = classes.reduce((sum, each) => sum + each.judged, 0)
  if (judged === 0) throw new Unjudged({ reason: 'no-verdicts' })
  const told = expect === 'accept' ? 'good requests were refused' : 'bad requests were let in'
  return {
    mismatches: wrong === 0 ? [] : finding(kind, sight.level, `${wrong} of ${judged} ${told} under load`),
    notes: [],
    measured: { [`${name}Judged`]: judged, [`${name}Misjudged`]: wrong, ...lossesOf(playedIn(sight)) },
  }
}

const lossesOf = ({ fired, capacity }: Played) => ({
  ...(capacity === undefined ? {} : { capacityPerSecond: capacity }),
  ...Object.fromEntries(
    fired
      .flatMap(({ result }) => Object.entries(result.errors))
      .map(([kind, count]) => [`errors.${kind}`, count]),
  ),
})

/** Of what ended in the phase: token or key. */
const stops = (sight: Sight, what: string): Found => {
  const seen = playedIn(sight).mixture.end?.read()
  if (seen === undefined || seen.after === 0) throw new Unjudged({ missing: ['time'] })
  const { before, late, after, lastLetIn } = seen
  if (before === 0) throw new Unjudged({ reason: 'none was let in before the end' })
  return {
    mismatches:
      late === 0
        ? []
        : finding('let-in', sight.level, `${late} of ${after} requests were let in long after ${what}`),
    notes: [],
    measured: { secondsLetInAfterwards: lastLetIn },
  }
}

const identity = (sight: Sight): Found => {
  const { mixture } = playedIn(sight)
  if (mixture.identity === undefined || sight.upstream === undefined)
    throw new Unjudged({ missing: ['upstream'] })
  const { answers, arrivals, compared } = mixture.identity.read(sight.upstream)
  if (compared === 0) throw new Unjudged({ missing: ['upstream'] })
  return {
    mismatches: [
      ...(arrivals === 0
        ? []
        : finding(
            'misleads-upstream',
            sight.level,
            `${arrivals} requests reached the upstream under the name of another subject`,
          )),
      ...(answers === 0
        ? []
        : finding('leaks', sight.level, `${answers} requests got the answer to the request of another`)),
    ],
    notes: [],
    measured: { identitiesCompared: compared, answersMixedUp: answers, identitiesMixedUp: arrivals },
  }
}

const plain: Readonly<Record<PlainCheck, (sight: Sight) => Found>> = {
  'no-false-accept': (sight) => misjudged(sight, { expect: 'refuse', kind: 'let-in', name: 'bad' }),
  'no-false-refusal': (sight) => misjudged(sight, { expect: 'accept', kind: 'refused-good', name: 'good' }),
  'identity-isolated': identity,
  'stops-with-token': (sight) => stops(sight, 'their tokens had ended'),
  'stops-with-key': (sight) => stops(sight, 'their key was withdrawn'),
  'reports-latency': reportsLatency,
  'reports-refreshes': reportsRefreshes,
}

const measuredBy = (check: Exclude<LoadCheck, string>, sight: Sight): Found => {
  const { 'bounded-cost': cost, 'bounded-slowdown': slowdown, 'reports-difference': differences } = check
  if (cost !== undefined) return boundedCost(cost, sight)
  if (slowdown !== undefined) return boundedSlowdown(slowdown, sight)
  return differences === undefined ? nothing : reportsDifference(differences, sight)
}
