import type { Spread } from '@pilothouse/contract'
import { formatValue } from '../format.ts'

/** `63 %`; below ten with a digit behind the point. */
export function formatPercent(share: number): string {
  return `${share < 10 && share > 0 ? share.toFixed(1) : Math.round(share)} %`
}

/** `0.42 h`, `12.5 h`. */
export function formatHours(hours: number): string {
  return hours < 0.005 ? '< 0.01 h' : `${formatValue(Number(hours.toPrecision(3)))} h`
}

/** Watt-hours, from a thousand on kilowatt-hours, three digits. */
export function formatEnergy(wattHours: number): string {
  const [value, unit] = wattHours >= 1_000 ? [wattHours / 1_000, 'kWh'] : [wattHours, 'Wh']
  return value < 0.005 ? `< 0.01 ${unit}` : `${formatValue(Number(value.toPrecision(3)))} ${unit}`
}

/** The mean as value, the peak as note. */
export function formatSpread(
  { mean, peak }: Spread,
  format: (value: number) => string,
): { value: string; note: string } {
  return { value: format(mean), note: `mean, peak ${format(peak)}` }
}
