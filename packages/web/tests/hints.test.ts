/** What stands out in the hardware of a job, on its tab Resources. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits
const start = Date.now() - 3_600_000
const samples = Array.from({ length: 360 }, (_, at) => at)
const times = samples.map((at) => start + at * 10_000)

beforeAll(async () => {
  visits = await startVisits()
  for (const [uid, isIdle] of [
    ['idle-job', true],
    ['busy-job', false],
  ] as const) {
    const job = await Reporter.start(visits.world, uid, { createdAt: start, startedAt: start })
    await job.points({ loss: [2, 1] }, 0, { times: [start, Date.now()] })
    const values = samples.map((at) => (isIdle && at >= 60 && at < 180 ? 1 : 95))
    await job.points({ 'gpu.utilization': values }, 0, { source: 'gpu:node-1/0', times })
    await job.finish()
  }
})

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

test('an idle GPU is told with its figures, and an ordinary job has nothing that stands out', async () => {
  const page = await visits.openPage('/job/idle-job?tab=resources')
  const hints = page.getByRole('region', { name: 'What stands out' })
  await hints.waitFor()
  expect(await hints.getByRole('listitem').allTextContents()).toEqual([
    expect.stringMatching(/^GPU 0 did next to nothing for \d+ m.*Its utilisation was 1\.0 % on average from/),
  ])
  const other = await visits.openPage('/job/busy-job?tab=resources')
  await other.locator('[data-chart="GPU utilisation"]').waitFor()
  await other.waitForLoadState('networkidle')
  expect(await other.getByText('What stands out').count()).toBe(0)
})

test.each(mainLooks)('hints have no faults at $width px', async (look) => {
  const page = await visits.openPage('/job/idle-job?tab=resources', look)
  await page.getByRole('region', { name: 'What stands out' }).waitFor()
  expect(await findFaults(page, 'hints')).toEqual([])
})
