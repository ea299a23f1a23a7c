import type { XAxis } from '@pilothouse/contract'
import { keyOfAxis } from '@pilothouse/contract/wire'
import { formatBytes, formatCount, formatDuration, formatValue } from '../format.ts'

/** What the numbers of a chart are; decides how they are written and where the axis begins. */
export type ChartUnit = 'value' | '%' | '°C' | 'W' | 'bytes' | 'bytes/s'

export type Extent = { min: number; max: number }

/** The axis for values in `extent`: percentages from 0 to 100, amounts from 0, others with a little air. */
export function chooseYRange(extent: Extent | null, unit: ChartUnit, log: boolean): [number, number] {
  if (!extent) return log ? [0.1, 1] : [0, 1]
  const { min, max } = extent
  if (log) return [10 ** (Math.log10(min) - 0.04), 10 ** (Math.log10(max) + 0.04)]
  if (unit === '%') return [0, Math.max(100, max)]
  const base = unit === 'value' || unit === '°C' ? min : 0
  if (max === base) return [base - Math.abs(base || 1) * 0.1, max + Math.abs(max || 1) * 0.1]
  const air = (max - base) * 0.06
  return [base === 0 && min >= 0 ? 0 : base - air, max + air]
}

/** Writes a value of the chart. */
export function formatUnit(value: number, unit: ChartUnit): string {
  if (!Number.isFinite(value)) return formatValue(value)
  switch (unit) {
    case 'value':
      return formatValue(value)
    case '%':
      return `${value.toFixed(value < 10 && value > 0 ? 1 : 0)} %`
    case '°C':
      return `${Math.round(value)} °C`
    case 'W':
      return `${Math.round(value)} W`
    case 'bytes':
      return formatBytes(value)
    case 'bytes/s':
      return `${formatBytes(value)}/s`
    default:
      return unit satisfies never
  }
}

/** Writes the labels of the y axis: as many digits as tell neighbours apart, no more. */
export function formatYSplits(splits: readonly number[], unit: ChartUnit): string[] {
  if (unit === '%') return splits.map((value) => `${value} %`)
  if (unit !== 'value') return splits.map((value) => (value === 0 ? '0' : formatUnit(value, unit)))
  const step = Math.abs((splits[1] ?? 0) - (splits[0] ?? 0))
  const largest = Math.max(...splits.map(Math.abs))
  if (step === 0 || largest >= 100_000 || largest < 0.001) return splits.map((value) => formatValue(value))
  const digits = Math.min(6, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)))
  return splits.map((value) => (digits === 0 ? formatCount(value) : value.toFixed(digits)))
}

/** What an axis is called: in a tooltip, over a table. */
export function nameAxis(axis: XAxis): string {
  return keyOfAxis(axis) ?? axis
}

/** Writes one x. */
export function formatX(value: number, axis: XAxis): string {
  if (axis === 'wall') return formatClock(value)
  if (axis === 'relative') return value <= 0 ? '0' : formatDuration(value)
  if (axis === 'epoch') return formatValue(value)
  return Number.isInteger(value) ? formatCount(value) : formatValue(value)
}

/** Writes the labels of the x axis; a logarithmic one has places without. */
export function formatXSplits(splits: readonly (number | null)[], axis: XAxis): string[] {
  if (axis !== 'wall') return splits.map((value) => (value === null ? '' : formatX(value, axis)))
  const step = (splits[1] ?? 0) - (splits[0] ?? 0)
  return splits.map((value) => {
    const date = new Date(value ?? 0)
    if (step >= 86_400_000) return dayFormat.format(date)
    return step < 60_000 ? clockFormat.format(date) : minuteFormat.format(date)
  })
}

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short' })
const clockFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const minuteFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

function formatClock(value: number): string {
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? '–' : clockFormat.format(date)
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
/** Steps that an axis of durations may have, ms. */
export const durationSteps: readonly number[] = [
  1,
  10,
  100,
  200,
  500,
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12, 24, 48, 120, 240, 720, 2_400].map((count) => count * hour),
]

/** Steps that an axis of bytes may have: powers of two and five times of them below a hundred units. */
export const byteSteps: readonly number[] = Array.from({ length: 60 }, (_, power) => 2 ** power)

/** Whole steps: 1, 2, 5, 10 … */
export const wholeSteps: readonly number[] = Array.from({ length: 16 }, (_, power) =>
  [1, 2, 5].map((n) => n * 10 ** power),
).flat()
