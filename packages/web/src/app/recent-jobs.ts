/** Jobs that were looked at last in this browser, newest first. */
const storageKey = 'pilothouse.recent-jobs'
const keptMax = 8

export type RecentJob = { uid: string; name: string }

/** Remembers a visit. */
export function noteVisit({ uid, name }: RecentJob): void {
  const others = readRecentJobs().filter((one) => one.uid !== uid)
  localStorage.setItem(storageKey, JSON.stringify([{ uid, name }, ...others].slice(0, keptMax)))
}

/** What is stored and cannot be read counts as nothing. */
export function readRecentJobs(): RecentJob[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]')
    return Array.isArray(value) ? value.filter(isRecentJob) : []
  } catch {
    return []
  }
}

function isRecentJob(value: unknown): value is RecentJob {
  if (typeof value !== 'object' || value === null) return false
  return 'uid' in value && typeof value.uid === 'string' && 'name' in value && typeof value.name === 'string'
}
