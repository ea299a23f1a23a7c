import { alertRuleInput } from '@pilothouse/contract'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type TestContext, openTestContext } from '../storage/test-context.ts'
import { AlertDraft } from './alert-draft.ts'
import { createAlertRule } from './alert-rules.ts'
import { listAlerts } from './alerts.ts'
import { checkStalls } from './check-stalls.ts'
import { type MovedJob, recordMoves } from './record-moves.ts'

const minuteMs = 60_000
const start = 1_000_000_000_000
const job: MovedJob = { id: 7, uid: 'job-1', project: 'p', name: 'n', attempt: 1 }
let now = start
let test: TestContext
beforeEach(async () => {
  now = start
  test = await openTestContext(() => now)
  const body = alertRuleInput.parse({ name: 'Stalled', condition: { kind: 'anomaly', kinds: ['stall'] } })
  await createAlertRule(test.context, { body, editor: { memberId: 1, all: true } })
  await commit()
  const counts = { tags: '[]', attempt: 1, branch: 0, search: '', gpus: 0, version: 1, owner_id: 1 }
  const row = { ...job, ...counts, kind: 'training', state: 'running', created_ms: 0, started_ms: 0 } as const
  await test.context.db.insertInto('job').values(row).execute()
})
afterEach(() => test.close())

it('a job that is heard and makes no more steps is told of once, and again when it goes on', async () => {
  await takeSteps({ first: 0 })
  expect(await lookAt(12 * minuteMs)).toEqual([])
  expect(await lookAt(17 * minuteMs)).toMatchObject([
    {
      status: 'raised',
      text: expect.stringMatching(/^The job has stalled\. No step for 16 m /),
      series: null,
      step: 49,
    },
  ])
  expect(await lookAt(25 * minuteMs)).toHaveLength(1)
  await takeSteps({ first: 50 })
  expect(await lookAt(27 * minuteMs)).toMatchObject([{ status: 'resolved' }])
})

it('one that is silent, or paused, has not stalled', async () => {
  await takeSteps({ first: 0 })
  expect(await lookAt(30 * minuteMs, { heardMs: start })).toEqual([])
  await takeSteps({ first: 50, isPaused: true })
  expect(await lookAt(40 * minuteMs, { state: 'paused' })).toEqual([])
  expect(await lookAt(44 * minuteMs)).toEqual([])
})

it('one whose reports of before an outage have just arrived has not stalled', async () => {
  now = start + 30 * minuteMs
  await takeSteps({ first: 0, timeMs: start })
  expect(await lookAt(31 * minuteMs)).toEqual([])
})

/** Fifty steps, one a second. */
async function takeSteps({
  first,
  timeMs = now,
  isPaused = false,
}: {
  first: number
  timeMs?: number
  isPaused?: boolean
}) {
  const steps = Array.from({ length: 50 }, (_, row) => first + row)
  const block = { source: 'job', keys: [], steps, times: steps.map((_, row) => timeMs + 1_000 * row), values: [] }
  const draft = new AlertDraft(test.context.alerts)
  const moves = draft.takePoints(job, { block, clockOffsetMs: 0, isPaused, now })
  await recordMoves(test.context, draft, { job, moves })
  draft.keep()
}

type Seen = { heardMs?: number; state?: 'running' | 'paused' }

async function lookAt(ms: number, { heardMs = start + ms, state = 'running' }: Seen = {}) {
  now = start + ms
  await test.context.db.updateTable('job').set({ heard_ms: heardMs, state }).execute()
  await checkStalls(test.context, null)
  await commit()
  return (await listAlerts(test.context, { query: { limit: 50 } })).alerts
}

/** What the storage does after each operation. */
async function commit(): Promise<void> {
  for (const work of test.context.changes.afterCommit.splice(0)) work()
  await test.context.alerts.prepare(test.context.db)
}
