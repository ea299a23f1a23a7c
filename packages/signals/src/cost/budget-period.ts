/** Days, weeks and months where a budget stands: by a fixed distance from UTC, so a clock that changes for the summer moves no hour twice. */
import type { BudgetPeriod } from '@pilothouse/contract'

const dayMs = 24 * 3_600_000
const minuteMs = 60_000
/** 1970 began on a Thursday; weeks begin on Mondays. */
const firstMondayMs = 4 * dayMs

export type Period = { from: number; until: number | null }

/**
 * The period that a moment lies in, ms. `total` begins at 0 and has no end.
 * @param offsetMinutes that the clock there is ahead of UTC
 */
export function findPeriod(period: BudgetPeriod, at: number, offsetMinutes: number): Period {
  const offset = offsetMinutes * minuteMs
  const local = at + offset
  switch (period) {
    case 'day':
      return span(Math.floor(local / dayMs) * dayMs - offset, dayMs)
    case 'week': {
      const weekMs = 7 * dayMs
      return span(Math.floor((local - firstMondayMs) / weekMs) * weekMs + firstMondayMs - offset, weekMs)
    }
    case 'month': {
      const day = new Date(local)
      const begin = (more: number): number => Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + more, 1) - offset
      return { from: begin(0), until: begin(1) }
    }
    case 'total':
      return { from: 0, until: null }
    default:
      return period satisfies never
  }
}

function span(from: number, length: number): Period {
  return { from, until: from + length }
}
