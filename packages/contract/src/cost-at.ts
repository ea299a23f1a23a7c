import type { CardCost } from './rates.ts'

const hourMs = 3_600_000

/** The amount at a later moment, ms of the server's clock. Pure. */
export function costAt({ amount, perHour, at }: CardCost, now: number): number {
  return amount + (perHour * Math.max(0, now - at)) / hourMs
}
