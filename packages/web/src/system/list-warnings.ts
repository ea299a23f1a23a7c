import type { SystemStatus } from '@pilothouse/contract'
import { formatBytes } from '@pilothouse/signals'

export type Warning = { title: string; words: string; isBad: boolean }

/** Above this share of the last minute reports begin to wait for the storage thread. */
const busyShare = 0.85

/** What needs somebody, the worst first: what is the matter, what it does, what to do. */
export function listWarnings(status: SystemStatus): Warning[] {
  const { disk, database, storageThread } = status
  const warnings: Warning[] = []
  if (!database.writable)
    warnings.push({
      title: 'The database could not be written.',
      words: 'Reports are refused and wait with their jobs. Make room on its disk; it is tried again by itself.',
      isBad: true,
    })
  if (disk.level !== 'ok')
    warnings.push({
      title: `The disk has ${formatBytes(disk.freeBytes)} left of ${formatBytes(disk.totalBytes)}.`,
      words:
        disk.level === 'critical'
          ? 'Reports will soon be refused. Make room, or delete jobs that are no longer needed.'
          : 'Make room, or delete jobs that are no longer needed: the largest stand below.',
      isBad: disk.level === 'critical',
    })
  if (storageThread.utilisation > busyShare)
    warnings.push({
      title: `The storage thread is busy ${Math.round(storageThread.utilisation * 100)} % of the time.`,
      words: 'Reports and charts begin to wait for it. Log less often, or move to a faster disk or to PostgreSQL.',
      isBad: false,
    })
  return warnings.sort((a, b) => Number(b.isBad) - Number(a.isBad))
}

const dayMs = 86_400_000

/** Bytes of metrics a day if points went on arriving as now; null when nothing arrives or their size is not known. */
export function forecastGrowth({ ingest, store }: Pick<SystemStatus, 'ingest' | 'store'>): number | null {
  if (store.bytesPerPoint === null || ingest.pointsPerSecond === 0) return null
  return (ingest.pointsPerSecond * store.bytesPerPoint * dayMs) / 1_000
}
