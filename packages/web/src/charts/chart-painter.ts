/** Draws the series of a chart onto the canvas of uPlot, which owns axes, scales and cursor. */
import type uPlot from 'uplot'
import { formatUnit, type ChartUnit, type Extent, type LineStyle } from '@pilothouse/signals'
import type { Palette } from './palette.ts'
import { ColumnPen, PathPen } from './pens.ts'
import type { SeriesBuffer } from './series-buffer.ts'

/** What is drawn on: a canvas, or what makes vectors of the same strokes. */
export type Brush = Pick<
  CanvasRenderingContext2D,
  | ('save' | 'restore' | 'beginPath' | 'closePath' | 'rect' | 'clip' | 'moveTo' | 'lineTo' | 'arc')
  | ('stroke' | 'fill' | 'fillRect' | 'fillText' | 'setLineDash' | 'lineDashOffset')
  | ('strokeStyle' | 'fillStyle' | 'lineWidth' | 'lineJoin' | 'globalAlpha' | 'font' | 'textAlign' | 'textBaseline')
>
export type PlotCanvas = Pick<uPlot, 'bbox' | 'scales' | 'valToPos'> & { ctx: Brush }

export type DrawnSeries = {
  buffer: SeriesBuffer
  style: LineStyle
  label: string
  isSmoothed: boolean
  scale: 'y' | 'y2'
}
export type Painting = {
  series: readonly DrawnSeries[]
  /** Breaks the line where points are missing for long: only where x is a time. */
  gaps: boolean
  /** Which axis is logarithmic. */
  log: Record<'y' | 'y2', boolean>
  /** Marks where a line leaves the plot above or below. */
  clip: boolean
  unit: ChartUnit
  palette: Palette
  /** Paths only: nothing is drawn by pixel columns. */
  isVector?: boolean
  /** Of these lines only what lies behind an entry is drawn; `length` of them is there, for the phase of their dashes. */
  tails?: ReadonlyMap<SeriesBuffer, { from: number; length: number }>
  window: Extent
}

const lineWidth = 1.25
const labelFontPx = 11
/** Of what lies behind: seen when one looks for it. */
const faintAlpha = 0.55

/**
 * Draws bands, faint raw lines, lines, marks of non-finite values, and the newest value at the end of each line.
 * @returns how long each line became, in device pixels.
 */
export function paintSeries(plot: PlotCanvas, painting: Painting): number[] {
  const lengths = paintWithin(plot, painting)
  paintEndLabels(plot, painting)
  return lengths
}

/** The same without the values beside the plot. */
export function paintWithin(plot: PlotCanvas, painting: Painting): number[] {
  const { ctx } = plot
  ctx.save()
  ctx.beginPath()
  ctx.rect(plot.bbox.left, plot.bbox.top - 2, plot.bbox.width + 2, plot.bbox.height + 4)
  ctx.clip()
  ctx.lineJoin = 'bevel'
  if (!painting.tails) for (const one of painting.series) paintBand(plot, painting, one)
  const lengths = painting.series.map((one) => paintLines(plot, painting, one))
  for (const one of painting.series) paintMarks(plot, painting, one)
  if (painting.clip) for (const one of painting.series) paintClips(plot, painting, one)
  ctx.restore()
  return lengths
}

/** The line that stands for the series. */
export function lineOf({ buffer, isSmoothed }: DrawnSeries): Float64Array {
  return isSmoothed ? buffer.smoothed : buffer.value
}

function paintBand(plot: PlotCanvas, painting: Painting, { buffer, style, scale }: DrawnSeries): void {
  if (style.isFaint || !hasSpread(buffer)) return
  const { ctx } = plot
  const columns: { x: number; top: number; bottom: number }[] = []
  forEachVisible(painting, buffer, (at) => {
    const low = buffer.min[at] ?? Number.NaN
    const high = buffer.max[at] ?? Number.NaN
    if (!Number.isFinite(low) || !Number.isFinite(high)) return
    const x = Math.round(placeX(plot, buffer.x[at] ?? 0))
    const top = placeY(plot, high, { log: painting.log[scale], scale })
    const bottom = placeY(plot, low, { log: painting.log[scale], scale })
    const last = columns.at(-1)
    if (last?.x !== x) return void columns.push({ x, top, bottom })
    last.top = Math.min(last.top, top)
    last.bottom = Math.max(last.bottom, bottom)
  })
  ctx.globalAlpha = 0.12
  ctx.fillStyle = colourOf(painting, style)
  if (!painting.isVector && columns.length > 0.8 * plot.bbox.width) {
    // A column a pixel: rectangles cost a tenth of a ragged polygon.
    columns.forEach(({ x, top, bottom }, at) =>
      ctx.fillRect(x, top, Math.min(4, (columns[at + 1]?.x ?? x + 1) - x), bottom - top),
    )
  } else {
    ctx.beginPath()
    for (const { x, top } of columns) ctx.lineTo(x, top)
    for (const { x, bottom } of columns.reverse()) ctx.lineTo(x, bottom)
    ctx.closePath()
    ctx.fill()
  }
  ctx.globalAlpha = 1
}

