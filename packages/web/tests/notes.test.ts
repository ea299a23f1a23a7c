/** Notes on a job and on the points of its curves, as two people write and read them. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits

beforeAll(async () => {
  visits = await startVisits()
  const job = await Reporter.start(visits.world, 'noted', { name: 'noted', notes: 'A first *try*.' })
  await job.points({ loss: Array.from({ length: 100 }, (_, step) => 2 / (step + 1)) }, 0)
})

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

const note = (page: Page, text: string) =>
  page.getByRole('list', { name: 'Notes' }).getByRole('listitem').filter({ hasText: text })

async function write(page: Page, text: string): Promise<void> {
  await page.getByLabel('Write a note').fill(text)
  await page.keyboard.press('Control+Enter')
  await page.getByLabel('Write a note').waitFor()
}

test('a note is written, seen at once by others, changed, deleted and brought back', async () => {
  const other = await visits.openPage('/job/noted?tab=notes')
  const page = await visits.openPage('/job/noted?tab=notes')
  await page.getByRole('region', { name: 'Description of the job' }).locator('em', { hasText: 'try' }).waitFor()
  await write(page, 'The **warm-up** is too short.')
  await note(page, 'warm-up').locator('strong').waitFor()
  await note(other, 'warm-up').waitFor()
  await other.getByRole('link', { name: /^Notes 1$/ }).waitFor()

  await note(page, 'warm-up').getByRole('button', { name: 'Change this note' }).click()
  await page.getByLabel('Change this note').fill('The warm-up is long enough.')
  await page.getByRole('button', { name: 'Save' }).click()
  await note(other, 'long enough').getByText('changed').waitFor()
  await note(page, 'long enough').getByRole('button', { name: 'Delete this note' }).click()
  await note(other, 'long enough').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Undo' }).click()
  await note(other, 'long enough').waitFor()
})

test('what a note says cannot run anything, nor call anybody', async () => {
  const page = await visits.openPage('/job/noted?tab=notes')
  await write(
    page,
    '<img src=x onerror="document.title=1"> [here](javascript:alert(1)) ![seen](http://127.0.0.1:9/spy.png) bad one',
  )
  const item = note(page, 'bad one')
  await item.waitFor()
  expect(await item.locator('img, script').count()).toBe(0)
  expect(await item.textContent()).toContain('<img src=x onerror=')
  expect(await item.getByText('here').getAttribute('href')).toBe('')
  const picture = item.getByRole('link', { name: 'picture: seen' })
  expect(await picture.getAttribute('rel')).toContain('noreferrer')
})

test('a note is left on a point by a key, drawn there, and leads there and back', async () => {
  const page = await visits.openPage('/job/noted?tab=metrics')
  const image = page
    .locator('[data-chart="loss"][data-state="ready"] [role="img"], [data-chart="loss"] [role="application"]')
    .first()
  await image.waitFor()
  const plot = page.locator('[data-chart="loss"] .u-over')
  const box = (await plot.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.keyboard.press('n')
  const dialog = page.getByRole('dialog', { name: 'Note on a point' })
  await dialog.getByLabel('Note on loss').fill('Here it slows down.')
  await dialog.getByRole('button', { name: 'Add note' }).click()
  const mark = page.locator('[data-chart="loss"]').getByRole('button', { name: /^Note A by .*Here it slows down/ })
  await mark.click()
  await note(page, 'Here it slows down').waitFor()
  expect(new URL(page.url()).searchParams.get('note')).not.toBeNull()
  const place = note(page, 'Here it slows down').getByRole('link', { name: /^A ?loss .* at step \d+$/ })
  const step = Number(/step (\d+)/.exec((await place.textContent()) ?? '')?.[1])
  expect(step).toBeGreaterThan(40)
  expect(step).toBeLessThan(60)
  await place.click()
  await page.getByRole('button', { name: 'Show all', exact: true }).waitFor()
  await mark.waitFor()
})

test.each(mainLooks)('notes have no faults at $width px', async (look) => {
  const page = await visits.openPage('/job/noted?tab=notes', look)
  await note(page, 'Here it slows down').waitFor()
  expect(await findFaults(page, 'notes')).toEqual([])
})
