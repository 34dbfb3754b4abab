import type { KeySetChange } from '../config/steps.ts'
import type { Deviation } from '../config/deviation.ts'
import type { PublishedName } from '../forge/published-key.ts'
import type { Mismatch } from '../judge/verdict.ts'
import { aside } from './aside.ts'
import { attempt, plain, type Sent } from './attempt.ts'
import { isThrough } from './control.ts'
import { requestMaker } from './request-maker.ts'
import type { Play } from './steps.ts'
import type { Exchanges } from './trial.ts'

/** A change of the key set that the gateway has to notice. */
type Change = {
  readonly change: KeySetChange
  readonly until: 'taken-up' | 'fetched'
  readonly probe: PublishedName
  readonly name: string
}

/**
 * Waits until the gateway has noticed the change: it lets in a token by a key that came with it, or it has fetched. A
 * gateway that keeps its keys for longer than the run may wait leaves the case without the time that it takes.
 */
export const settleChange = async (
  { change, until, probe, name }: Change,
  play: Play,
): Promise<readonly Exchanges[]> => {
  const { tools } = play.setting
  const declared = tools.policy.keySet?.maxAgeMs
  if (tools.spoilt.slow === true && change.judged === undefined) return [missingTime]
  const limitMs = declared === undefined ? tools.maxWaitMs : declared + takeUpMarginMs
  // A token by an unknown key would make many gateways fetch, and a withdrawal has to be noticed without one.
  if (change.judged === 'removal' && change.add === undefined)
    return judgeRemoval({ change, name, limitMs, declared }, play)
  const isNoticed = (sent: readonly Sent[]): boolean =>
    until === 'fetched' ? (play.stage?.fetches('keys') ?? 0) > 0 : isThrough(sent, 'protected', play.setting)
  const noticed = await poll(play, { make: probing(play, probe), isNoticed, limitMs })
  if (noticed.kind === 'interrupted') return [{ sent: [], reason: 'interrupted', notes: [] }]
  if (change.judged === 'removal' && noticed.kind === 'noticed')
    return judgeRemoval({ change, name, limitMs: limitMs - noticed.ms, declared }, play)
  if (noticed.kind === 'noticed')
    return change.judged === 'addition' ? [aside(name, { notes: [`taken-up-${within(noticed.ms)}`] })] : []
  // A set that may have been refused for one of its keys says nothing of the time that a sound one takes.
  if (declared === undefined && !hasUnusableKey(change)) tools.spoilt.slow = true
  if (change.judged !== undefined)
    return [
      finding(name, {
        kind: change.judged === 'addition' ? 'refused-good' : 'let-in',
        level: declared === undefined ? 'should' : levelOf(play),
        detail: `a change of the key set was not taken up within ${seconds(limitMs)} s`,
      }),
    ]
  return declared === undefined ? [missingTime] : [{ sent: noticed.sent, reason: 'not-taken-up', notes: [] }]
}

const hasUnusableKey = ({ add = [] }: KeySetChange): boolean =>
  add.some(({ raw, key }) => raw !== undefined || key === 'ec-off-curve')

/** Beyond the declared time, for the clocks and the way. */
const takeUpMarginMs = 5_000

const missingTime: Exchanges = { sent: [], missing: 'time', notes: [] }

type Removal = {
  readonly change: KeySetChange
  readonly name: string
  readonly limitMs: number
  readonly declared: number | undefined
}

/** How long a token by the withdrawn key is still let in. */
const judgeRemoval = async (
  { change, name, limitMs, declared }: Removal,
  play: Play,
): Promise<readonly Exchanges[]> => {
  const [removed = ''] = change.remove ?? []
  const make = () => play.make({ sign: { as: removed } })
  const isNoticed = (sent: readonly Sent[]): boolean => !isThrough(sent, 'protected', play.setting)
  const noticed = await poll(play, { make, isNoticed, limitMs: Math.max(0, limitMs) })
  if (noticed.kind === 'interrupted') return [{ sent: [], reason: 'interrupted', notes: [] }]
  if (noticed.kind === 'noticed') return [aside(name, { notes: [`withdrawn-${within(noticed.ms)}`] })]
  return [
    finding(name, {
      kind: 'let-in',
      level: declared === undefined ? 'should' : levelOf(play),
      detail: `a token by the withdrawn key was let in for ${seconds(limitMs)} s and longer`,
    }),
  ]
}

const levelOf = ({ job }: Play): Mismatch['level'] => job.variant.level ?? job.planned.level

const finding = (
  name: string,
  { kind, level, detail }: Omit<Mismatch, 'safety' | 'kind'> & { kind: 'refused-good' | 'let-in' },
): Exchanges =>
  aside(name, {
    isLast: true,
    found: [{ kind, safety: kind === 'let-in' ? 'fails-open' : 'fails-closed', level, detail }],
  })

const seconds = (ms: number): number => Math.round(ms / 1000)

/** In steps that equal runs share. */
const within = (ms: number): string => {
  const bound = [1, 5, 30, 60, 300].find((limit) => ms <= limit * 1000)
  return bound === undefined ? 'after-minutes' : `within-${bound}s`
}

const probing = ({ setting }: Play, probe: PublishedName): (() => ReturnType<Play['make']>) => {
  const make = requestMaker({
    ...setting.tools.workshop,
    steps: { published: new Map([['probe', probe]]), tokenOf: () => '' },
  })
  const deviation: Deviation = { sign: { as: 'probe' } }
  return () => make(deviation)
}

type Poll = {
  readonly make: () => ReturnType<Play['make']>
  readonly isNoticed: (sent: readonly Sent[]) => boolean
  readonly limitMs: number
}
type Polled =
  | { readonly kind: 'noticed'; readonly ms: number }
  | { readonly kind: 'unnoticed'; readonly sent: readonly Sent[] }
  | { readonly kind: 'interrupted' }

/** Sends again and again, with growing pauses, until it shows. */
const poll = async ({ setting }: Play, { make, isNoticed, limitMs }: Poll): Promise<Polled> => {
  const started = performance.now()
  for (let pause = 10; ; pause = Math.min(2_000, pause * 2)) {
    const { sent, outcome } = await attempt(make, setting.io, { ...plain, counting: [503] })
    if (outcome === 'interrupted') return { kind: 'interrupted' }
    const ms = performance.now() - started
    if (isNoticed(sent)) return { kind: 'noticed', ms }
    if (ms >= limitMs) return { kind: 'unnoticed', sent }
    await setting.io.sleep(Math.min(pause, Math.max(1, limitMs - ms)))
  }
}
