import { expect, it } from 'vitest'
import { usageHistoryQuery } from '@pilothouse/contract'
import { openTestContext } from '../storage/test-context.ts'
import { getUsageHistory } from './get-usage-history.ts'

/** Jobs that are counted, and the CPU time that it may take, ms: about 100 on a machine that is busy otherwise. */
const [jobs, boundMs] = [10_000, 500]

it('ten thousand jobs are counted within bounds', async () => {
  const { context, close } = await openTestContext(() => 0)
  const rows = Array.from({ length: jobs }, (_, at) => ({
    job_id: at + 1,
    project: 'vision',
    target: `t${at % 3}`,
    partition_name: at % 2 ? 'gpu' : null,
    owner_id: 1 + (at % 7),
    state: at % 5 === 0 ? ('failed' as const) : ('completed' as const),
    cause: at % 5 === 0 ? `cause-${at % 9}` : null,
    ended_ms: at * 60_000,
    waited_ms: (at * 7919) % 100_000,
    ran_ms: (at * 104_729) % 10_000_000,
    last_ms: (at * 104_729) % 10_000_000,
    gpus: at % 9,
    gpu_kind: `kind ${at % 4}`,
    hour_cost: at % 2 ? 1.5 : null,
    asked_ms: 10_000_000,
    asked_gpus: 2,
    asked_bytes: 1e9,
    busy: (at % 100) / 100,
    peak_bytes: 5e8,
  }))
  for (let at = 0; at < jobs; at += 500)
    await context.db
      .insertInto('job_record')
      .values(rows.slice(at, at + 500))
      .execute()
  const query = usageHistoryQuery.parse({ project: 'vision', until: jobs * 60_000, parts: 90 })
  const times: number[] = []
  for (let round = 0; round < 3; round += 1) {
    const start = process.cpuUsage()
    const { total, ran, use } = await getUsageHistory(context, { query, onlyUid: null })
    times.push(process.cpuUsage(start).user / 1000)
    expect([total.jobs, ran.jobs, use.memory.share]).toEqual([jobs, jobs, 0.5])
  }
  expect(Math.min(...times)).toBeLessThan(boundMs)
  await close()
})
