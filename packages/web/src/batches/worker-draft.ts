/** What somebody writes of workers that are to be launched, and what is sent of it. Pure. */
import type { WorkerStart } from '@pilothouse/contract'
import { limits, PilothouseError, splitWords } from '@pilothouse/contract/wire'

export type WorkerDraft = { target: string; count: string; command: string; url: string }
export type WorkerFaults = { count?: string; command?: string; url?: string; rest?: string }

export const emptyWorkers: WorkerDraft = { target: 'local', count: '1', command: '', url: '' }
export const usualCommand = 'pilothouse worker'

/** `body` is there exactly when nothing is wrong. */
export function readWorkers({ target, count, command, url }: WorkerDraft): {
  body: WorkerStart | undefined
  faults: WorkerFaults
} {
  const number = Number(count)
  const isCount = /^\d+$/.test(count.trim()) && number >= 1 && number <= limits.workersStartedMax
  const read = splitWords(command)
  const faults: WorkerFaults = {
    ...(isCount ? {} : { count: `A number from 1 to ${limits.workersStartedMax}` }),
    ...('message' in read ? { command: read.message } : {}),
  }
  if ('message' in read || !isCount) return { body: undefined, faults }
  const body = {
    target,
    count: number,
    ...(read.words.length > 0 ? { command: read.words } : {}),
    ...(url.trim() === '' ? {} : { url: url.trim() }),
  }
  return { body, faults }
}

/** What the control room has against it, at its field where there is one. */
export function readWorkerFaults(error: Error | null): WorkerFaults {
  if (error === null) return {}
  if (!(error instanceof PilothouseError)) return { rest: error.message }
  const words = `${error.message} ${error.hint}`
  const field = error.field?.split(/[.[]/)[0]
  return field === 'count' || field === 'command' || field === 'url' ? { [field]: words } : { rest: words }
}
