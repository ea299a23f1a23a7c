import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
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
  await chart(page, gpu)
    .getByRole('button', { name: `Show all of ${gpu}` })
    .waitFor()
  const box = (await chart(page, 'loss').locator('.u-over').boundingBox())!
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.move(box.x + box.width / 2 + 2, box.y + box.height / 2)
  // The cursor stands in both, at step 150.
  await chart(page, gpu).locator('.chart-dot:not([hidden])').first().waitFor()
  expect(await chart(page, gpu).locator('.chart-legend-value').textContent()).toBe('20 %')
})

/** Text of the axis of a chart cannot be read from a picture: its table has the rows that are shown. */
async function readSteps(page: Page): Promise<number[]> {
  const rows = await chart(page, 'lr').getByRole('row').locator('td:first-child, th[scope=row]').allTextContents()
  return rows.map((text) => Number(text.replaceAll(/\D/g, '')))
}

test('the newest steps are shown, and the frame moves along with the job', async () => {
  const page = await visits.openPage('/job/long-run?tab=metrics&table=lr')
  await page.getByRole('button', { name: 'show All' }).click()
  await page.getByRole('menuitemradio', { name: 'Last 100 steps' }).click()
  expect(parameter(page, 'last')).toBe('100')
  await chart(page, 'loss').getByRole('button', { name: 'Show all of loss' }).waitFor()
  await job.points({ loss: [0.4], lr: [1e-5] }, 700, { times: timesOf([700]), epochs: [3.5] })
  await chart(page, 'lr').getByRole('cell', { name: '700', exact: true }).waitFor()
  await page.waitForFunction(() => document.querySelectorAll('[data-chart="lr"] tbody tr').length === 1)
  expect(await readSteps(page)).toEqual([700])
  // Over time the newest minutes; another kind of axis shows all.
  await page.goto(page.url().replace('last=100', 'last=5m&x=relative'))
  await page.getByRole('button', { name: 'show Last 5 min' }).waitFor()
  await page.getByRole('button', { name: 'x Time since start' }).click()
  await page.getByRole('menuitemradio', { name: 'Time of day' }).click()
  await page.getByRole('button', { name: 'x Time of day' }).waitFor()
  expect(parameter(page, 'last')).toBe('5m')
})

test('a part of the axis is drawn on the strip, moved and resized by pointer and keys, and all charts follow', async () => {
  const page = await visits.openPage('/job/long-run?tab=metrics&table=lr')
  const strip = page.getByRole('group', { name: 'Shown part of the axis' })
  const range = async (): Promise<number[]> => {
    await page.waitForFunction(() => new URL(location.href).searchParams.has('range'))
    return (parameter(page, 'range') ?? '').split(',').map(Number)
  }
  const whole = strip.getByRole('slider', { name: 'What is shown', exact: true })
  const box = (await whole.boundingBox())!
  await page.mouse.move(box.x + box.width * 0.25, box.y + 20)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.5, box.y + 20, { steps: 4 })
  await page.mouse.up()
  // A quarter of the strip, somewhere in the middle of it.
  await chart(page, 'lr').getByRole('cell', { name: '250', exact: true }).waitFor()
  await chart(page, 'lr').getByRole('cell', { name: '100', exact: true }).waitFor({ state: 'detached' })
  const [from = 0, to = 0] = await range()
  expect((to - from) / 600).toBeGreaterThan(0.2)
  await whole.press('Shift+ArrowRight')
  await page.waitForFunction((before) => Number(/range=(\d+)/.exec(location.search)?.[1]) > before + 50, from)
  await strip.getByRole('slider', { name: 'Start of what is shown' }).press('Home')
  await chart(page, 'lr').getByRole('cell', { name: '0', exact: true }).waitFor()
  expect((await range())[0]).toBe(0)
  await strip.getByRole('slider', { name: 'End of what is shown' }).press('End')
  await page.waitForFunction(() => !location.search.includes('range'))
})

test.each(mainLooks)('frames and strip are usable at $width px', async (look) => {
  for (const path of ['/job/long-run?tab=metrics&range=200,400', '/job/long-run?tab=resources&x=step&last=100']) {
    const page = await visits.openPage(path, look)
    await page.getByRole('slider', { name: 'What is shown', exact: true }).waitFor()
    await page.locator('[data-chart] .u-over').first().waitFor()
    expect(await findFaults(page, path)).toEqual([])
  }
})

test('a metric that only a job over this one has gets a chart, and the right axis a scale of its own', async () => {
  const other = await Reporter.start(visits.world, 'other-run', { name: 'other run', project: 'sft' })
  await other.points({ loss: [3, 2, 1], perplexity: [20, 7, 2] }, 0)
  const page = await visits.openPage('/job/long-run?tab=metrics&with=other-run&join=loss%3Alr&right=loss%3Alr')
  await chart(page, 'perplexity').locator('[aria-label*="other run: 2 at step 2"]').waitFor()
  await chart(page, 'loss').getByRole('button', { name: 'Settings of loss' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Logarithmic right axis' }).click()
  await page.waitForFunction(() => location.search.includes('rlog'))
  expect(parameter(page, 'rlog')).toContain('loss')
  expect(parameter(page, 'log')).toBeNull()
  await page.reload()
  await chart(page, 'loss').getByRole('button', { name: 'Settings of loss' }).click()
  const own = page.getByRole('menuitemcheckbox', { name: 'Logarithmic y axis' })
  expect(await own.getAttribute('aria-checked')).toBe('false')
})

test('charts stand in the order that fits the kind of training', async () => {
  const run = await Reporter.start(visits.world, 'ppo-run', { name: 'ppo', project: 'rl', modelType: 'PPO' })
  const values = Array.from({ length: 20 }, (_, at) => at)
  const keys = 'train/loss train/approx_kl train/entropy_loss train/lr rollout/ep_rew_mean rollout/ep_len_mean time/fps'
  await run.points(Object.fromEntries(keys.split(' ').map((key) => [key, values])), 0)
  const page = await visits.openPage('/job/ppo-run')
  await chart(page, 'rollout/ep_rew_mean').locator('.u-over').waitFor()
  const titles = await page
    .locator('[data-chart]')
    .evaluateAll((all) => all.map((one) => one.getAttribute('data-chart')))
  expect(titles).toEqual(['rollout/ep_rew_mean', 'rollout/ep_len_mean', 'approx_kl', 'entropy_loss'])
})
