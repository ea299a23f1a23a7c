import type { XAxis } from '@pilothouse/contract'
import type { DrawnSeries } from './chart-painter.ts'
import { formatUnit, formatX, nameAxis, type ChartUnit } from '@pilothouse/signals'

/** The picture in one sentence a series: what a screen reader says instead of showing it. */
export function describeChart(drawn: readonly DrawnSeries[], { unit, x }: { unit: ChartUnit; x: XAxis }): string {
  return drawn.map((one) => describeSeries(one, unit, x)).join(' ')
}

function describeSeries({ buffer, label }: DrawnSeries, unit: ChartUnit, axis: XAxis): string {
  const { x, value, min, max, size } = buffer
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let at = 0; at < size; at += 1) {
    low = Math.min(low, Number.isFinite(min[at]) ? (min[at] ?? low) : low)
    high = Math.max(high, Number.isFinite(max[at]) ? (max[at] ?? high) : high)
  }
  const newest = formatUnit(value[size - 1] ?? Number.NaN, unit)
  const place = formatX(x[size - 1] ?? 0, axis)
  return `${label}: ${newest} at ${nameAxis(axis)} ${place}, between ${formatUnit(low, unit)} and ${formatUnit(high, unit)}.`
}
