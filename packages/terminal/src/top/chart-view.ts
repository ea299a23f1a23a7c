/** A curve with its title, its axis and its newest value. */
import { cleanText, fitText, measureCells } from './cell-text.ts'
import { drawCurve, drawSparkline, type Extent, findExtent } from './braille-chart.ts'
import { formatMetric, formatPercent, formatSpan } from './figures.ts'
import { type Line, type Role, say } from './styled-line.ts'
import type { TopCurve } from './top-state.ts'

type Size = { cols: number; rows: number }

/** Axes of charts below each other stand below each other. */
const axisMin = 6

/** `rows` lines of exactly `cols` cells: a title, the curve beside its axis, and the time below it. */
export function viewChart(curve: TopCurve, { cols, rows }: Size, role: Role): Line[] {
  const extent = chooseExtent(curve)
  const labels = [formatMetric(extent.max), formatMetric((extent.max + extent.min) / 2), formatMetric(extent.min)]
  const axis = Math.max(axisMin, ...labels.map(measureCells))
  const height = Math.max(1, rows - 2)
  const width = Math.max(1, cols - axis - 2)
  const drawn = drawCurve(curve.times, curve.values, { cols: width, rows: height }, extent)
  const body = drawn.map((text, at): Line => {
    const label = labelRow(labels, at, height)
    return [say(fitText(label, axis, 'right'), 'dim'), say(label === '' ? ' │' : ' ┤', 'dim'), say(text, role)]
  })
  return [viewTitle(curve, cols), ...body, viewTimes(curve, { axis, cols })]
}

/** Name, sparkline and newest value in one line. */
export function viewSparkline(curve: TopCurve, cols: number): Line {
  const value = nameValue(curve)
  const width = Math.max(0, cols - 20 - measureCells(value) - 2)
  const line = drawSparkline(curve.values, width, chooseExtent(curve))
  return [say(fitText(cleanText(curve.key), 19), 'dim'), say(' '), say(line, 'curve'), say(` ${value}`)]
}

function chooseExtent({ unit, values }: TopCurve): Extent {
  return unit === '%' ? { min: 0, max: 100 } : findExtent(values)
}

function labelRow(labels: readonly string[], at: number, height: number): string {
  if (at === 0) return labels[0] ?? ''
  if (at === height - 1) return labels[2] ?? ''
  return height >= 5 && height % 2 === 1 && at === (height - 1) / 2 ? (labels[1] ?? '') : ''
}

function viewTitle(curve: TopCurve, cols: number): Line {
  const value = nameValue(curve)
  const name = fitText(cleanText(curve.key), Math.max(0, cols - measureCells(value)))
  return [say(name, 'title'), say(value, 'bold')]
}

function nameValue({ values, unit }: TopCurve): string {
  const last = values.findLast(Number.isFinite)
  if (last === undefined) return '–'
  return unit === '%' ? `${formatPercent(last)}%` : formatMetric(last)
}

function viewTimes({ times }: TopCurve, { axis, cols }: { axis: number; cols: number }): Line {
  const [first, last] = [times[0], times.at(-1)]
  const span = first === undefined || last === undefined ? '' : `${formatSpan(last - first)} ago`
  const room = Math.max(0, cols - axis - 2)
  const line = room > span.length + 3 ? `${span}${' '.repeat(room - span.length - 3)}now` : fitText(span, room)
  return [say(`${' '.repeat(axis)} └`, 'dim'), say(line, 'dim')]
}
