import { describe, expect, test } from 'vitest'
import { wordsOf } from '../lib/judge/rule.ts'
import type { Verdict } from '../lib/judge/verdict.ts'
import type { JudgedVariant } from '../lib/trial/settle.ts'
import { draw, type Drawn } from './random-gateway.ts'
import { play, type Played } from './stage.ts'

/**
 * Gateways drawn by chance: how they refuse, what their backend says, whether the upstream is ours, and what goes
 * wrong on the way. GATEPROOF_GATEWAYS is how many of each sort; GATEPROOF_SEED another beginning, or the seed of one
 * that failed, to see it again alone.
 */
const count = Number(process.env.GATEPROOF_GATEWAYS ?? '8')
const seed = process.env.GATEPROOF_SEED ?? 'gateproof'
const seeds = seed.includes('#') ? [seed] : Array.from({ length: count }, (_, at) => `${seed}#${at}`)
const drawn = (sound: boolean): readonly Drawn[] => seeds.map((one) => draw(one, sound))

const kindsOf = (verdict: Verdict): readonly string[] =>
  'mismatches' in verdict ? (verdict.mismatches ?? []).map(({ kind }) => kind) : []

const inWords = (verdict: Verdict): string => {
  const reason = verdict.status === 'inconclusive' ? [verdict.reason] : []
  const found = 'mismatches' in verdict ? (verdict.mismatches ?? []) : []
  const told = found.map(({ kind, detail }) => `${kind} (${detail})`)
  return [verdict.status, ...reason, ...told, ...verdict.notes].join(', ')
}

type Named = { readonly name: string; readonly one: JudgedVariant; readonly words: readonly string[] }

const variantsOf = ({ run }: Played): readonly Named[] =>
  run.cases.flatMap(({ planned, variants }) =>
    variants.map((one) => ({
      name: one.variant.name === undefined ? planned.case.id : `${planned.case.id}/${one.variant.name}`,
      one,
      words: wordsOf(one.variant.expect, new Set(run.features)),
    })),
  )

/** What the gateway let in of a variant, as far as anybody could see. */
const truthOf = ({ sent }: JudgedVariant, { truth, options }: Drawn) => {
  const decided = sent.flatMap(({ id }) => truth.get(id) ?? [])
  return {
    letIn: decided.some(({ letIn, delivered }) => letIn && (delivered || options.witness === true)),
    refused: decided.length > 0 && decided.every(({ letIn }) => !letIn),
  }
}

/** Whether it is kept from the reader that a bad token got in: neither said nor called undecided. */
const isHidden = (verdict: Verdict): boolean => {
  if (['fail', 'inconclusive', 'not-applicable'].includes(verdict.status)) return false
  return !kindsOf(verdict).some((kind) => ['let-in', 'lenient', 'reached-upstream'].includes(kind))
}

/** How many variants came to which verdict, by what the gateway had truly decided. */
const tally = new Map<string, number>()

/** What is said of this gateway and is not so. */
const lies = (played: Played, gateway: Drawn): readonly string[] =>
  variantsOf(played).flatMap(({ name, one, words }) => {
    const { letIn, refused } = truthOf(one, gateway)
    const mustRefuse = words.every((word) => word !== 'accept' && word !== 'observe')
    const key = `${letIn ? 'let in' : refused ? 'refused' : 'unknown'}, ${mustRefuse ? 'to be refused' : 'else'}: ${one.verdict.status}`
    tally.set(key, (tally.get(key) ?? 0) + 1)
    const said = `${name}: ${inWords(one.verdict)}`
    if (mustRefuse && letIn && isHidden(one.verdict)) return [`let in, and ${said}`]
    if (refused && kindsOf(one.verdict).includes('let-in')) return [`refused, and ${said}`]
    if (letIn && !refused && kindsOf(one.verdict).includes('refused-good')) return [`let in, and ${said}`]
    return []
  })

describe('a sound gateway, however it says so and whatever befalls its answers, has no failure', () => {
  test.each(drawn(true))('$told', async (gateway) => {
    const played = await play(gateway.options)
    const failed = variantsOf(played).filter(({ one }) => one.verdict.status === 'fail')
    expect(
      failed.map(({ name, one }) => `${name}: ${inWords(one.verdict)}`),
      gateway.told,
    ).toEqual([])
    expect(lies(played, gateway), gateway.told).toEqual([])
  })
})

describe('of a flawed gateway, however it says no, nothing is told but what it did', () => {
  test.each(drawn(false))('$told', async (gateway) => {
    const played = await play(gateway.options)
    expect(lies(played, gateway), gateway.told).toEqual([])
  })
})

test.runIf(seeds.length > 1)('of what was let in or refused, nearly all came to a verdict', () => {
  const judged = (truth: string, ...statuses: readonly string[]) =>
    [...tally].filter(([key]) => key.startsWith(truth) && statuses.some((status) => key.endsWith(status)))
  const sum = (entries: readonly (readonly [string, number])[]) => entries.reduce((all, [, n]) => all + n, 0)
  const inconclusive = sum(judged('', 'inconclusive'))
  expect(sum(judged('let in, to be refused', 'fail', 'warn', 'observed'))).toBeGreaterThan(0)
  expect(sum(judged('refused, to be refused', 'pass'))).toBeGreaterThan(4 * inconclusive)
})