function paintLines(plot: PlotCanvas, painting: Painting, drawn: DrawnSeries): number {
  const { buffer, style, isSmoothed, scale } = drawn
  const { ctx } = plot
  const ratio = devicePixelRatio
  ctx.strokeStyle = colourOf(painting, style)
  ctx.fillStyle = ctx.strokeStyle
  ctx.lineWidth = lineWidth * ratio
  if (isSmoothed && !style.isFaint) {
    ctx.globalAlpha = 0.25
    strokeLine(plot, painting, { buffer, scale, xs: buffer.x, values: buffer.value, dashed: false })
    ctx.globalAlpha = 1
  }
  if (style.isFaint) ctx.globalAlpha = faintAlpha
  ctx.setLineDash(style.dash.map((length) => length * ratio))
  ctx.lineDashOffset = painting.tails?.get(buffer)?.length ?? 0
  const length = strokeLine(plot, painting, {
    buffer,
    scale,
    // An average belongs to the last point of its bucket.
    xs: isSmoothed ? buffer.xLast : buffer.x,
    values: lineOf(drawn),
    // A smoothed line hardly goes up and down: as a path it is cheap and finer.
    dashed: style.dash.length > 0 || isSmoothed,
  })
  ctx.setLineDash([])
  ctx.globalAlpha = 1
  return length
}

type StrokedLine = Pick<DrawnSeries, 'buffer' | 'scale'> & { xs: Float64Array; values: Float64Array; dashed: boolean }

function strokeLine(plot: PlotCanvas, painting: Painting, { buffer, scale, xs, values, dashed }: StrokedLine): number {
  const { ctx } = plot
  const longest = painting.gaps ? longestStep(buffer) : Number.POSITIVE_INFINITY
  const pen = isDense(plot, painting, buffer, dashed) ? new ColumnPen(ctx) : new PathPen(ctx)
  let previous = Number.NaN
  ctx.beginPath()
  forEachVisible(painting, buffer, (at) => {
    const value = values[at] ?? Number.NaN
    const x = xs[at] ?? Number.NaN
    if (!Number.isFinite(value) || (painting.log[scale] && value <= 0)) return
    if (x - previous > longest) pen.lift()
    pen.draw(placeX(plot, x), placeY(plot, value, { log: painting.log[scale], scale }))
    previous = x
  })
  pen.lift()
  strokePath(ctx, painting)
  if (pen.points === 1 && !painting.tails) paintDot(ctx, [pen.x, pen.y])
  return pen.length
}

/** A line of up to so many device pixels looks the same as two thin ones over one another. */
const thinMax = 1.5

/**
 * A browser without a GPU strokes lines of at most one pixel six to nine times faster than wider ones, whose outline it fills:
 * three lines of 600 points take 0.5 ms instead of 5.4 ms. So a line that is hardly wider is stroked as one of a pixel, and
 * again, faintly, where its edges are soft.
 */
function strokePath(ctx: Brush, { isVector }: Painting): void {
  const width = ctx.lineWidth
  if (isVector || width <= 1 || width > thinMax) return ctx.stroke()
  for (const part of [1, 2 * (width - 1)]) {
    ctx.lineWidth = part
    ctx.stroke()
  }
  ctx.lineWidth = width
}

/** More entries than pixel columns: then columns are filled instead of a path being stroked. */
function isDense(plot: PlotCanvas, painting: Painting, buffer: SeriesBuffer, dashed: boolean): boolean {
  const { window, isVector, tails } = painting
  return !dashed && !isVector && !tails && buffer.nearest(window.max) - buffer.nearest(window.min) > plot.bbox.width
}

/** A series with a single point is a dot, not an invisible line. */
function paintDot(ctx: Brush, [x, y]: [number, number]): void {
  ctx.fillStyle = ctx.strokeStyle
  ctx.beginPath()
  ctx.arc(x, y, 2.5 * devicePixelRatio, 0, 2 * Math.PI)
  ctx.fill()
}

/** NaN and infinities are no holes: a small mark at the edge stands where they came. */
function paintMarks(plot: PlotCanvas, painting: Painting, { buffer, style }: DrawnSeries): void {
  const { ctx, bbox } = plot
  const ratio = devicePixelRatio
  ctx.fillStyle = colourOf(painting, style)
  forEachVisible(painting, buffer, (at) => {
    if (!((buffer.bad[at] ?? 0) > 0)) return
    const isBelow = buffer.value[at] === Number.NEGATIVE_INFINITY
    const x = placeX(plot, buffer.x[at] ?? 0)
    const edge = isBelow ? bbox.top + bbox.height : bbox.top
    const way = isBelow ? -1 : 1
    ctx.beginPath()
    ctx.moveTo(x - 3.5 * ratio, edge)
    ctx.lineTo(x + 3.5 * ratio, edge)
    ctx.lineTo(x, edge + way * 6 * ratio)
    ctx.closePath()
    ctx.fill()
  })
}

