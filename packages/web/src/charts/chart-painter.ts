/** Draws the series of a chart onto the canvas of uPlot, which owns axes, scales and cursor. */
import type uPlot from 'uplot'
import { formatUnit, type ChartUnit, type Extent } from './chart-scale.ts'
import type { LineStyle, Palette } from './palette.ts'
import type { SeriesBuffer } from './series-buffer.ts'

export type DrawnSeries = { buffer: SeriesBuffer; style: LineStyle; label: string }
export type Painting = {
  series: readonly DrawnSeries[]
  smoothed: boolean
  /** Breaks the line where points are missing for long: only where x is a time. */
  gaps: boolean
  log: boolean
  unit: ChartUnit
  palette: Palette
  window: Extent
}

const lineWidth = 1.25
const labelFontPx = 11

/** Draws bands, faint raw lines, lines, marks of non-finite values, and the newest value at the end of each line. */
export function paintSeries(plot: uPlot, painting: Painting): void {
  const { ctx } = plot
  ctx.save()
  ctx.beginPath()
  ctx.rect(plot.bbox.left, plot.bbox.top - 2, plot.bbox.width + 2, plot.bbox.height + 4)
  ctx.clip()
  ctx.lineJoin = 'round'
  for (const one of painting.series) paintBand(plot, painting, one)
  for (const one of painting.series) paintLines(plot, painting, one)
  for (const one of painting.series) paintMarks(plot, painting, one)
  ctx.restore()
  paintEndLabels(plot, painting)
}

/** The line that stands for the series: smoothed when smoothing is on. */
export function lineOf(buffer: SeriesBuffer, smoothed: boolean): Float64Array {
  return smoothed ? buffer.smoothed : buffer.value
}

function paintBand(plot: uPlot, painting: Painting, { buffer, style }: DrawnSeries): void {
  const { ctx } = plot
  let open = false
  const lower: [number, number][] = []
  ctx.beginPath()
  forEachVisible(painting, buffer, (at) => {
    const low = buffer.min[at] ?? Number.NaN
    const high = buffer.max[at] ?? Number.NaN
    if (!Number.isFinite(low) || !Number.isFinite(high)) return
    const x = placeX(plot, buffer.x[at] ?? 0)
    const top = placeY(plot, high, painting.log)
    if (open) ctx.lineTo(x, top)
    else ctx.moveTo(x, top)
    open = true
    lower.push([x, placeY(plot, low, painting.log)])
  })
  if (!open || !hasSpread(buffer)) return
  for (const [x, y] of lower.reverse()) ctx.lineTo(x, y)
  ctx.closePath()
  ctx.globalAlpha = 0.12
  ctx.fillStyle = colourOf(painting, style)
  ctx.fill()
  ctx.globalAlpha = 1
}

function paintLines(plot: uPlot, painting: Painting, { buffer, style }: DrawnSeries): void {
  const { ctx } = plot
  const ratio = devicePixelRatio
  ctx.strokeStyle = colourOf(painting, style)
  ctx.lineWidth = lineWidth * ratio
  if (painting.smoothed) {
    ctx.globalAlpha = 0.25
    strokeLine(plot, painting, buffer, buffer.value)
    ctx.globalAlpha = 1
  }
  ctx.setLineDash(style.dash.map((length) => length * ratio))
  strokeLine(plot, painting, buffer, lineOf(buffer, painting.smoothed))
  ctx.setLineDash([])
}

function strokeLine(plot: uPlot, painting: Painting, buffer: SeriesBuffer, values: Float64Array): void {
  const { ctx } = plot
  const longest = painting.gaps ? longestStep(buffer) : Number.POSITIVE_INFINITY
  let previous = Number.NaN
  let points = 0
  let dot: [number, number] | undefined
  ctx.beginPath()
  forEachVisible(painting, buffer, (at) => {
    const value = values[at] ?? Number.NaN
    const x = buffer.x[at] ?? Number.NaN
    if (!Number.isFinite(value) || (painting.log && value <= 0)) return
    const place: [number, number] = [placeX(plot, x), placeY(plot, value, painting.log)]
    if (points > 0 && x - previous <= longest) ctx.lineTo(...place)
    else ctx.moveTo(...place)
    previous = x
    points += 1
    dot = place
  })
  ctx.stroke()
  if (points === 1 && dot) paintDot(ctx, dot)
}

/** A series with a single point is a dot, not an invisible line. */
function paintDot(ctx: CanvasRenderingContext2D, [x, y]: [number, number]): void {
  ctx.fillStyle = ctx.strokeStyle
  ctx.beginPath()
  ctx.arc(x, y, 2.5 * devicePixelRatio, 0, 2 * Math.PI)
  ctx.fill()
}

/** NaN and infinities are no holes: a small mark at the edge stands where they came. */
function paintMarks(plot: uPlot, painting: Painting, { buffer, style }: DrawnSeries): void {
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

function paintEndLabels(plot: uPlot, painting: Painting): void {
  const { ctx, bbox } = plot
  const ratio = devicePixelRatio
  const height = 13 * ratio
  const labels = painting.series.flatMap(({ buffer, style }) => {
    const end = findEnd(buffer, painting)
    if (end === undefined) return []
    const y = placeY(plot, end, painting.log)
    return [{ text: formatUnit(end, painting.unit), y, colour: colourOf(painting, style) }]
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

function findEnd(buffer: SeriesBuffer, painting: Painting): number | undefined {
  const values = lineOf(buffer, painting.smoothed)
  for (let at = buffer.size - 1; at >= 0; at -= 1) {
    const x = buffer.x[at] ?? Number.NaN
    const value = values[at] ?? Number.NaN
    if (x <= painting.window.max && Number.isFinite(value) && (!painting.log || value > 0)) {
      return x >= painting.window.min ? value : undefined
    }
  }
  return undefined
}

/** Entries within the window, and one on each side so that lines run to the edges. */
function forEachVisible({ window }: Painting, buffer: SeriesBuffer, visit: (at: number) => void): void {
  const first = Math.max(0, buffer.nearest(window.min) - 1)
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

function placeX(plot: uPlot, value: number): number {
  return plot.valToPos(value, 'x', true)
}

function placeY(plot: uPlot, value: number, log: boolean): number {
  return plot.valToPos(log && value <= 0 ? (plot.scales['y']?.min ?? 1e-12) : value, 'y', true)
}

function colourOf({ palette }: Painting, style: LineStyle): string {
  return palette.series[style.hue] ?? palette.text
}
