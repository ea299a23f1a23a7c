import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits

beforeAll(async () => {
  visits = await startVisits()
})

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

async function startJob(uid: string): Promise<Reporter> {
  const job = await Reporter.start(visits.world, uid)
  await job.report({
    job: {
      metrics: [
        { key: 'val/*', stepMetric: 'epoch' },
        { key: 'reward', stepMetric: 'env_steps' },
      ],
    },
  })
  const steps = Array.from({ length: 200 }, (_, at) => at)
  await job.points({ loss: steps.map((step) => 2 - step / 200) }, 0)
  // An evaluation every 50 steps; the axis of rewards goes its own way, and once it is not a number.
  for (const epoch of [1, 2, 3]) await job.points({ 'val/loss': [2 - epoch / 4] }, epoch * 50, { epochs: [epoch] })
  await job.points({ reward: [1, 2, 3, 4], env_steps: [512, 2_048, Number.NaN, 1_024] }, 10)
  return job
}

const chart = (page: Page, title: string) => page.locator(`[data-chart="${title}"]`)
const describe = async (page: Page, title: string) => chart(page, title).getByRole('img').getAttribute('aria-label')

async function readTable(page: Page, title: string): Promise<string[][]> {
  const rows = await chart(page, title).getByRole('row').all()
  return Promise.all(rows.map(async (row) => row.locator('th, td').allTextContents()))
}

test('a metric is drawn over what its script says, and somebody’s own choice wins', async () => {
  await startJob('axes-defined')
  const page = await visits.openPage('/job/axes-defined?tab=metrics')
  await chart(page, 'val/loss').getByText('over epoch').waitFor()
  await chart(page, 'reward').getByText('over env_steps').waitFor()
  expect(await describe(page, 'val/loss')).toContain('at epoch 3')
  expect(await describe(page, 'reward')).toContain('at env_steps 2048')
  expect(await describe(page, 'loss')).toContain('at step 199')

  await page.getByRole('button', { name: 'x As defined' }).click()
  await page.getByRole('menuitemradio', { name: 'As defined val/* over epoch; reward over env_steps' }).waitFor()
  await page.getByRole('menuitemradio', { name: 'Step', exact: true }).click()
  await page.getByRole('button', { name: 'x Step' }).waitFor()
  expect(page.url()).toContain('x=step')
  await chart(page, 'reward').locator('[aria-label*="at step 13"]').waitFor()
  expect(await chart(page, 'val/loss').count()).toBe(0)
  await page.getByRole('button', { name: 'x Step' }).click()
  await page.getByRole('menuitemradio', { name: 'env_steps', exact: true }).click()
  await chart(page, 'loss').locator('[aria-label*="at env_steps 2048"]').waitFor()
  await page.reload()
  await chart(page, 'loss').locator('[aria-label*="at env_steps 2048"]').waitFor()
})

test('live points find their place on the axis, also behind a resume', async () => {
  const job = await startJob('axes-live')
  const page = await visits.openPage('/job/axes-live?tab=metrics&table=reward')
  await chart(page, 'reward').getByRole('cell', { name: '2048' }).waitFor()
  expect(await readTable(page, 'reward')).toEqual([
    ['env_steps', 'reward'],
    ['2048', '2'],
    ['1024', '4'],
    ['512', '1'],
  ])
  await job.points({ env_steps: [4_096] }, 20)
  await job.points({ reward: [5] }, 21)
  await chart(page, 'reward').getByRole('cell', { name: '4096' }).waitFor()
  // The script goes on from an earlier step.
  await job.points({ reward: [6, 7], env_steps: [3_000, 5_000] }, 15)
  await chart(page, 'reward').getByRole('cell', { name: '5000' }).waitFor()
  const live = await readTable(page, 'reward')
  expect(live.map(([x]) => x)).toEqual(['env_steps', '5000', '4096', '3000', '2048', '1024', '512'])
  await page.reload()
  await chart(page, 'reward').getByRole('cell', { name: '5000' }).waitFor()
  expect(await readTable(page, 'reward')).toEqual(live)
})

test('a zoom is that of charts over the same axis, and comes back from its address', async () => {
  await startJob('axes-zoom')
  const page = await visits.openPage('/job/axes-zoom?tab=metrics')
  const plot = chart(page, 'reward').locator('.u-over')
  await chart(page, 'reward').getByText('over env_steps').waitFor()
  await plot.scrollIntoViewIfNeeded()
  const box = (await plot.boundingBox())!
  await page.mouse.move(box.x + box.width * 0.2, box.y + 60)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 4 })
  await page.mouse.up()
  const showAll = page.getByRole('button', { name: 'Show all of reward' })
  await showAll.waitFor()
  expect(page.url()).toMatch(/range=[\d.]+,[\d.]+,metric:env_steps/)
  expect(await page.getByRole('button', { name: 'Show all of loss' }).count()).toBe(0)
  await chart(page, 'reward').locator('[aria-label*="at env_steps 1024"]').waitFor()
  await page.reload()
  await showAll.click()
  await chart(page, 'reward').locator('[aria-label*="at env_steps 2048"]').waitFor()
})