/** A line that runs out of the plot is seen to do so: a bar at the edge stands where it is beyond. */
function paintClips(plot: PlotCanvas, painting: Painting, drawn: DrawnSeries): void {
  const { ctx, bbox } = plot
  const { buffer } = drawn
  const line = lineOf(drawn)
  const thick = 3 * devicePixelRatio
  const bottom = bbox.top + bbox.height
  ctx.fillStyle = colourOf(painting, drawn.style)
  forEachVisible(painting, buffer, (at) => {
    for (const value of [buffer.value[at], line[at]]) {
      const y = placeY(plot, value ?? Number.NaN, { log: painting.log[drawn.scale], scale: drawn.scale })
      const edge = y < bbox.top - 1 ? bbox.top : y > bottom + 1 ? bottom - thick : undefined
      if (edge !== undefined) ctx.fillRect(placeX(plot, buffer.x[at] ?? 0) - thick / 2, edge, thick, thick)
    }
  })
}

/** Writes the newest value of each line at its end, right of the plot. */
export function paintEndLabels(plot: PlotCanvas, painting: Painting): void {
  const { ctx, bbox } = plot
  const ratio = devicePixelRatio
  const height = 13 * ratio
  // On the right stands an axis.
  if (painting.series.some(({ scale }) => scale === 'y2')) return
  const labels = painting.series.flatMap((drawn) => {
    const end = findEnd(drawn, painting)
    if (end === undefined || drawn.style.isFaint) return []
    const y = placeY(plot, end, { log: painting.log.y, scale: 'y' })
    return [{ text: formatUnit(end, painting.unit), y, colour: colourOf(painting, drawn.style) }]
  })
  if (labels.length > 6) return
  spread(labels, { height, top: bbox.top + height / 2 - 4 * ratio, bottom: bbox.top + bbox.height })
  ctx.save()
  ctx.font = `500 ${labelFontPx * ratio}px 'Geist Variable', system-ui, sans-serif`
  ctx.textAlign = 'left'
  ctx.textBaseline = 'middle'
  for (const { text, y, colour } of labels) {
    ctx.fillStyle = colour
    ctx.fillText(text, bbox.left + bbox.width + 6 * ratio, y)
  }
  ctx.restore()
}

/** Moves labels apart until none covers another, as little as needed, within the plot. */
function spread(
  labels: { y: number }[],
  { height, top, bottom }: { height: number; top: number; bottom: number },
): void {
  labels.sort((a, b) => a.y - b.y)
  let floor = top
  for (const label of labels) {
    label.y = Math.max(label.y, floor)
    floor = label.y + height
  }
  let ceiling = bottom
  for (const label of labels.toReversed()) {
    label.y = Math.min(label.y, ceiling)
    ceiling = label.y - height
  }
}

function findEnd(drawn: DrawnSeries, painting: Painting): number | undefined {
  const { buffer } = drawn
  const values = lineOf(drawn)
  for (let at = buffer.size - 1; at >= 0; at -= 1) {
    const x = buffer.x[at] ?? Number.NaN
    const value = values[at] ?? Number.NaN
    if (x <= painting.window.max && Number.isFinite(value) && (!painting.log[drawn.scale] || value > 0)) {
      return x >= painting.window.min ? value : undefined
    }
  }
  return undefined
}

/** Entries within the window, and one on each side so that lines run to the edges. */
function forEachVisible({ window, tails }: Painting, buffer: SeriesBuffer, visit: (at: number) => void): void {
  const first = Math.max(0, tails?.get(buffer)?.from ?? 0, buffer.nearest(window.min) - 1)
  const last = Math.min(buffer.size - 1, buffer.nearest(window.max) + 1)
  for (let at = first; at <= last; at += 1) visit(at)
}

function hasSpread(buffer: SeriesBuffer): boolean {
  for (let at = 0; at < buffer.size; at += 1) if (buffer.min[at] !== buffer.max[at]) return true
  return false
}

/** A step in time beyond six usual ones (and fifteen seconds) is a gap. */
function longestStep(buffer: SeriesBuffer): number {
  if (buffer.size < 4) return Number.POSITIVE_INFINITY
  const steps = Array.from({ length: Math.min(64, buffer.size - 1) }, (_, index) => {
    const at = Math.floor((index * (buffer.size - 1)) / Math.min(64, buffer.size - 1))
    return (buffer.x[at + 1] ?? 0) - (buffer.x[at] ?? 0)
  }).sort((a, b) => a - b)
  return Math.max(15_000, 6 * (steps[steps.length >> 1] ?? 0))
}

function placeX(plot: PlotCanvas, value: number): number {
  return plot.valToPos(value, 'x', true)
}

function placeY(plot: PlotCanvas, value: number, { log, scale }: { log: boolean; scale: 'y' | 'y2' }): number {
  return plot.valToPos(log && value <= 0 ? (plot.scales[scale]?.min ?? 1e-12) : value, scale, true)
}

function colourOf({ palette }: Painting, style: LineStyle): string {
  return palette.series[style.hue] ?? palette.text
}
