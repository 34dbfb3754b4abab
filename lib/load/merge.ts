import { decodeHistogram } from './histogram-codec.ts'
import { Histogram } from './histogram.ts'
import { addSlices, type Slice } from './series.ts'

/**
 * Joins histograms, as `encodeHistogram` writes them, bucket by bucket: the one that a single process would have
 * recorded. Throws a RangeError for a text that is none.
 */
export const mergeHistograms = (texts: readonly string[]): Histogram => {
  const whole = new Histogram()
  for (const text of texts) whole.merge(decodeHistogram(text))
  return whole
}

/**
 * Joins what several generators saw from the same moment on. The series with the fewest slices is the frame; what
 * another has is added where its middle lies, and behind the frame to the last slice.
 */
export const mergeSeries = (all: readonly (readonly Slice[])[]): readonly Slice[] => {
  const whole = all.filter((series) => series.length > 0)
  const [frame = []] = whole.toSorted((a, b) => a.length - b.length)
  return frame.flatMap(({ atMs, ms }, at) => {
    const isFirst = at === 0
    const isLast = at === frame.length - 1
    const within = whole.flatMap((series) =>
      series.filter((slice) => {
        const middle = slice.atMs + slice.ms / 2
        return (isFirst || middle >= atMs) && (isLast || middle < atMs + ms)
      }),
    )
    const [first, ...more] = within
    return first === undefined ? [] : [{ ...addSlices([first, ...more]), atMs, ms }]
  })
}
