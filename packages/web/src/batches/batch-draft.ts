/** A new batch as somebody asks for it, and what of that is kept as a template. Pure. */
import type { OpenAiBatchCreate } from '@pilothouse/contract'
import { limits } from '@pilothouse/contract/wire'

export const endpoints = ['/v1/chat/completions', '/v1/completions', '/v1/embeddings', '/v1/responses'] as const
export type Endpoint = (typeof endpoints)[number]

/** How long it may take, with its name. */
export const windows = [
  ['1h', '1 hour'],
  ['6h', '6 hours'],
  ['24h', '24 hours'],
  ['3d', '3 days'],
  ['7d', '7 days'],
] as const
export type Window = (typeof windows)[number][0]

export type BatchDraft = {
  endpoint: Endpoint
  /** Empty: as each line says. */
  model: string
  window: Window
  priority: number
  ordered: boolean
  /** Id of the channel that is told of its end; null: none. */
  notify: number | null
}

export const emptyDraft: BatchDraft = {
  endpoint: '/v1/chat/completions',
  model: '',
  window: '24h',
  priority: 0,
  ordered: false,
  notify: null,
}

/** What is wrong with a priority; undefined: nothing. */
export function checkPriority(priority: number): string | undefined {
  const { batchPriorityMin: least, batchPriorityMax: most } = limits
  const isFine = Number.isInteger(priority) && priority >= least && priority <= most
  return isFine ? undefined : `A whole number from ${least} to ${most}`
}

/** What the server is sent. */
export function toCreate(draft: BatchDraft, inputFileId: string): OpenAiBatchCreate {
  return {
    input_file_id: inputFileId,
    endpoint: draft.endpoint,
    completion_window: draft.window,
    ...(draft.model === '' ? {} : { model: draft.model }),
    ...(draft.priority === 0 ? {} : { priority: draft.priority }),
    ...(draft.ordered ? { ordered: true } : {}),
    ...(draft.notify === null ? {} : { notify: draft.notify }),
  }
}

/** Reads what was kept; what is no longer valid becomes what is usual. */
export function readDraft(value: unknown): BatchDraft {
  const kept = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {} // an object, keys unknown
  const priority = kept['priority']
  return {
    endpoint: endpoints.find((one) => one === kept['endpoint']) ?? emptyDraft.endpoint,
    model: typeof kept['model'] === 'string' ? kept['model'] : '',
    window: windows.find(([one]) => one === kept['window'])?.[0] ?? emptyDraft.window,
    priority: typeof priority === 'number' && checkPriority(priority) === undefined ? priority : 0,
    ordered: kept['ordered'] === true,
    notify: Number.isInteger(kept['notify']) ? Number(kept['notify']) : null,
  }
}
