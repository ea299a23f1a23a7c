/** Batches from an empty page to answers that are read side by side, on a real small model. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startEngine, type LabEngine } from '../../../lab/start-engine.ts'
import { addEngine, asUpload, picture, submit, waitFor, writeLine } from './batch-calls.ts'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'

const requests = 12
let engine: LabEngine
let visits: Visits
beforeAll(async () => {
  engine = await startEngine()
  visits = await startVisits()
})
afterEach(async () => visits.leave())
afterAll(async () => {
  await visits.close()
  await engine.close()
})

const idOf = (at: number): string => `question-${String(at + 1).padStart(2, '0')}`

/** All ask the model the same, but how bold it is. */
function writeFile(temperature: number): string {
  const line = (at: number): string =>
    writeLine(idOf(at), { model: engine.model, max_tokens: 16, seed: 7, temperature }, `Name ${at + 2} animals.`)
  return Array.from({ length: requests }, (_, at) => line(at)).join('')
}

const start = (page: Page) => page.getByRole('button', { name: 'Start batch' })
const choose = async (page: Page, name: string, text: string): Promise<void> =>
  page.getByLabel('File of requests').setInputFiles(asUpload(name, text))

/** Values of the bar of progress, as they come; the page must not be loaded anew meanwhile. */
async function watchBar(page: Page): Promise<() => Promise<number[]>> {
  await page.evaluate(() => {
    const seen: number[] = []
    Object.assign(window, { seen })
    const look = () => {
      const value = Number(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow') ?? 0)
      if (seen.at(-1) !== value) seen.push(value)
    }
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true })
  })
  return async () => page.evaluate(() => ('seen' in window ? (window.seen as number[]) : [])) // as put there above
}

test.each(mainLooks)('an empty page says what batches are and how to begin at $width px', async (look) => {
  const page = await visits.openPage('/batches', look)
  await page.getByRole('heading', { name: 'No batches yet' }).waitFor()
  await page.getByRole('button', { name: 'Copy the line for a terminal' }).click()
  expect(await page.evaluate(async () => navigator.clipboard.readText())).toContain(
    `curl ${visits.world.url}/v1/batches`,
  )
  expect(await findFaults(page, 'no batches')).toEqual([])
  await picture(page, `empty-${look.width}`)
})

test('without an engine it says why a batch would be refused, and starts none', async () => {
  const page = await visits.openPage('/batches/new')
  await page.getByText('Choose a file first.').waitFor()
  expect(await start(page).isDisabled()).toBe(true)
  await choose(page, 'early.jsonl', writeFile(0))
  await page
    .getByRole('status')
    .getByText(/^Not now: .*engine/)
    .waitFor()
  await page.getByText('It would be refused now.').waitFor()
  expect(await start(page).isDisabled()).toBe(true)
  expect(await findFaults(page, 'refused')).toEqual([])
  await picture(page, 'refused')
})

test.each(mainLooks)('faults of a file are told line by line at $width px', async (look) => {
  const lines = [
    writeLine('one', { model: engine.model }),
    '{"custom_id": "two", \n',
    writeLine('one', { model: engine.model }),
    writeLine('four', { model: 'another' }),
    writeLine('<b>five</b>', { model: engine.model, stream: true }),
  ]
  const page = await visits.openPage('/batches/new', look)
  await choose(page, 'faulty.jsonl', lines.join(''))
  const faults = page.getByRole('group', { name: 'Faults by line' }).getByRole('row')
  await faults.nth(1).waitFor()
  expect(await faults.locator('td:first-child').allTextContents()).toEqual(['2', '3', '4', '5'])
  await page.getByText(/^4 faults\. With them the batch would fail/).waitFor()
  await page.getByText('Mend the faults of the file first.').waitFor()
  expect(await start(page).isDisabled()).toBe(true)
  expect(await findFaults(page, 'faults')).toEqual([])
  await picture(page, `faults-${look.width}`)
})

