/** What histograms show, worked out without drawing: all on one value axis, whatever bins each came with. */
import type { HistogramBody } from '@pilothouse/contract'

export type HistogramAt = { step: number; body: HistogramBody }
export type ValueRange = readonly [from: number, to: number]

/** Range of all values that stand in bins; a single value gets room on both sides. */
export function rangeOf(bodies: readonly HistogramBody[]): ValueRange {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { edges } of bodies) {
    from = Math.min(from, edges[0] ?? from)
    to = Math.max(to, edges.at(-1) ?? to)
  }
  if (!Number.isFinite(to - from)) return [0, 1]
  const room = to > from ? 0 : Math.max(Math.abs(from) * 0.05, 0.5)
  return [from - room, to + room]
}

/** Range that holds the middle 99 % of every histogram: a few far values should not press all others into a line. */
export function middleRangeOf(bodies: readonly HistogramBody[]): ValueRange {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { counts, edges } of bodies) {
    const total = counts.reduce((sum, count) => sum + count, 0)
    if (total === 0) continue
    from = Math.min(from, findQuantile(counts, edges, total * 0.005))
    to = Math.max(to, findQuantile(counts, edges, total * 0.995))
  }
  return to > from ? [from, to] : rangeOf(bodies)
}

/**
 * Share of the values in each of `cells` equal parts of the range, the sum being 1. A bin is spread evenly over the parts
 * that it touches; one without width falls into one part, one beyond the range into none.
 */
export function spreadCounts({ counts, edges }: HistogramBody, [from, to]: ValueRange, cells: number): Float64Array {
  const shares = new Float64Array(cells)
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return shares
  const place = (value: number): number => ((value - from) / (to - from)) * cells
  counts.forEach((count, bin) => {
    const [left, right] = [place(edges[bin] ?? from), place(edges[bin + 1] ?? to)]
    addSpan(shares, left, right, count / total)
  })
  return shares
}

function addSpan(shares: Float64Array, left: number, right: number, share: number): void {
  const last = shares.length - 1
  if ((right <= 0 && left < 0) || (left >= shares.length && right > shares.length)) return
  const [first, end] = [clamp(Math.floor(left), last), clamp(Math.ceil(right) - 1, last)]
  if (right <= left) {
    shares[first] = (shares[first] ?? 0) + share
    return
  }
  for (let cell = first; cell <= end; cell += 1) {
    const covered = Math.min(right, cell + 1) - Math.max(left, cell)
    shares[cell] = (shares[cell] ?? 0) + share * (covered / (right - left))
  }
}

function clamp(cell: number, last: number): number {
  return Math.max(0, Math.min(last, cell))
}

/** Shares in this ratio to the fullest cell look alike: the weakest colour. */
const faintest = 1e-4

/**
 * Strength of the colour of a share, 0 to 1, on a logarithmic scale: each tenth of the fullest cell is a step that the eye
 * tells, so that the flanks of a peak are seen beside it. Nothing is 0, anything else is visible.
 */
export function heatStrength(share: number, most: number): number {
  if (share <= 0 || most <= 0) return 0
  const decades = Math.log10(Math.max(share / most, faintest)) / Math.log10(faintest)
  return 1 - 0.9 * Math.min(1, Math.max(0, decades))
}

/** Ratios to the fullest cell that the legend shows, faint to strong. */
export const heatLegend: readonly number[] = [1e-4, 1e-3, 1e-2, 1e-1, 1]

/** Values in all bins, and the middle and the tenths of them, each by even spread within its bin. */
export function describeHistogram({ counts, edges }: HistogramBody): {
  total: number
  median: number | null
  low: number | null
  high: number | null
} {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const at = (share: number): number | null => (total === 0 ? null : findQuantile(counts, edges, share * total))
  return { total, median: at(0.5), low: at(0.1), high: at(0.9) }
}

function findQuantile(counts: readonly number[], edges: readonly number[], wanted: number): number {
  let before = 0
  for (const [bin, count] of counts.entries()) {
    const [left = 0, right = 0] = [edges[bin], edges[bin + 1]]
    if (count > 0 && before + count >= wanted)
      return snapToZero(left + ((right - left) * (wanted - before)) / count, right - left)
    before += count
  }
  return edges.at(-1) ?? 0
}

/** What is zero but for rounding is zero. */
function snapToZero(value: number, width: number): number {
  return Math.abs(value) < width * 1e-9 ? 0 : value
}

/** Round values for an axis, about `wanted` of them. */
export function chooseTicks([from, to]: ValueRange, wanted: number): number[] {
  const rough = (to - from) / Math.max(1, wanted)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10)
  const ticks: number[] = []
  for (let at = Math.ceil(from / step); at * step <= to; at += 1) ticks.push(Number((at * step).toPrecision(12)))
  return ticks
}
