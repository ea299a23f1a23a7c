import { type JobState, type SystemStatus, jobStates, liveStates } from '@pilothouse/contract'
import type { Operation } from '../storage/operation.ts'
import { recentMs } from './recent.ts'

/** What the storage thread knows of itself. */
export type StorageFigures = Pick<SystemStatus, 'database' | 'store' | 'jobs'> & { pointsPerSecond: number }

export const getStorageFigures: Operation<null, StorageFigures> = async ({ db, file, now, pointsTaken }) => {
  const rows = await db
    .selectFrom('job')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute()
  const found = new Map(rows.map(({ state, count }) => [state, Number(count)]))
  const byState = Object.fromEntries(jobStates.map((state) => [state, found.get(state) ?? 0])) as Record<
    JobState,
    number
  > // one entry for each state
  const { series, points, chunks, chunkBytes, chunkPoints, headPoints, headBytes, headBytesMax, countedAt } =
    await file.count()
  const removing = await db
    .selectFrom('removal')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  const deleted = await db
    .selectFrom('deleted_job')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return {
    database: {
      kind: file.kind,
      ...(await file.sizes()),
      writable: file.writable(),
    },
    store: {
      series,
      points,
      chunks,
      chunkBytes,
      bytesPerPoint: chunkPoints === 0 ? null : chunkBytes / chunkPoints,
      headPoints,
      headBytes,
      headBytesMax,
      countedAt,
    },
    jobs: {
      total: Object.values(byState).reduce((sum, count) => sum + count, 0),
      live: liveStates.reduce((sum, state) => sum + byState[state], 0),
      byState,
      deleted: Number(deleted.count),
      removing: Number(removing.count),
    },
    pointsPerSecond: (pointsTaken.sum(now()) * 1_000) / recentMs,
  }
}
