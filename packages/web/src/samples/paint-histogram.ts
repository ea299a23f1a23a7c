/** Draws histograms: bars of one, and many through time as a heat map or as ridges. In CSS pixels, in the page's colours. */
import type { HistogramBody } from '@pilothouse/contract'
import { formatValue } from '@pilothouse/signals'
import { readPalette } from '../charts/palette.ts'
import {
  chooseTicks,
  heatStrength,
  middleRangeOf,
  rangeOf,
  spreadCounts,
  type HistogramAt,
  type ValueRange,
} from './histogram-math.ts'
import { formatStep } from './format-step.ts'
import type { CanvasSize } from './use-canvas.ts'

type Context = CanvasRenderingContext2D
/** Room for the axes, px. */
export const room = { left: 56, right: 10, top: 8, bottom: 22 } as const
const font = '11px "Geist Variable", system-ui, sans-serif'

export function paintHistogram(context: Context, { width, height }: CanvasSize, body: HistogramBody): void {
  const palette = readPalette()
  const range = rangeOf([body])
  const [left, right, bottom] = [8, width - 8, height - room.bottom]
  const most = Math.max(...body.counts.map((count, bin) => densityOf(body, bin, count)), Number.MIN_VALUE)
  const x = (value: number): number => left + ((value - range[0]) / (range[1] - range[0])) * (right - left)
  context.fillStyle = palette.series[0] ?? palette.text
  for (const [bin, count] of body.counts.entries()) {
    const from = x(body.edges[bin] ?? 0)
    const to = Math.max(from + 1, x(body.edges[bin + 1] ?? 0) - (body.counts.length < (right - left) / 3 ? 1 : 0))
    const high = (densityOf(body, bin, count) / most) * (bottom - room.top)
    context.fillRect(from, bottom - high, to - from, high)
  }
  context.fillStyle = palette.lineStrong
  context.fillRect(left, bottom, right - left, 1)
  paintValueTicks(context, { range, x, y: bottom, width, wanted: Math.floor(width / 90) })
}

/** Bins may differ in width: what counts for the eye is the area. A bin without width stands for itself. */
function densityOf({ edges, counts }: HistogramBody, bin: number, count: number): number {
  const width = (edges[bin + 1] ?? 0) - (edges[bin] ?? 0)
  const even = ((edges.at(-1) ?? 0) - (edges[0] ?? 0)) / counts.length
  return width > 0 ? (count * even) / width : count
}

type TickRow = { range: ValueRange; x: (value: number) => number; y: number; width: number; wanted: number }

function paintValueTicks(context: Context, { range, x, y, width, wanted }: TickRow): void {
  context.fillStyle = readPalette().faint
  context.font = font
  context.textBaseline = 'top'
  for (const tick of chooseTicks(range, wanted)) {
    const text = formatValue(tick)
    const half = context.measureText(text).width / 2
    context.textAlign = 'center'
    context.fillText(text, Math.min(width - half - 2, Math.max(half + 2, x(tick))), y + 6)
  }
}

export type HistoryLook = 'heat' | 'ridges'
export type History = { columns: readonly HistogramAt[]; step: number; look: HistoryLook }

/** Place of a step between the axes: steps stand evenly, as the slider has them. */
export function columnX(at: number, count: number, width: number): number {
  return room.left + ((at + 0.5) / Math.max(1, count)) * (width - room.left - room.right)
}

export function paintHistory(context: Context, size: CanvasSize, history: History): void {
  const range = middleRangeOf(history.columns.map(({ body }) => body))
  if (history.look === 'heat') paintHeat(context, size, { ...history, range })
  else paintRidges(context, size, { ...history, range })
}

type Ranged = History & { range: ValueRange }

/** Steps from left to right, values from below to above; the stronger the colour, the more values are there. */
function paintHeat(context: Context, { width, height }: CanvasSize, { columns, step, range }: Ranged): void {
  const palette = readPalette()
  const bottom = height - room.bottom
  const cells = Math.max(8, Math.min(96, Math.floor((bottom - room.top) / 3)))
  const shares = columns.map(({ body }) => spreadCounts(body, range, cells))
  const most = Math.max(...shares.map((column) => Math.max(...column)), Number.MIN_VALUE)
  // Whole pixels, each part up to the next one's beginning: no seams, no overlap.
  const x = (at: number): number => Math.round(room.left + (at / columns.length) * (width - room.left - room.right))
  const y = (cell: number): number => Math.round(bottom - (cell / cells) * (bottom - room.top))
  context.fillStyle = palette.series[0] ?? palette.text
  for (const [at, column] of shares.entries()) {
    for (const [cell, share] of column.entries()) {
      if (share === 0) continue
      context.globalAlpha = heatStrength(share, most)
      context.fillRect(x(at), y(cell + 1), x(at + 1) - x(at), y(cell) - y(cell + 1))
    }
  }
  context.globalAlpha = 1
  paintHeatAxes(context, { width, height }, { columns, range, step, look: 'heat' })
}

