import { readChoice } from '../app/search-params.ts'

/** The page «System» as its address has it. */
export type SystemSearch = { by?: 'project' }

export function readSystemSearch(raw: Record<string, unknown>): SystemSearch {
  const by = readChoice(raw['by'], ['project'] as const)
  return by === undefined ? {} : { by }
}
