import { milliseconds } from '../config/duration.ts'
import { asksCost, type LoadCase, type PhaseTime } from '../config/load-case.ts'
import type { Waits } from './step-needs.ts'

/** The features that a load case cannot do without, beside those of the cases in its mix. */
export const needsOfLoad = (load: LoadCase, waits: Waits | undefined): readonly string[] => {
  const { phase = {}, mix = {}, check } = load
  const ours = ['next', 'withdrawn', 'ending'].some((role) => role in mix)
  const differences = check.flatMap((each) =>
    typeof each === 'object' ? (each['reports-difference'] ?? []) : [],
  )
  return [
    'load',
    ...('oversized' in mix ? ['jwt'] : []),
    ...(ours || asksCost(load) ? ['signing-key'] : []),
    ...(phase.keySet === undefined ? [] : ['served-key-set']),
    ...(check.includes('identity-isolated') ? ['signing-key', 'upstream', 'forwards-subject'] : []),
    ...(differences.some((name) => name.startsWith('validation')) ? ['public-route'] : []),
    ...(differences.some((name) => name.includes(' against ')) ? ['second-algorithm'] : []),
    ...timeNeeds(phase.duration, waits),
  ]
}

const timeNeeds = (time: PhaseTime | undefined, waits: Waits | undefined): readonly string[] => {
  if (typeof time !== 'object') return []
  const lacking = time.$policy === 'clockSkew' ? 'declared-skew' : 'declared-key-set'
  return [lacking, ...(waits === undefined || phaseMs(time, waits) <= waits.longest ? [] : ['time'])]
}

/** How long a phase lasts that says so: milliseconds; what the policy does not declare counts for nothing. */
export const phaseMs = (time: PhaseTime, { skew = 0, maxAge = 0 }: Waits): number =>
  typeof time === 'string'
    ? milliseconds(time)
    : milliseconds(time.plus) + (time.$policy === 'clockSkew' ? skew : maxAge)
