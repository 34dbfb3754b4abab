import type { Expect } from '../config/expect.ts'
import { endedFor, mostLeewaySeconds } from '../config/measure.ts'
import type { Send } from '../config/steps.ts'
import { readSide, type Side } from '../judge/side.ts'
import { aside } from './aside.ts'
import type { Setting } from './conduct.ts'
import { sendControls } from './control.ts'
import { searchEdge, type Window } from './edge-search.ts'
import type { Workshop } from './request-maker.ts'
import { answersOf } from './teach.ts'
import type { Exchanges } from './trial.ts'

/** What a step that measures is played with. */
export type Measuring = {
  readonly name: string
  readonly setting: Setting
  readonly send: (send: Send, name: string) => Promise<Exchanges>
}

/** Seconds after its end from which on a token has to be refused, with the margin for the clocks. */
export const latestSeconds = ({
  config,
  marginSeconds,
}: Pick<Workshop, 'config' | 'marginSeconds'>): number =>
  Math.ceil((config.policy.clockSkewSeconds ?? mostLeewaySeconds) + marginSeconds())

/**
 * For how long after its end the gateway lets a token in. What ended too long ago has to be refused; what is let in of the
 * rest is only told. A refusal stands between two good requests that were let in: one of somebody who was locked out
 * would send the search astray.
 */
export const playLeeway = async ({ name, setting, send }: Measuring): Promise<readonly Exchanges[]> => {
  const { workshop } = setting.tools
  const latest = latestSeconds(workshop)
  const within: Expect =
    workshop.config.policy.clockSkewSeconds === undefined ? 'observe' : ['accept', 'reject']
  const all: Exchanges[] = []
  const isLetIn = async (seconds: number): Promise<boolean | undefined> => {
    const expect = seconds >= latest ? 'reject' : within
    const exchanges = await send({ deviation: endedFor(seconds), expect }, `${name}-${seconds}s-after`)
    all.push(exchanges)
    if (exchanges.reason !== undefined || exchanges.proven !== undefined) return undefined
    const side = sideOf(exchanges, setting)
    if (side !== 'refused') return side === 'let-in' ? true : undefined
    const setback = await sendControls(new Set(['protected']), setting)
    if (setback === undefined) return false
    all.splice(-1, 1, { ...exchanges, reason: setback.reason })
    return undefined
  }
  const step = Math.ceil(workshop.marginSeconds())
  const found = await searchEdge({ latest, fine: Math.max(latest, mostLeewaySeconds + step), step }, isLetIn)
  return found === undefined ? all : [...all, aside(name, { measured: { leeway: words(found) } })]
}

const sideOf = ({ sent }: Exchanges, { lessons, witness }: Setting): Side => {
  const lesson = lessons.get('protected')?.lesson
  const answer = answersOf(sent).at(-1)
  if (lesson === undefined || answer === undefined) return 'unknown'
  return readSide(answer, sent.flatMap((one) => witness.hitsFor(one)).length, lesson).side
}

const words = ({ isSteady, letIn, refused }: Window): string => {
  if (!isSteady) return `not the same each time: up to ${letIn} s after a token’s end, and less`
  if (refused === Infinity) return `${letIn} s after a token’s end and longer`
  return letIn === 0
    ? `none, or less than ${refused} s after a token’s end`
    : `between ${letIn} s and ${refused} s after a token’s end`
}
