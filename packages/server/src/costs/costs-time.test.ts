import { expect, it } from 'vitest'
import { costHistoryQuery } from '@pilothouse/contract'
import { openTestContext } from '../storage/test-context.ts'
import { getCostHistory } from './get-cost-history.ts'
import { getCostNow } from './get-cost-now.ts'

/** Jobs that are counted, and the CPU time that each question may take, ms: far below on a machine that is not busy otherwise. */
const [jobs, boundMs] = [10_000, 500]
const hour = 3_600_000

it('the costs of ten thousand jobs are told within bounds, and clocks that went wrong count nothing', async () => {
  const now = jobs * hour
  const { context, close } = await openTestContext(() => now)
  const { db } = context
  await db.insertInto('member').values({ id: 1, name: 'm', role: 'admin', created_ms: 0, disabled_ms: null }).execute()
  const job = { kind: 'training', owner_id: 1, name: 'n', state: 'completed', tags: '[]', created_ms: 0 } as const
  const rest = { attempt: 1, branch: 0, search: '', gpus: 1, version: 0, hour_currency: 'USD' }
  const counts = { log_lines: 0, log_bytes: 0, log_debug: 0, log_info: 0, log_warning: 0, log_error: 0, sdk_spoke: 0 }
  const rows = Array.from({ length: jobs }, (_, at) => ({
    job: {
      ...job,
      ...rest,
      id: at + 1,
      uid: `job-${at}`,
      project: `p${at % 20}`,
      target: `t${at % 3}`,
      hour_cost: 1.5,
    },
    // Two hours each; every fourth ends before it starts.
    attempt: {
      job_id: at + 1,
      number: 1,
      owner_id: 1,
      state: 'completed' as const,
      created_ms: 0,
      started_ms: at * hour,
      ended_ms: at % 4 === 0 ? (at - 1) * hour : (at + 2) * hour,
      ...counts,
    },
  }))
  for (let at = 0; at < jobs; at += 250) {
    const some = rows.slice(at, at + 250)
    await db
      .insertInto('job')
      .values(some.map((row) => row.job))
      .execute()
    await db
      .insertInto('attempt')
      .values(some.map((row) => row.attempt))
      .execute()
  }
  const query = costHistoryQuery.parse({ from: 100 * 24 * hour, until: now, by: 'project' })
  const times: [number, number][] = []
  for (let round = 0; round < 3; round += 1) {
    const start = process.cpuUsage()
    const { currencies } = await getCostHistory(context, query)
    const middle = process.cpuUsage(start).user
    const current = await getCostNow(context, { offsetMinutes: 0 })
    times.push([middle / 1000, (process.cpuUsage(start).user - middle) / 1000])
    // What the newest still lack of their two hours lies ahead.
    expect(current.currencies[0]?.spent.total).toBeCloseTo(7_500 * 3 - 1.5, 5)
    expect(currencies[0]?.total).toBeCloseTo(((jobs - 2_400) * 3 * 3) / 4, -1)
  }
  expect(Math.min(...times.map(([history]) => history))).toBeLessThan(boundMs)
  expect(Math.min(...times.map(([, current]) => current))).toBeLessThan(boundMs)
  await close()
})
