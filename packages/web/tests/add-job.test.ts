import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { Reporter, type World } from './world.ts'

let visits: Visits
let world: World

beforeAll(async () => {
  visits = await startVisits()
  world = visits.world
})

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

/** What the clipboard holds after a press on the button named so. */
async function copy(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name }).click()
  await page.getByRole('status').filter({ hasText: 'Copied.' }).first().waitFor({ state: 'attached' })
  return page.evaluate(async () => navigator.clipboard.readText())
}

test('the empty dashboard leads to the lines for this very server, and they are copied', async () => {
  const page = await visits.openPage('/')
  await page.getByRole('link', { name: 'Log from Python' }).click()
  await page.getByRole('dialog', { name: 'Add a job' }).waitFor()
  expect(page.url()).toBe(`${world.url}/?add=sdk`)
  expect(await copy(page, 'Copy install line')).toContain(`${world.url}/sdk/`)
  expect(await copy(page, 'Copy environment lines')).toBe(`export PILOTHOUSE_DATA=${world.server.dataFolder}`)
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(page.url()).toBe(`${world.url}/`)
})

test('the ways are tabs that the arrow keys walk through, and the address keeps them', async () => {
  const page = await visits.openPage('/?add=sdk')
  await page.getByRole('tab', { name: 'Python SDK' }).focus()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('tabpanel', { name: 'Any command' }).getByText('pilothouse run -- python train.py').waitFor()
  await page.keyboard.press('ArrowRight')
  await page.getByText('pilothouse import current-jobs.json').waitFor()
  expect(page.url()).toBe(`${world.url}/?add=import`)
})

test('a script elsewhere gets a token that reports and sees nothing', async () => {
  const page = await visits.openPage('/?add=run')
  await page.getByRole('button', { name: 'Elsewhere' }).click()
  await page.getByRole('button', { name: 'Make a token' }).click()
  await page.getByText('It is shown this once').waitFor()
  const [, token = ''] = /PILOTHOUSE_TOKEN=(\S+)/.exec(await copy(page, 'Copy environment lines')) ?? []
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const made = await fetch(`${world.url}/api/jobs/from-elsewhere`, {
    method: 'PUT',
    headers,
    body: '{"name": "elsewhere"}',
  })
  expect(made.status).toBe(200)
  expect((await fetch(`${world.url}/api/jobs`, { headers })).status).toBe(403)
  await page.getByRole('dialog').getByRole('link', { name: 'elsewhere' }).waitFor()
})

test('the sheet waits, and then leads to the job that has arrived', async () => {
  await Reporter.start(world, 'before', { name: 'before it' })
  const page = await visits.openPage('/')
  await page.getByRole('link', { name: 'before it' }).waitFor()
  await page.keyboard.press('a')
  const sheet = page.getByRole('dialog', { name: 'Add a job' })
  await sheet.getByText('Waiting for your first report').waitFor()
  const job = await Reporter.start(world, 'arrived', { name: 'it has come' })
  await sheet.getByText('Your job has arrived').waitFor()
  expect(await sheet.getByRole('link', { name: 'before it' }).count()).toBe(0)
  await job.finish()
  await sheet.getByRole('link', { name: 'completed it has come' }).click()
  await page.waitForURL(`${world.url}/job/arrived`)
  await page.getByRole('heading', { level: 1, name: 'it has come' }).waitFor()
})

test.each(mainLooks)(
  'at $width px the sheet is whole, and axe finds nothing serious',
  async (look) => {
    const page = await visits.openPage('/?add=sdk', look)
    const faults: string[] = []
    for (const way of ['Python SDK', 'Any command', 'Old files']) {
      await page.getByRole('tab', { name: way }).click()
      await page.getByRole('tabpanel', { name: way }).waitFor()
      faults.push(...(await findFaults(page, way)))
    }
    expect(faults).toEqual([])
  },
  60_000,
)
