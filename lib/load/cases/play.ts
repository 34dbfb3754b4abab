import type { LoadCase, LoadCasePhase } from '../../config/load-case.ts'
import { validRequests } from '../good-requests.ts'
import { Unjudged, type Bench, type Fired } from './bench.ts'
import { firePhase, rateFor } from './fire.ts'
import { letInWithin, openRotation, takeUpMarginMs, type Rotation } from './key-rotation.ts'
import { mixtureOf, type Mixture } from './mix.ts'

/** What a load case showed. */
export type Played = {
  readonly fired: readonly Fired[]
  readonly mixture: Mixture
  /** The good requests by themselves, where that was asked for. */
  readonly alone?: Fired
  readonly fetches?: number
  /** Requests a second that the closed model reached before. */
  readonly capacity?: number
}

/** Fires the phases of a case, and puts the key set back. Throws Unjudged. */
export const playCase = async (name: string, load: LoadCase, bench: Bench): Promise<Played> => {
  const { phase = {} } = load
  const rotation = phase.keySet === undefined ? undefined : await openRotation(bench)
  try {
    const mixture = await mixtureOf(load, rotation, bench)
    if (rotation !== undefined) return await playRotation(name, phase, { mixture, rotation }, bench)
    if (phase.keepAlive === 'both') return await playBoth(name, phase, mixture, bench)
    const { rate, ...measured } = await rateFor(phase, mixture.classes, bench)
    const settled = { ...phase, ...(rate === undefined ? {} : { rate }) }
    const alone = phase.alone === true ? await playAlone(name, settled, mixture, bench) : undefined
    return {
      ...measured,
      fired: [await firePhase(onlyKept(settled), mixture, { name }, bench)],
      mixture,
      ...(alone === undefined ? {} : { alone }),
    }
  } finally {
    rotation?.restore()
  }
}

const onlyKept = ({ keepAlive, ...phase }: LoadCasePhase): LoadCasePhase & { keepAlive: boolean } => ({
  ...phase,
  keepAlive: keepAlive !== false,
})

const playBoth = async (
  name: string,
  phase: LoadCasePhase,
  mixture: Mixture,
  bench: Bench,
): Promise<Played> => {
  const kept = await firePhase({ ...phase, keepAlive: true }, mixture, { name: `${name}, kept` }, bench)
  const anew = await firePhase({ ...phase, keepAlive: false }, mixture, { name: `${name}, new` }, bench)
  return { fired: [kept, anew], mixture }
}

/** At the share of the rate that they have in the mix. */
const playAlone = async (
  name: string,
  phase: LoadCasePhase,
  { classes }: Mixture,
  bench: Bench,
): Promise<Fired> => {
  const good = classes.filter(({ expect }) => expect === 'accept')
  const weightOf = (some: Mixture['classes']) => some.reduce((sum, { weight }) => sum + weight, 0)
  const share = weightOf(good) / weightOf(classes)
  const rate = typeof phase.rate === 'number' ? { rate: phase.rate * share } : {}
  return firePhase(
    { ...onlyKept(phase), ...rate },
    { classes: good, spies: new Map(), bodyBytes: 0 },
    { name: `${name}, alone` },
    bench,
  )
}

type Scene = { readonly mixture: Mixture; readonly rotation: Rotation }

const playRotation = async (
  name: string,
  phase: LoadCasePhase,
  { mixture, rotation }: Scene,
  bench: Bench,
): Promise<Played> => {
  const change = {
    add: () => rotation.publish(),
    refresh: () => rotation.hasten(),
    remove: () => {
      rotation.withdraw()
      if (mixture.end !== undefined) mixture.end.ending.endsAt = performance.now()
    },
  }[phase.keySet ?? 'refresh']
  if (phase.keySet === 'remove') {
    rotation.publish()
    await takenUp(rotation, bench)
  }
  const first = {
    ...mixture,
    classes: mixture.classes.filter((each) => each.name !== 'next'),
  }
  const during = await firePhase(onlyKept(phase), first, { name, during: change }, bench)
  if (first.classes.length === mixture.classes.length)
    return { fired: [during], mixture, fetches: rotation.fetches() }
  await takenUp(rotation, bench)
  const after = await firePhase(
    { ...onlyKept(phase), duration: afterwards },
    mixture,
    { name: `${name}, after` },
    bench,
  )
  return { fired: [during, after], mixture, fetches: rotation.fetches() }
}

const afterwards = '1s'

/** Waits until the gateway lets in a token by the key. Throws Unjudged where that takes longer than is declared. */
const takenUp = async ({ key }: Rotation, bench: Bench): Promise<void> => {
  const limitMs = (bench.waits.maxAge ?? bench.waits.longest) + takeUpMarginMs
  const request = (await validRequests(bench.source, { count: 1, prefix: 'probe', key })).at(0)
  if (request !== undefined && (await letInWithin(() => request, limitMs, bench))) return
  if (bench.io.signal.aborted) throw new Unjudged({ reason: 'interrupted' })
  if (bench.waits.maxAge === undefined) throw new Unjudged({ missing: ['time'] })
  throw new Unjudged({ reason: 'not-taken-up' })
}
