import { expect, test } from 'vitest'
import type { Result } from '../lib/report/report.ts'
import { play } from './stage.ts'

const include = ['controls', 'alg', 'audience', 'confusion', 'header', 'path', 'responses', 'scope', 'time']

/** Whatever no two runs can share: the time, what chance made (ids, keys, signatures), and the port. */
const chance: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID'],
  [/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, 'DATE'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, 'DATE'],
  [/-?\b\d{10,17}(\.\d+)?\b/g, 'TIME'],
  [/127\.0\.0\.1:\d+/g, 'ADDRESS'],
  [/gateproof-[0-9a-f]{12}/g, 'UNROUTED'],
  [/[\w+/-]{22,}={0,2}/g, 'BASE64'],
]

/** A token that ends now has ended or not, whichever side of a second the gateway reads its clock on; nothing is judged. */
const onTheSecond = 'time-exp-now'

/** A result without how long it took, and with names for what chance made. */
const masked = ({ observed, variants, ...result }: Result): string => {
  const timeless = {
    ...result,
    observed: { ...observed, ms: null },
    variants: variants?.map((variant) => ({ ...variant, observed: { ...variant.observed, ms: null } })),
  }
  return chance.reduce((text, [pattern, name]) => text.replace(pattern, name), JSON.stringify(timeless))
}

test('two equal runs give equal reports, but for time and chance', async () => {
  const [first, second] = [await play({ witness: true, include }), await play({ witness: true, include })]
  expect(first.results.length).toBeGreaterThan(100)
  const told = ({ results }: typeof first) => results.filter((one) => one.case !== onTheSecond).map(masked)
  expect(told(second)).toEqual(told(first))
  expect(second.run.style).toEqual(first.run.style)
  expect(second.run.features).toEqual(first.run.features)
  expect(second.code).toBe(first.code)
})
