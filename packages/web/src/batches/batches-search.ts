import type { BatchGroup } from '@pilothouse/contract'
import { batchGroups, requestFailureCodes } from '@pilothouse/contract/wire'
import { readChoice, readList } from '../app/search-params.ts'
import { type UsageFrame, usageFrames } from '../usage/usage-frame.ts'

/** Results that stand side by side. More would not fit a screen. */
export const comparedMax = 4

/** The list of batches as its address has it; absent = active ones, of all models. */
export type BatchesSearch = { group?: Exclude<BatchGroup, 'active'>; q?: string; model?: string }

/** Reads the address; unknown words are dropped, not refused. */
export function readBatchesSearch(raw: Record<string, unknown>): BatchesSearch {
  const group = readChoice(raw['group'], batchGroups)
  const [q, model] = [readText(raw['q']), readText(raw['model'])]
  return {
    ...(group === undefined || group === 'active' ? {} : { group }),
    ...(q === undefined ? {} : { q }),
    ...(model === undefined ? {} : { model }),
  }
}

/** The page of a batch: which of its failed requests are listed. */
export type BatchSearch = { code?: (typeof requestFailureCodes)[number] }

export function readBatchSearch(raw: Record<string, unknown>): BatchSearch {
  const code = readChoice(raw['code'], requestFailureCodes)
  return code === undefined ? {} : { code }
}

/** The form of a new batch: the file that is chosen already. */
export type NewBatchSearch = { file?: string }

export function readNewBatchSearch(raw: Record<string, unknown>): NewBatchSearch {
  const file = readText(raw['file'])
  return file === undefined ? {} : { file }
}

/** Usage: of how many days; absent = 30. */
export type BatchUsageSearch = { days?: Exclude<UsageFrame, '30'> }

export function readBatchUsageSearch(raw: Record<string, unknown>): BatchUsageSearch {
  const days = readChoice(raw['days'], usageFrames)
  return days === undefined || days === '30' ? {} : { days }
}

export const resultFilters = ['different', 'failed'] as const
export type ResultFilter = (typeof resultFilters)[number]

/** Ids of results of older tools begin so: behind it stands what `datasets.discover` calls them, without commas. */
const datasetMark = 'data_'

/** The id that names a dataset beside batches and files. */
export function nameDataset(id: string): string {
  return `${datasetMark}${id.replaceAll('%', '%25').replaceAll(',', '%2C')}`
}

/** The other way; undefined for what is no dataset. */
export function findDataset(id: string): string | undefined {
  if (!id.startsWith(datasetMark)) return undefined
  try {
    return decodeURIComponent(id.slice(datasetMark.length))
  } catch {
    return undefined // an address that was cut off
  }
}

/** Results: ids of batches, files or datasets, parted by commas in the address; which rows, and the one that is open. */
export type ResultsSearch = { ids?: string; only?: ResultFilter; q?: string; row?: string }

export function readResultsSearch(raw: Record<string, unknown>): ResultsSearch {
  const ids = readIds(readList(raw['ids']).join(','))
  const only = readChoice(raw['only'], resultFilters)
  const [q, row] = [readText(raw['q']), readText(raw['row'])]
  return {
    ...(ids.length === 0 ? {} : { ids: ids.join(',') }),
    ...(only === undefined ? {} : { only }),
    ...(q === undefined ? {} : { q }),
    ...(row === undefined ? {} : { row }),
  }
}

/** Each once, in their order; what is beyond the bound is left out. */
export function readIds(text: string | undefined): string[] {
  const ids = (text ?? '').split(',').filter((id) => /^(batch_|file-)[\w-]+$/.test(id) || findDataset(id) !== undefined)
  return [...new Set(ids)].slice(0, comparedMax)
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
