import type { ValidationResult } from '../differences.ts'
import { Unjudged } from './bench.ts'
import { finding, joined, nothing, type Found, type Sight } from './found.ts'

const soundValidation = ({ validation }: Sight): ValidationResult => {
  if (validation === undefined) throw new Unjudged({ missing: ['signing-key'] })
  if (!validation.valid)
    throw new Unjudged({ reason: `measurement-not-valid: ${validation.reason ?? 'unknown'}` })
  return validation
}

/** How many times as long one arm takes as another: medians. Throws Unjudged where the measurement is not valid. */
export const boundedCost = (
  { of, from, atMost }: { readonly of: string; readonly from: string; readonly atMost: number },
  sight: Sight,
): Found => {
  const validation = soundValidation(sight)
  const [more, less] = [validation.variants[of]?.p50, validation.variants[from]?.p50]
  const reason = validation.leftOut.find(({ name }) => name === of)?.reason
  if (more === undefined || less === undefined || less === 0)
    throw new Unjudged({ reason: `not-measured: ${reason ?? of}` })
  const ratio = Math.round((more / less) * 100) / 100
  return {
    mismatches:
      ratio <= atMost
        ? []
        : finding('out-of-proportion', sight.level, `${of} takes ${ratio} times as long as ${from}`),
    notes: [],
    measured: { ratio, [`${of}: p50 us`]: more, [`${from}: p50 us`]: less },
  }
}

/** The named differences with their intervals. Throws Unjudged where there are none. */
export const reportsDifference = (names: readonly string[], sight: Sight): Found => {
  const { differences, leftOut } = soundValidation(sight)
  const patterns = names.map((name) => new RegExp(`^${name.split('*').map(escaped).join('.*')}$`))
  const told = differences.filter(({ name }) => patterns.some((pattern) => pattern.test(name)))
  if (told.length === 0)
    throw new Unjudged({
      reason: `not-measured: ${leftOut.map(({ reason }) => reason)[0] ?? names.join(', ')}`,
    })
  return {
    ...nothing,
    measured: joined(
      told.map(({ name, median, low, high, significant }) => ({
        [`${name}: us`]: median,
        [`${name}: 95 %`]: `${low} to ${high}`,
        [`${name}: noise`]: !significant,
      })),
    ),
  }
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
