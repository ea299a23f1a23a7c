/**
 * A chart as SVG without scripts. Lines are drawn in a box that is stretched over the plot; words and grid are placed by
 * shares of its size. So the chart is as wide as its place, on a screen, a telephone or paper, and its text never scales.
 */
import type { XAxis } from '@pilothouse/contract'
import {
  type ChartUnit,
  type Extent,
  type LineStyle,
  byteSteps,
  chooseYRange,
  durationSteps,
  formatUnit,
  formatX,
  formatXSplits,
  formatYSplits,
  nameAxis,
  wholeSteps,
} from '@pilothouse/signals'
import { type Box, type Columns, type SeriesPaths, boxHeight, boxWidth, drawSeries, shareOf } from './chart-paths.ts'
import { type Html, markup } from './markup.ts'
import { niceTicks } from './nice-ticks.ts'

export type ChartLine = {
  label: string
  style: LineStyle
  /** Several where a rollback has cut the series. */
  parts: readonly (Columns & { last: ArrayLike<number> })[]
}

export type DocumentChart = {
  title: string
  unit: ChartUnit
  x: XAxis
  lines: readonly ChartLine[]
  /** Lines that are not drawn, by their number. */
  leftOut?: number
  /** Without names and last values, where a table beside the charts has them. */
  isBare?: boolean
}

/** Lines that have their last values at the right end, and a band around them; of more they would hide one another. */
const endLabelsMax = 4
const bandsMax = 4
const ticksY = 4
const ticksX = 4

/** Draws a chart; nothing when no line has a point. */
export function renderChart(chart: DocumentChart): Html | null {
  const box = measureBox(chart)
  if (!box) return null
  const yTicks = niceTicks([box.y.min, box.y.max], {
    count: ticksY,
    steps: chart.unit.startsWith('bytes') ? byteSteps : undefined,
  })
  const yWords = formatYSplits(yTicks, chart.unit)
  const left = Math.max(...yWords.map(({ length }) => length), 2) * 6.4 + 12
  const drawn = chart.lines.flatMap(({ style, parts }) =>
    parts.map((part) => ({ style, paths: drawSeries(part, box) })),
  )
  const isLabelled = !chart.isBare && chart.lines.length <= endLabelsMax
  return markup`<figure class="chart">
<figcaption><b>${chart.title}</b>${chart.x === 'step' || chart.x === 'relative' ? null : markup` <span class="faint">over ${nameAxis(chart.x)}</span>`}${renderLegend(chart)}</figcaption>
<div class="plot" style="margin-left:${Math.round(left)}px;margin-right:${isLabelled ? 58 : 14}px">
<svg role="img" aria-label="${describeChart(chart, box)}" width="100%" height="100%">
${yTicks.map((value, at) => renderRow(box, { value, words: yWords[at] ?? '' }))}
${renderColumns(chart, box)}
<svg viewBox="0 0 ${boxWidth} ${boxHeight}" preserveAspectRatio="none" width="100%" height="100%">
${drawn.map((one) => renderPaths(one, chart.lines.length <= bandsMax))}
</svg>
${drawn.map(renderNonFinite)}
${isLabelled ? renderEnds(chart, box) : null}
</svg>
</div>
</figure>`
}

function measureBox({ lines, unit }: DocumentChart): Box | null {
  const x = { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY }
  const y = { ...x }
  for (const part of lines.flatMap(({ parts }) => parts)) {
    widen(x, part.x[0], part.xLast[part.xLast.length - 1])
    for (let at = 0; at < part.min.length; at += 1) widen(y, part.min[at], part.max[at])
  }
  if (!(x.min <= x.max)) return null
  const [min, max] = chooseYRange(y.min <= y.max ? y : null, unit, false)
  return { x, y: { min: clampNumber(min), max: clampNumber(max) } }
}

function widen(extent: Extent, low = Number.NaN, high = Number.NaN): void {
  if (Number.isFinite(low)) extent.min = Math.min(extent.min, low)
  if (Number.isFinite(high)) extent.max = Math.max(extent.max, high)
}

/** Air around the largest of all numbers is more than a number. */
function clampNumber(value: number): number {
  return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value))
}

