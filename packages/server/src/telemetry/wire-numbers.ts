/** Numbers on their way into JSON, which has no word for some of them. */
import type { WireValue } from '@pilothouse/contract'

export function toWireValue(value: number): WireValue {
  if (Number.isFinite(value)) return value
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
}

export function toWireValues(values: ArrayLike<number>): WireValue[] {
  return Array.from(values, toWireValue)
}

export function finiteOrNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}
