import { readChoice } from '../app/search-params.ts'

/** Time frames of a history, days, as the address has them. */
export const usageFrames = ['7', '30', '90', 'all'] as const
export type UsageFrame = (typeof usageFrames)[number]

/** Part of an address that opens the history; nothing: it is closed. */
export function readUsageFrame(raw: Record<string, unknown>): { history?: UsageFrame } {
  const history = readChoice(raw['history'], usageFrames)
  return history === undefined ? {} : { history }
}
