/** `0.085 ms`, `12.3 ms`, `1.20 s`; a dash where there was no sample. */
export const formatMs = (ms: number | null): string => {
  if (ms === null) return '–'
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`
  return `${significant(ms)} ms`
}

/** Milliseconds to three digits, without the unit, for a column that names it. */
export const formatMsValue = (ms: number | null): string => (ms === null ? '–' : significant(ms))

/** Microseconds to a tenth, with a sign where they are a difference: `+62.4 µs`. */
export const formatMicros = (us: number, signed: 'signed' | 'plain' = 'plain'): string =>
  `${signed === 'signed' && us > 0 ? '+' : ''}${us.toFixed(Math.abs(us) >= 1000 ? 0 : 1).replace('-', '−')} µs`

/** `12,345/s`. */
export const formatRate = (perSecond: number): string =>
  `${perSecond >= 100 ? formatCount(Math.round(perSecond)) : significant(perSecond)}/s`

/** Thousands grouped by commas, whatever the machine's locale. */
export const formatCount = (count: number): string => count.toLocaleString('en-US')

/** `1 h 2 min`, `1 min 42 s`, `12.3 s`, `850 ms`. */
export const formatDuration = (ms: number): string => {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Three significant digits without an exponent. */
const significant = (value: number): string => {
  const size = Math.abs(value)
  if (size >= 100 || size === 0) return formatCount(Math.round(value))
  return size >= 10 ? value.toFixed(1) : size >= 1 ? value.toFixed(2) : value.toFixed(3)
}
