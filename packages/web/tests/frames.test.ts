import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits
let job: Reporter

const steps = Array.from({ length: 600 }, (_, at) => at)
/** A step a second, the last one a second ago. */
const begin = Date.now() - 600_000
const timesOf = (all: readonly number[]): number[] => all.map((step) => begin + step * 1_000)
/** Every fifth second, with a step that means nothing. */
const samples = Array.from({ length: 120 }, (_, at) => at * 5)

async function measure(times: readonly number[], use: readonly number[]): Promise<void> {
  const source = 'gpu:node/0'
  await job.points({ 'gpu.utilization': use }, 0, { source, times: [...times], steps: times.map(() => 7) })
}

beforeAll(async () => {
  visits = await startVisits()
  job = await Reporter.start(visits.world, 'long-run', { name: 'long run', project: 'sft' })
  const epochs = steps.map((step) => step / 200)
  const loss = steps.map((step) => 1 + 2 * Math.exp(-step / 90))
  await job.points({ loss, lr: steps.map((step) => 1e-3 * (1 - step / 600)) }, 0, { times: timesOf(steps), epochs })
  await measure(
    timesOf(samples),
    samples.map((second) => (second % 50 === 0 ? 20 : 90)),
  )
})

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

const chart = (page: Page, title: string) => page.locator(`[data-chart="${title}"]`)
const gpu = 'GPU utilisation'
const parameter = (page: Page, name: string): string | null => new URL(page.url()).searchParams.get(name)

test('resources are drawn over the step at which the job was, live too, and the link says so', async () => {
  const page = await visits.openPage('/job/long-run?tab=resources')
  await chart(page, gpu).locator('[aria-label*="at relative"]').waitFor()
  await page.getByRole('button', { name: 'x Time since start' }).click()
  await page.getByRole('menuitemradio', { name: 'Step', exact: true }).click()
  await chart(page, gpu).locator('[aria-label*="at step 595"]').waitFor()
  expect(parameter(page, 'x')).toBe('step')
  // Later than any step that is known: it waits until the job says where it is.
  await measure(timesOf([610]), [55])
  await job.points({ loss: [0.5] }, 620, { times: timesOf([620]), epochs: [3.1] })
  await chart(page, gpu).locator('.chart-legend-value', { hasText: '55 %' }).waitFor()
  await page.reload()
  await chart(page, gpu).locator('[aria-label*="at step 61"]').waitFor()
  await page.goto(page.url().replace('x=step', 'x=epoch'))
  await chart(page, gpu).locator('[aria-label*="at epoch 3.0"]').waitFor()
})

test('on the overview resources have the axis, the cursor and the range of the metrics', async () => {
  const page = await visits.openPage('/job/long-run?range=100,200')
  await chart(page, gpu).locator('[aria-label*="at step"]').waitFor()
  await chart(page, gpu).getByRole('button', { name: `Show all of ${gpu}` }).waitFor()
  const box = (await chart(page, 'loss').locator('.u-over').boundingBox())!
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.move(box.x + box.width / 2 + 2, box.y + box.height / 2)
  // The cursor stands in both, at step 150.
  await chart(page, gpu).locator('.chart-dot:not([hidden])').first().waitFor()
  expect(await chart(page, gpu).locator('.chart-legend-value').textContent()).toBe('20 %')
})
