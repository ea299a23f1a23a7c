/** Series as paths of SVG, in a box of `boxWidth` × `boxHeight` units that is stretched over the plot. */
import type { MetricSeries } from '@pilothouse/contract'
import type { Extent } from '@pilothouse/signals'

export const boxWidth = 2_000
export const boxHeight = 1_000

export type Columns = Pick<MetricSeries, 'x' | 'xLast' | 'mean' | 'min' | 'max' | 'n' | 'nonFinite'>
export type Box = { x: Extent; y: Extent }
export type SeriesPaths = {
  /** Through the means, interrupted where no value is finite. */
  line: string
  /** Points without a neighbour, which a line does not show. */
  dots: string
  /** Around the lowest and highest values. */
  band: string
  /** Where values were no numbers: shares of the width, begin and end. */
  nonFinite: (readonly [number, number])[]
}

/** Draws one series. */
export function drawSeries(columns: Columns, box: Box): SeriesPaths {
  const runs = findRuns(columns)
  const lines: string[] = []
  const dots: string[] = []
  const bands: string[] = []
  for (const [from, to] of runs) {
    const places = range(from, to)
    const points = places.map((at) => placePoint(columns, box, { at, value: columns.mean[at] }))
    if (points.length === 1) dots.push(`M${points.join('')}h0`)
    else lines.push(`M${points.join('L')}`)
    if (places.some((at) => (columns.max[at] ?? 0) > (columns.min[at] ?? 0))) {
      const top = places.map((at) => placePoint(columns, box, { at, value: columns.max[at] }))
      const bottom = places.map((at) => placePoint(columns, box, { at, value: columns.min[at] })).toReversed()
      bands.push(`M${[...top, ...bottom].join('L')}Z`)
    }
  }
  return { line: lines.join(''), dots: dots.join(''), band: bands.join(''), nonFinite: findNonFinite(columns, box) }
}

/** First and last place of each stretch of buckets that have a finite mean. */
function findRuns({ mean }: Columns): [number, number][] {
  const runs: [number, number][] = []
  let begin: number | undefined
  for (let at = 0; at <= mean.length; at += 1) {
    const isKnown = at < mean.length && Number.isFinite(mean[at])
    if (isKnown) begin ??= at
    else if (begin !== undefined) {
      runs.push([begin, at - 1])
      begin = undefined
    }
  }
  return runs
}

function findNonFinite({ x, xLast, nonFinite }: Columns, { x: extent }: Box): SeriesPaths['nonFinite'] {
  const found: [number, number][] = []
  let wasOpen = false
  for (let at = 0; at < nonFinite.length; at += 1) {
    const isOpen = (nonFinite[at] ?? 0) > 0
    const end = shareOf(xLast[at] ?? 0, extent)
    const last = found.at(-1)
    if (isOpen && wasOpen && last) last[1] = end
    else if (isOpen) found.push([shareOf(x[at] ?? 0, extent), end])
    wasOpen = isOpen
  }
  return found
}

function placePoint({ x, xLast }: Columns, box: Box, { at, value }: { at: number; value: number | undefined }): string {
  const first = x[at] ?? 0
  const last = xLast[at] ?? first
  // The outer buckets reach to the ends of the plot.
  const place = at === 0 ? first : at === x.length - 1 ? last : first + (last - first) / 2
  const left = Math.round(shareOf(place, box.x) * boxWidth)
  const top = Math.round((1 - shareOf(value ?? Number.NaN, box.y)) * boxHeight)
  return `${left} ${top}`
}

/** 0 at the lower end, 1 at the upper one. Quartered before: the distance of two ends may be beyond all numbers. */
export function shareOf(value: number, { min, max }: Extent): number {
  const width = max / 4 - min / 4
  if (!(width > 0)) return 0.5
  return Math.min(1, Math.max(0, (value / 4 - min / 4) / width))
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at)
}
