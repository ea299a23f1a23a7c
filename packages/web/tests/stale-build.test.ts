import { afterAll, beforeAll, expect, test } from 'vitest'
import { startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits

beforeAll(async () => {
  visits = await startVisits()
})

afterAll(async () => visits.close())

test('a page whose parts an update has taken away loads itself again, once', async () => {
  await Reporter.start(visits.world, 'stale')
  const page = await visits.openPage('/job/stale')
  const samples = page.getByRole('navigation', { name: 'Parts of the job' }).getByRole('link', { name: 'Samples' })
  await samples.waitFor()
  let gone = 0
  await page.route('**/assets/samples-tab-*.js', async (route) => {
    gone += 1
    await (gone === 1 ? route.fulfill({ status: 404, json: {} }) : route.continue())
  })
  const reloaded = page.waitForEvent('load')
  await samples.click()
  await reloaded
  await page.getByText('pilothouse.Image').first().waitFor()
  expect(gone).toBe(2)
  expect(page.url()).toContain('tab=samples')
})