test('a file is uploaded, looked through, sent, and answered by the model while one looks on', async () => {
  // One at a time: quick enough, and slow enough to be seen.
  await addEngine(visits.world, { name: 'lab', baseUrl: engine.url, apiKey: engine.apiKey, concurrencyMax: 1 })
  const page = await visits.openPage('/batches')
  await page.getByRole('link', { name: 'New batch' }).first().click()
  await choose(page, 'calm.jsonl', writeFile(0))
  await page.getByText('calm.jsonl').waitFor()
  await page.getByRole('status').getByText(`Every line is fine, and it would be taken for ${engine.model}.`).waitFor()
  await page.getByText(`${requests} requests`, { exact: true }).waitFor()
  expect(await findFaults(page, 'a new batch')).toEqual([])
  await picture(page, 'check')
  const seen = await watchBar(page)
  await start(page).click()
  await page.getByRole('heading', { name: 'calm.jsonl' }).waitFor()
  await page.locator('header').getByText('completed', { exact: true }).waitFor()
  await page.getByText(`${requests} of ${requests}`, { exact: true }).waitFor()
  const values = await seen()
  expect(values.at(-1)).toBe(100)
  expect(values).toEqual(values.toSorted((one, other) => one - other))
  expect(values.some((value) => value > 0 && value < 100)).toBe(true)
  await page
    .getByRole('log')
    .getByText(/completed/i)
    .first()
    .waitFor()
  expect(await findFaults(page, 'a batch that is completed')).toEqual([])
  await picture(page, 'completed')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Answers', exact: true }).click(),
  ])
  expect(download.suggestedFilename()).toBe('calm.output.jsonl')
})

test('answers of two batches are read side by side: those that differ, and those with a word', async () => {
  await waitFor(visits.world, await submit(visits.world, 'bold.jsonl', writeFile(1.8)), 'completed')
  const page = await visits.openPage('/batches?group=completed')
  await page.getByLabel('Pick bold.jsonl').check()
  await page.getByLabel('Pick calm.jsonl').check()
  await picture(page, 'picked')
  await page.getByRole('link', { name: 'Read side by side' }).click()
  const rows = page.getByRole('table', { name: 'Results' }).getByRole('row')
  await page.getByRole('status').getByText(`${requests} requests`, { exact: true }).waitFor()
  const different = page.getByRole('button', { name: /^Only different/ })
  const count = Number(/\d+$/.exec(await different.innerText())?.[0])
  expect(count).toBeGreaterThan(0)
  await picture(page, 'side-by-side')
  expect(await findFaults(page, 'results')).toEqual([])
  await different.click()
  await expect.poll(async () => page.getByText('≠ different').count()).toBeGreaterThan(0)
  expect(await page.getByText('≠ different').count()).toBe((await rows.count()) - 1)
  await different.click()
  await page.getByLabel('Find in ids and answers').fill(idOf(3))
  await page.getByRole('status').getByText(`1 of ${requests} requests`).waitFor()
  expect(page.url()).toContain(`q=${idOf(3)}`)
  await page.getByRole('button', { name: idOf(3) }).click()
  await page
    .getByRole('dialog')
    .getByRole('heading', { name: idOf(3) })
    .waitFor()
  expect(await findFaults(page, 'a result')).toEqual([])
  await picture(page, 'result')
})

test('on a phone answers stand below each other, and the address brings them back', async () => {
  const phone = { width: 390, height: 844 }
  const list = await visits.openPage('/batches?group=completed', phone)
  await list.getByRole('list', { name: 'Batches' }).getByRole('listitem').nth(1).waitFor()
  expect(await findFaults(list, 'completed batches')).toEqual([])
  await picture(list, 'list-390')
  // What is around the box takes the touch.
  for (const name of ['bold', 'calm']) await list.getByLabel(`Pick ${name}.jsonl`).check({ force: true })
  await list.getByRole('link', { name: 'Read side by side' }).click()
  await list.getByRole('status').getByText(`${requests} requests`, { exact: true }).waitFor()
  const address = list.url().replace(visits.world.url, '')
  const page = await visits.openPage(`${address}&only=different`, phone)
  await page.getByText('≠ different').first().waitFor()
  expect(await findFaults(page, 'results on a phone')).toEqual([])
  await picture(page, 'side-by-side-390')
})

test('a viewer is told who may send batches', async () => {
  for (const path of ['/batches', '/batches/new', '/batches/compare']) {
    const page = await visits.openPageAs('viewer', path)
    await page.getByRole('heading', { name: 'Batches are for those who send requests' }).waitFor()
    if (path === '/batches') expect(await findFaults(page, 'no permission')).toEqual([])
  }
})
