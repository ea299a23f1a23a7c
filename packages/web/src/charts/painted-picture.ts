/**
 * What a canvas shows, for as long as its scales stand still: then only what came since is drawn, behind what is there. Ten
 * times a second that is a tenth of the work of drawing whole lines.
 */
import type uPlot from 'uplot'
import type { Extent } from '@pilothouse/signals'
import { paintEndLabels, paintSeries, paintWithin, type DrawnSeries, type Painting } from './chart-painter.ts'

/** A line as it was painted: up to which entry, and how long it was then, in device pixels. */
type PaintedLine = DrawnSeries & { edition: number; size: number; length: number }
export type Scales = { x: Extent; y: Extent; y2: Extent }

/** Room that lines may take beyond the right edge of the plot (the clip of the painter), device pixels. */
const beyondPx = 3

export class PaintedPicture {
  #lines: PaintedLine[] | undefined
  #scales: Scales | undefined

  /** Paints everything, and remembers it. */
  paint(plot: uPlot, painting: Painting): void {
    const lengths = paintSeries(plot, painting)
    this.#lines = painting.series.map((one, at) => remember(one, lengths[at] ?? 0))
    this.#scales = readScales(plot)
  }

  /** The canvas is another now. */
  forget(): void {
    this.#lines = undefined
  }

  /**
   * Paints what came since, where that is all there is to do.
   * @returns false where the picture has to be painted whole: scales, lines or their looks are others now.
   */
  goOn(plot: uPlot, painting: Painting, scales: Scales): boolean {
    const lines = this.#lines
    if (!lines || lines.length !== painting.series.length || !this.#scales) return false
    if (!isSameScales(this.#scales, scales)) return false
    if (!painting.series.every((one, at) => goesOn(lines[at], one))) return false
    const tails = new Map(lines.map(({ buffer, size, length }) => [buffer, { from: size - 1, length }]))
    const lengths = paintWithin(plot, { ...painting, tails })
    this.#lines = painting.series.map((one, at) => remember(one, (lines[at]?.length ?? 0) + (lengths[at] ?? 0)))
    this.#writeLabels(plot, painting)
    return true
  }

  #writeLabels(plot: uPlot, painting: Painting): void {
    const { ctx, bbox } = plot
    // On the right stands an axis, and no label.
    if (painting.series.some(({ scale }) => scale === 'y2')) return
    const left = bbox.left + bbox.width + beyondPx
    ctx.clearRect(left, 0, ctx.canvas.width - left, bbox.top + bbox.height + 1)
    paintEndLabels(plot, painting)
  }
}

function remember(one: DrawnSeries, length: number): PaintedLine {
  return { ...one, edition: one.buffer.edition, size: one.buffer.size, length }
}

function goesOn(line: PaintedLine | undefined, now: DrawnSeries): boolean {
  if (!line || line.buffer !== now.buffer || line.edition !== now.buffer.edition) return false
  if (line.isSmoothed !== now.isSmoothed || line.scale !== now.scale) return false
  const { hue, dash, isFaint = false } = now.style
  return line.style.hue === hue && String(line.style.dash) === String(dash) && (line.style.isFaint ?? false) === isFaint
}

function readScales({ scales }: uPlot): Scales {
  const read = (name: string): Extent => ({ min: scales[name]?.min ?? 0, max: scales[name]?.max ?? 1 })
  return { x: read('x'), y: read('y'), y2: read('y2') }
}

function isSameScales(one: Scales, other: Scales): boolean {
  return (['x', 'y', 'y2'] as const).every(
    (name) => one[name].min === other[name].min && one[name].max === other[name].max,
  )
}