function paintHeatAxes(context: Context, { width, height }: CanvasSize, { columns, range, step }: Ranged): void {
  const palette = readPalette()
  const bottom = height - room.bottom
  context.font = font
  context.fillStyle = palette.faint
  context.textAlign = 'right'
  context.textBaseline = 'middle'
  for (const tick of chooseTicks(range, Math.floor((bottom - room.top) / 36))) {
    const y = bottom - ((tick - range[0]) / (range[1] - range[0])) * (bottom - room.top)
    context.fillText(formatValue(tick), room.left - 8, Math.max(room.top + 5, y))
  }
  context.textBaseline = 'top'
  const every = Math.max(1, Math.ceil(columns.length / Math.max(1, Math.floor(width / 110))))
  for (let at = 0; at < columns.length; at += every) {
    context.textAlign = at === 0 ? 'left' : 'center'
    const x = at === 0 ? room.left : columnX(at, columns.length, width)
    if (x < width - 30) context.fillText(formatStep(columns[at]?.step ?? 0), x, bottom + 6)
  }
  paintMarker(context, columnX(placeOf(columns, step), columns.length, width), bottom)
}

function paintMarker(context: Context, x: number, bottom: number): void {
  context.fillStyle = readPalette().text
  context.fillRect(Math.round(x) - 0.5, room.top, 1, bottom - room.top)
}

/** Ridges at most; with more steps, evenly chosen ones are drawn. */
const ridgesMax = 40

/** Values from left to right, steps from behind to the front, the newest in front; the step in sight is filled. */
function paintRidges(context: Context, { width, height }: CanvasSize, { columns, step, range }: Ranged): void {
  const palette = readPalette()
  const shown = chooseRidges(columns, step)
  const [left, right, bottom] = [room.left, width - room.right, height - room.bottom]
  const cells = Math.max(16, Math.min(160, Math.floor((right - left) / 4)))
  const shares = shown.map(({ body }) => spreadCounts(body, range, cells))
  const most = Math.max(...shares.map((column) => Math.max(...column)), Number.MIN_VALUE)
  const tall = Math.min(80, (bottom - room.top) * 0.45)
  const gap = shown.length < 2 ? 0 : (bottom - room.top - tall) / (shown.length - 1)
  context.lineWidth = 1
  context.lineJoin = 'round'
  for (const [at, column] of shares.entries()) {
    const base = shown.length < 2 ? bottom : room.top + tall + at * gap
    const isChosen = shown[at]?.step === step
    traceRidge(context, column, { left, right, base, scale: tall / most })
    context.fillStyle = isChosen ? (palette.series[0] ?? palette.text) : palette.surface
    context.globalAlpha = isChosen ? 0.35 : 0.85
    context.fill()
    context.globalAlpha = isChosen ? 1 : 0.35 + (0.45 * at) / shown.length
    context.strokeStyle = palette.series[0] ?? palette.text
    context.stroke()
    context.globalAlpha = 1
    paintRidgeName(context, { at, count: shown.length, gap, base, step: shown[at]?.step ?? 0, isChosen })
  }
  const x = (value: number): number => left + ((value - range[0]) / (range[1] - range[0])) * (right - left)
  paintValueTicks(context, { range, x, y: bottom, width, wanted: Math.floor((right - left) / 90) })
}

type Ridge = { left: number; right: number; base: number; scale: number }

function traceRidge(context: Context, shares: Float64Array, { left, right, base, scale }: Ridge): void {
  const width = (right - left) / shares.length
  context.beginPath()
  context.moveTo(left, base)
  for (const [cell, share] of shares.entries()) context.lineTo(left + (cell + 0.5) * width, base - share * scale)
  context.lineTo(right, base)
}

type RidgeName = { at: number; count: number; gap: number; base: number; step: number; isChosen: boolean }

function paintRidgeName(context: Context, { at, count, gap, base, step, isChosen }: RidgeName): void {
  const every = Math.max(1, Math.ceil(16 / Math.max(1, gap)))
  if (!isChosen && (count - 1 - at) % every !== 0) return
  const palette = readPalette()
  context.font = font
  context.fillStyle = isChosen ? palette.text : palette.faint
  context.textAlign = 'right'
  context.textBaseline = 'alphabetic'
  context.fillText(formatStep(step), room.left - 8, base)
}

function chooseRidges(columns: readonly HistogramAt[], step: number): readonly HistogramAt[] {
  if (columns.length <= ridgesMax) return columns
  const every = (columns.length - 1) / (ridgesMax - 1)
  const places = new Set(Array.from({ length: ridgesMax }, (_, at) => Math.round(at * every)))
  places.add(placeOf(columns, step))
  return columns.filter((_, at) => places.has(at))
}

/** Place of the last column at or before `step`. */
export function placeOf(columns: readonly HistogramAt[], step: number): number {
  const after = columns.findIndex((column) => column.step > step)
  return Math.max(0, (after === -1 ? columns.length : after) - 1)
}
