import { costGroupings } from '@pilothouse/contract/wire'
import type { CostGrouping } from '@pilothouse/contract'
import { readChoice } from '../app/search-params.ts'

export const costFrames = ['7', '30', '90'] as const
export type CostFrame = (typeof costFrames)[number]

/** The page of costs as its address has it. `budget`: the sheet that is open, `new` or an id. */
export type CostsSearch = { by?: CostGrouping; days?: CostFrame; budget?: string }

export function readCostsSearch(raw: Record<string, unknown>): CostsSearch {
  const by = readChoice(raw['by'], costGroupings)
  const days = readChoice(raw['days'], costFrames)
  const budget = typeof raw['budget'] === 'string' && /^(new|\d+)$/.test(raw['budget']) ? raw['budget'] : undefined
  return {
    ...(by === undefined ? {} : { by }),
    ...(days === undefined ? {} : { days }),
    ...(budget === undefined ? {} : { budget }),
  }
}
