import { alertRuleInput } from '@pilothouse/contract'
import type { Trigger } from '@pilothouse/signals'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type TestContext, openTestContext } from '../storage/test-context.ts'
import { createAlertRule } from './alert-rules.ts'
import { editAlerts, listAlerts } from './alerts.ts'
import { checkSilence } from './check-silence.ts'

const minuteMs = 60_000
const start = 1_000_000_000_000
let now = start
let test: TestContext
let triggers: Map<string, Trigger>
beforeEach(async () => {
  now = start
  triggers = new Map()
  test = await openTestContext(() => now)
  const body = alertRuleInput.parse({ name: 'Silent', condition: { kind: 'silence', forMs: 10 * minuteMs } })
  await createAlertRule(test.context, { body, editor: { memberId: 1, all: true } })
  await commit()
})
afterEach(() => test.close())

it('a live job that sends nothing for so long is told of once, and again once it reports', async () => {
  await hearJob(start)
  expect(await lookAt(9 * minuteMs)).toEqual([])
  expect(await lookAt(11 * minuteMs)).toMatchObject([{ status: 'raised', text: 'No report for 11 m.' }])
  expect(await lookAt(20 * minuteMs)).toHaveLength(1)
  await hearJob(start + 21 * minuteMs)
  expect(await lookAt(22 * minuteMs)).toMatchObject([{ status: 'resolved', changedBy: null }])
})

it('silence counts from the start of the server at the earliest: before it nobody could report', async () => {
  await hearJob(start - 100 * minuteMs)
  expect(await lookAt(9 * minuteMs)).toEqual([])
  expect(await lookAt(10 * minuteMs)).toHaveLength(1)
})

it('one that a person resolved stays so for its cooldown, though the job is silent still', async () => {
  await hearJob(start)
  const [raised] = await lookAt(11 * minuteMs)
  await editAlerts(test.context, { ids: [raised?.id ?? 0], status: 'resolved', memberName: 'anna' })
  await commit()
  expect(await lookAt(12 * minuteMs)).toHaveLength(1)
  expect(await lookAt(18 * minuteMs)).toMatchObject([{ status: 'raised' }, { status: 'resolved' }])
})

it('an open one is known after a restart', async () => {
  await hearJob(start)
  await lookAt(11 * minuteMs)
  test.context.alerts.clear()
  triggers = new Map()
  expect(await lookAt(12 * minuteMs)).toHaveLength(1)
})

async function lookAt(ms: number) {
  now = start + ms
  await checkSilence(test.context, { sinceMs: start, triggers })
  await commit()
  return (await listAlerts(test.context, { query: { limit: 50 } })).alerts
}

/** What the storage does after each operation. */
async function commit(): Promise<void> {
  for (const work of test.context.changes.afterCommit.splice(0)) work()
  await test.context.alerts.prepare(test.context.db)
}

async function hearJob(heardMs: number): Promise<void> {
  const { db } = test.context
  await db.deleteFrom('job').execute()
  const times = { created_ms: 0, started_ms: 0, heard_ms: heardMs }
  const row = { id: 7, uid: 'job-1', kind: 'training', owner_id: 1, project: 'p', name: 'n', state: 'running' } as const
  const counts = { tags: '[]', attempt: 1, branch: 0, search: '', gpus: 0, version: 1 }
  await db
    .insertInto('job')
    .values({ ...row, ...times, ...counts })
    .execute()
}