function renderLegend({ lines, isBare = false, leftOut = 0 }: DocumentChart): Html | null {
  if (isBare || (lines.length === 1 && leftOut === 0)) return null
  return markup`<span class="legend">${lines.map(
    ({ label, style }) => markup`<span>${renderSwatch(style)}${label}</span>`,
  )}${leftOut > 0 ? markup`<span class="faint">and ${leftOut} more</span>` : null}</span>`
}

/** A piece of line, as it stands beside a name. */
export function renderSwatch({ hue, dash }: LineStyle): Html {
  return markup`<svg class="swatch" width="18" height="8" aria-hidden="true"><path class="line s${hue + 1}"${renderDash(dash)} d="M0 4h18"/></svg>`
}

function renderDash(dash: readonly number[]): Html | null {
  return dash.length === 0 ? null : markup` stroke-dasharray="${dash.join(' ')}"`
}

function renderRow(box: Box, { value, words }: { value: number; words: string }): Html {
  const top = percent(1 - shareOf(value, box.y))
  return markup`<line class="grid" x1="0" x2="100%" y1="${top}" y2="${top}"/><text x="0" dx="-8" y="${top}" dy=".34em" text-anchor="end">${words}</text>`
}

function renderColumns({ x }: DocumentChart, box: Box): Html[] {
  const ticks = niceTicks([box.x.min, box.x.max], { count: ticksX, steps: stepsOf(x) })
  const words = formatXSplits(ticks, x)
  return ticks.map(
    (value, at) =>
      markup`<text x="${percent(shareOf(value, box.x))}" y="100%" dy="17" text-anchor="middle">${words[at] ?? ''}</text>`,
  )
}

function stepsOf(x: XAxis): readonly number[] | undefined {
  if (x === 'relative') return durationSteps
  return x === 'step' ? wholeSteps : undefined
}

type Drawn = { style: LineStyle; paths: SeriesPaths }

function renderPaths({ style, paths: { line, dots, band } }: Drawn, hasBand: boolean): Html {
  const hue = `s${style.hue + 1}`
  return markup`${band === '' || !hasBand ? null : markup`<path class="band ${hue}" d="${band}"/>`}${
    line === '' ? null : markup`<path class="line ${hue}"${renderDash(style.dash)} d="${line}"/>`
  }${dots === '' ? null : markup`<path class="dots ${hue}" d="${dots}"/>`}`
}

function renderNonFinite({ paths }: Drawn): Html[] {
  return paths.nonFinite.map(
    ([from, to]) =>
      markup`<line class="nan" x1="${percent(from)}" x2="${percent(Math.max(to, from + 0.004))}" y1="100%" y2="100%"/>`,
  )
}

/** Last values at the right end, moved apart where they would touch. */
function renderEnds({ lines, unit }: DocumentChart, box: Box): Html[] {
  const ends = lines.flatMap(({ style, parts }) => {
    const value = lastOf(parts)
    return Number.isFinite(value) ? [{ style, value, share: 1 - shareOf(value, box.y) }] : []
  })
  ends.sort((one, other) => one.share - other.share)
  const apart = 0.075
  let reached = Number.NEGATIVE_INFINITY
  const placed = ends.map((end) => {
    reached = Math.max(end.share, reached + apart)
    return { ...end, share: reached }
  })
  const over = Math.max(0, (placed.at(-1)?.share ?? 0) - 1)
  return placed.map(
    ({ style, value, share }) =>
      markup`<text class="end s${style.hue + 1}" x="100%" dx="6" y="${percent(share - over)}" dy=".34em">${formatUnit(value, unit)}</text>`,
  )
}

function lastOf(parts: ChartLine['parts']): number {
  const part = parts.at(-1)
  return part?.last[part.last.length - 1] ?? Number.NaN
}

/** The picture in words, for those who do not see it. */
function describeChart({ title, lines, unit, x }: DocumentChart, box: Box): string {
  const place = `over ${nameAxis(x)} ${formatX(box.x.min, x)} to ${formatX(box.x.max, x)}`
  const ends = lines.slice(0, 8).map(({ label, parts }) => {
    const strange = parts.reduce((sum, part) => sum + sumUp(part.nonFinite), 0)
    return `${label} ends at ${formatUnit(lastOf(parts), unit)}${strange > 0 ? `, ${strange} values are no numbers` : ''}`
  })
  const more = lines.length > ends.length ? `; and ${lines.length - ends.length} more lines` : ''
  return `${title} ${place}: ${ends.join('; ')}${more}.`
}

function sumUp(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0)
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`
}
