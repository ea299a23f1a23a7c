/** Figures as short as a dense table wants them. `Intl` writes the same amounts, and costs megabytes of tables. */
import { formatValue } from '@pilothouse/signals'
import type { TopRow } from './top-state.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const nothing = '–'

const signs: Readonly<Record<string, string>> = { USD: '$', EUR: '€', GBP: '£', JPY: '¥' }

/** `45s`, `45m`, `2h05m`, `3d04h`. */
export function formatSpan(spanMs: number | null): string {
  if (spanMs === null || !Number.isFinite(spanMs) || spanMs < 0) return nothing
  if (spanMs < minute) return `${Math.floor(spanMs / 1000)}s`
  if (spanMs < hour) return `${Math.floor(spanMs / minute)}m`
  if (spanMs < day) return joinUnits(Math.floor(spanMs / hour), 'h', `${Math.floor((spanMs % hour) / minute)}m`)
  const days = Math.floor(spanMs / day)
  return days > 999 ? '> 999d' : joinUnits(days, 'd', `${Math.floor((spanMs % day) / hour)}h`)
}

function joinUnits(large: number, unit: string, small: string): string {
  return `${large}${unit}${small.padStart(3, '0')}`
}

/** `$15.23`, `CHF 15.23`; `digits` behind the point. */
export function formatAmount(amount: number | null, currency: string | null, digits = 2): string {
  if (amount === null || !Number.isFinite(amount)) return nothing
  const shown = Math.abs(amount) >= 10_000 ? 0 : digits
  return `${signOf(currency)}${amount.toFixed(shown)}`
}

/** What it costs in an hour, to a tenth of a cent. */
export function formatHourly(amount: number | null, currency: string | null): string {
  return formatAmount(amount, currency, 3)
}

/** What it has cost; `≈` marks an estimate. */
export function formatTotal({ cost, costIs, currency }: Pick<TopRow, 'cost' | 'costIs' | 'currency'>): string {
  const amount = formatAmount(cost, currency)
  return costIs === 'estimate' && amount !== nothing ? `≈${amount}` : amount
}

/** Per cent without the sign. */
export function formatPercent(value: number | null): string {
  return value === null || !Number.isFinite(value) ? nothing : String(Math.round(value))
}

/** Four digits of a metric; zeros at its end are kept, so that a column does not jump. */
export function formatMetric(value: number | null): string {
  if (value === null) return nothing
  const size = Math.abs(value)
  return size >= 0.001 && size < 1000 && !Number.isInteger(value) ? value.toPrecision(4) : formatValue(value)
}

/** `4× A100`, `RTX 4090`; without the maker's name, which is the same in every row. */
export function formatGpu({ gpuName, gpuCount }: Pick<TopRow, 'gpuName' | 'gpuCount'>): string {
  if (gpuName === null) return gpuCount > 0 ? `${gpuCount} GPU` : nothing
  const name = gpuName.replace(/^NVIDIA (GeForce )?/, '').replaceAll('_', ' ')
  return gpuCount > 1 ? `${gpuCount}× ${name}` : name
}

/** Time of day, `14:03:22`, in local time. */
export function formatClock(at: number): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return nothing
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}

const eighths = ' ▏▎▍▌▋▊▉█'

/** A bar of `width` cells, in eighths of a cell; `·` where it has not come yet. */
export function drawBar(share: number | null, width: number): string {
  if (share === null || !Number.isFinite(share)) return ' '.repeat(width)
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width * 8)
  const whole = Math.floor(filled / 8)
  const part = filled % 8 === 0 ? '' : (eighths[filled % 8] ?? '')
  return ('█'.repeat(whole) + part).padEnd(width, '·')
}

function signOf(currency: string | null): string {
  if (currency === null) return ''
  return signs[currency] ?? `${currency} `
}
