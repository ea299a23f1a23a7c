import { afterAll, beforeAll, expect, test } from 'vitest'
import { startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits
let job: Reporter
const count = 5_000
const row = (value: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`layer/${at}/norm`, [value]]))

beforeAll(async () => {
  visits = await startVisits()
  job = await Reporter.start(visits.world, 'many')
  for (let step = 0; step < 5; step += 1) await job.points(row(step), step)
})

afterAll(async () => visits.close())

test('the charts of 5,000 metrics open at once, and only those in sight are made', async () => {
  const page = await visits.openPage('/job/many')
  await page.getByText('layer/0/norm').first().waitFor()
  const openedMs = await page.evaluate(async () => {
    const before = performance.now()
    document.querySelector<HTMLAnchorElement>('nav[aria-label="Parts of the job"] a[href*="tab=metrics"]')?.click()
    while (!document.querySelector('[data-chart="layer/0/norm"][data-state="ready"]'))
      await new Promise((resolve) => requestAnimationFrame(resolve))
    return performance.now() - before
  })
  // Gross regressions only: all of them made at once would take minutes.
  expect(openedMs).toBeLessThan(20_000)
  expect(await page.locator('[data-chart]').count()).toBeLessThan(60)

  // Live rows of all metrics, while somebody scrolls to the end.
  const last = page.locator('[data-chart="layer/4999/norm"][data-state="ready"]')
  const longest = page.evaluate(async () => {
    const gaps: number[] = []
    let before = performance.now()
    while (!document.querySelector('[data-chart="layer/4999/norm"][data-state="ready"]')) {
      await new Promise((resolve) => requestAnimationFrame(resolve))
      gaps.push(performance.now() - before)
      before = performance.now()
    }
    return Math.max(...gaps)
  })
  await job.points(row(7), 5)
  await job.points(row(8), 6)
  await page.getByText('layer/4999/norm').scrollIntoViewIfNeeded()
  await last.waitFor()
  expect(await longest).toBeLessThan(10_000)
  await last.getByText('8', { exact: true }).first().waitFor()
  expect(await page.locator('[data-chart]').count()).toBeLessThan(60)

  const search = page.getByLabel('Filter metrics')
  await search.fill('layer/77/')
  await page.locator('[data-chart="layer/77/norm"][data-state="ready"]').waitFor()
  expect(await page.locator('[data-chart]').count()).toBe(1)
})
