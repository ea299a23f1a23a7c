/** Where the jobs stand in an imported file. Pure. */

/** A list of jobs and where it stands: `` for the file itself, else `jobs`, `current` … */
export type ImportList = { path: string; entries: readonly ImportEntry[] }
/** `key` is an index, or the job's id where the file is a mapping from ids. */
export type ImportEntry = { key: number | string; value: unknown }

const listNames = ['jobs', 'currentJobs', 'current_jobs', 'pastJobs', 'past_jobs', 'current', 'past', 'data', 'items']
const idNames = ['uid', 'id', 'job_id', 'jobId']

/**
 * The lists of jobs in a file: an array; an object with an array or a mapping under one of the usual names; a mapping from
 * ids to jobs; or one job. Empty when it is none of these.
 */
export function listImportEntries(value: unknown): ImportList[] {
  if (Array.isArray(value)) return [listArray(value, '')]
  if (!isObject(value)) return []
  const named = listNames.filter((name) => Array.isArray(value[name]) || isMapping(value[name]))
  if (named.length > 0) return named.flatMap((name) => listUnder(name, value[name]))
  if (isMapping(value)) return [listMapping(value, '')]
  return idNames.some((name) => name in value) ? [{ path: '', entries: [{ key: 0, value }] }] : []
}

/** How a message names an entry: `jobs[3]`, `[3]`, `jobs.run-7`. */
export function formatImportPlace(path: string, key: number | string): string {
  if (typeof key === 'number') return `${path}[${key}]`
  return path === '' ? key : `${path}.${key}`
}

function listUnder(path: string, value: unknown): ImportList[] {
  if (Array.isArray(value)) return [listArray(value, path)]
  return isObject(value) ? [listMapping(value, path)] : []
}

function listArray(values: readonly unknown[], path: string): ImportList {
  return { path, entries: values.map((value, key) => ({ key, value })) }
}

function listMapping(values: Record<string, unknown>, path: string): ImportList {
  return { path, entries: Object.entries(values).map(([key, value]) => ({ key, value })) }
}

/** Objects under every key, and nothing that a job has of its own. */
function isMapping(value: unknown): value is Record<string, unknown> {
  if (!isObject(value) || idNames.some((name) => name in value)) return false
  const values = Object.values(value)
  return values.length > 0 && values.every(isObject)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
