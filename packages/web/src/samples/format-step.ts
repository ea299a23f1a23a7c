import { formatCount, formatValue } from '@pilothouse/signals'

/** A step as it reads: whole ones are counted, others have their digits. */
export function formatStep(step: number): string {
  return Number.isInteger(step) ? formatCount(step) : formatValue(step)
}
