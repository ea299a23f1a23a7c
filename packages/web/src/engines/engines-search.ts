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
  /** The sheet «serve a model» is open. */
  serve?: 'model'
  /** For a checkpoint of this job, by its number. */
  job?: string
  checkpoint?: number
}

/** Reads the address; unknown words are dropped, not refused. */
export function readEnginesSearch(raw: Record<string, unknown>): EnginesSearch {
  const { q } = raw
  const add = readChoice(raw['add'], ['engine'] as const)
  const [change, models, checkpoint] = [raw['change'], raw['models'], raw['checkpoint']].map(readId)
  const serve = readChoice(raw['serve'], ['model'] as const)
  const job = typeof raw['job'] === 'number' ? String(raw['job']) : raw['job']
  const isServed = serve !== undefined && typeof job === 'string' && job !== '' && checkpoint !== undefined
  return {
    ...(typeof q === 'string' && q !== '' ? { q } : {}),
    ...(add === undefined ? {} : { add }),
    ...(change === undefined ? {} : { change }),
    ...(models === undefined ? {} : { models }),
    ...(serve === undefined ? {} : { serve }),
    ...(isServed ? { job, checkpoint } : {}),
  }
}

function readId(value: unknown): number | undefined {
  const id = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : undefined
}
