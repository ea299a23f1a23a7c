import { readChoice } from '../app/search-params.ts'

/** The page of engines as its address has it; absent = closed, or all. */
export type EnginesSearch = {
  /** Words that engines are looked for by. */
  q?: string
  /** The sheet «add an engine» is open. */
  add?: 'engine'
  /** The engine that is being changed, by its number. */
  change?: number
  /** The engine whose models are all listed. */
  models?: number
}

/** Reads the address; unknown words are dropped, not refused. */
export function readEnginesSearch(raw: Record<string, unknown>): EnginesSearch {
  const { q } = raw
  const add = readChoice(raw['add'], ['engine'] as const)
  const [change, models] = [raw['change'], raw['models']].map(readId)
  return {
    ...(typeof q === 'string' && q !== '' ? { q } : {}),
    ...(add === undefined ? {} : { add }),
    ...(change === undefined ? {} : { change }),
    ...(models === undefined ? {} : { models }),
  }
}

function readId(value: unknown): number | undefined {
  const id = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : undefined
}
