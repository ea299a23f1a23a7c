import { liveStates } from '@pilothouse/contract'
import type { Operation } from './operation.ts'

export type StorageStatus = {
  kind: string
  bytes: number
  writable: boolean
  jobs: { total: number; live: number }
  points: number
}

/** How the database is, for the health check. */
export const getStatus: Operation<null, StorageStatus> = async ({ db, file }) => {
  const rows = await db
    .selectFrom('job')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute()
  const live: readonly string[] = liveStates
  const sum = (list: typeof rows) => list.reduce((total, { count }) => total + Number(count), 0)
  return {
    kind: file.kind,
    bytes: (await file.sizes()).bytes,
    writable: file.writable(),
    jobs: { total: sum(rows), live: sum(rows.filter(({ state }) => live.includes(state))) },
    points: (await file.count()).points,
  }
}
