/** Batches that go on for a while, and those of which some fails, on a stand-in that is slow and refuses what it is told to. */
import { readFile } from 'node:fs/promises'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startStubEngine, type StubEngine } from '../../../lab/stub-engine/start-stub-engine.ts'
import { addEngine, picture, readBatch, submit, waitFor, writeLine } from './batch-calls.ts'
import { findFaults } from './find-faults.ts'
import { startVisits, type Visits } from './visits.ts'

/** Would be a picture, and a script, were it ever taken for HTML. */
const harm = '<img src=x onerror="window.harmed=1">'
/** Takes minutes: longer than the tests, however busy the machine is. */
const many = 4_000
const phone = { width: 390, height: 844 }
let slow: StubEngine
let quick: StubEngine
let visits: Visits
let running: string
beforeAll(async () => {
  slow = await startStubEngine({ model: 'slow', slots: 4, runningMax: 4, tokensPerSecond: 40, degradation: 0 })
  quick = await startStubEngine({ model: 'quick', instant: true })
  visits = await startVisits()
  const prices = [{ model: 'slow', inputPerMillion: 1, outputPerMillion: 2 }]
  await addEngine(visits.world, { name: 'slow', baseUrl: slow.url, prices })
  await addEngine(visits.world, { name: 'quick', baseUrl: quick.url })
  const line = (at: number): string =>
    writeLine(`r${at}`, { model: 'slow', max_tokens: 20, ...(at % 20 === 0 ? { temperature: -1 } : {}) })
  const text = Array.from({ length: many }, (_, at) => line(at)).join('')
  running = await submit(visits.world, 'nightly evaluation.jsonl', text)
})
afterEach(async () => visits.leave())
afterAll(async () => {
  await visits.close()
  await slow.close()
  await quick.close()
})

const row = (page: Page, name: string) =>
  page.getByRole('list', { name: 'Batches' }).getByRole('listitem').filter({ hasText: name })
const toast = (page: Page, words: string | RegExp) => page.getByRole('status').getByText(words)
const done = async (bar: Locator): Promise<number> =>
  Number(/(\d+) of/.exec((await bar.getAttribute('aria-valuetext')) ?? '')?.[1])

test.each([{ width: 1440, height: 900 }, phone])('a list moves on by itself at $width px', async (look) => {
  const page = await visits.openPage('/batches', look)
  await page.evaluate(() => Object.assign(window, { isStill: true }))
  const one = row(page, 'nightly evaluation')
  await one.getByText('in progress').waitFor()
  await one.getByText(/ left$/).waitFor()
  const before = await one.innerText()
  const bar = one.getByRole('progressbar')
  const begun = await done(bar)
  await expect.poll(async () => done(bar)).toBeGreaterThan(begun)
  await expect.poll(async () => one.innerText()).not.toBe(before)
  expect(await one.getByText(/^Requests\/s [\d.]+$/).count()).toBe(1)
  await page.getByText(/1 worker, \d+ requests? in flight/).waitFor({ state: 'attached' })
  expect(await findFaults(page, 'a batch that goes on')).toEqual([])
  await picture(page, `running-list-${look.width}`)
  expect(await page.evaluate(() => 'isStill' in window)).toBe(true)
})

test.each([
  { width: 1440, height: 900 },
  { ...phone, dark: true },
])('so does its page at $width px', async (look) => {
  const page = await visits.openPage(`/batches/${running}`, look)
  await page.getByRole('heading', { name: 'nightly evaluation' }).waitFor()
  await page.getByText(/ left$/).waitFor()
  const bar = page.getByRole('progressbar').first()
  const begun = await done(bar)
  await expect.poll(async () => done(bar)).toBeGreaterThan(begun)
  await page.getByRole('img', { name: /^Requests\/s over time/ }).waitFor()
  await page.getByRole('list', { name: 'Failed requests' }).getByText('r0', { exact: true }).waitFor()
  await picture(page, `running-${look.width}`)
  await page.getByRole('heading', { name: 'Log' }).scrollIntoViewIfNeeded()
  await picture(page, `running-foot-${look.width}`)
  expect(await findFaults(page, 'the page of a batch that goes on')).toEqual([])
})

test('it is cancelled after a question, stands among those that ended, and each request is in one of its files', async () => {
  const page = await visits.openPage('/batches')
  const menu = page.getByRole('button', { name: 'What to do with nightly evaluation' })
  await menu.click()
  await page.getByRole('menuitem', { name: 'Cancel …' }).waitFor()
  await picture(page, 'menu')
  await page.getByRole('menuitem', { name: 'Cancel …' }).click()
  await page
    .getByRole('dialog')
    .getByText(/requests have no answer yet, and will get none/)
    .waitFor()
  expect(await findFaults(page, 'cancelling')).toEqual([])
  await picture(page, 'cancel')
  await page.getByRole('button', { name: 'Let it go on' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect((await readBatch(visits.world, running)).status).toBe('in_progress')
  await menu.click()
  await page.getByRole('menuitem', { name: 'Cancel …' }).click()
  await page.getByRole('button', { name: 'Cancel batch' }).click()
  await toast(page, /is being cancelled\. What is done is kept/).waitFor()
  await row(page, 'nightly evaluation').waitFor({ state: 'detached' })
  await page.getByText('Nothing goes on now.').waitFor()
  await page.getByRole('link', { name: /^Failed/ }).click()
  const ended = row(page, 'nightly evaluation')
  await ended.getByText('cancelled', { exact: true }).waitFor()
  await ended.getByText(new RegExp(`^\\d+ of ${many} answered$`)).waitFor()
  await picture(page, 'cancelled-list')
  await ended.getByRole('link', { name: 'nightly evaluation' }).click()
  await page
    .getByRole('log')
    .getByText(/^Cancelled: /)
    .waitFor()
  await page.getByRole('list', { name: 'Failed requests' }).getByText('r0', { exact: true }).waitFor()
  await picture(page, 'cancelled')
  const ids = [...(await download(page, 'Answers')), ...(await download(page, 'Errors'))]
  expect([ids.length, new Set(ids).size]).toEqual([many, many])
})

/** The ids of the lines that a button of the page saves. */
async function download(page: Page, name: string): Promise<string[]> {
  const buttons = page.getByRole('group', { name: 'What to do with it' })
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    buttons.getByRole('link', { name, exact: true }).click(),
  ])
  const lines = (await readFile(await saved.path(), 'utf8')).trimEnd().split('\n')
  return lines.map((line) => (JSON.parse(line) as { custom_id: string }).custom_id) // a line as OpenAI has them
}

test('what failed is told, changed, and sent again in a batch of its own; HTML is text all the way', async () => {
  const line = (id: string, temperature: number): string =>
    writeLine(id, { model: 'quick', temperature }, `Describe ${harm} for ${id}.`)
  const ids = ['one', 'two', 'three', harm]
  const text = ids.map((id) => line(`fine ${id}`, 0) + line(`cold ${id}`, -1)).join('')
  const id = await submit(visits.world, '<img src=x onerror=alert(1)>.jsonl', text)
  await waitFor(visits.world, id, 'completed')
  const page = await visits.openPage(`/batches/${id}`)
  const letters = page.getByRole('list', { name: 'Failed requests' }).getByRole('listitem')
  await expect.poll(async () => letters.count()).toBe(4)
  await page.getByRole('button', { name: /^refused 4$/ }).click()
  await letters.nth(3).locator('summary').click()
  await letters
    .nth(3)
    .getByText(`Describe ${JSON.stringify(harm).slice(1, -1)} for cold`)
    .waitFor()
  await letters.nth(3).getByText('temperature must be non-negative').waitFor()
  expect(await findFaults(page, 'failed requests')).toEqual([])
  await picture(page, 'letters')
  await letters.nth(3).getByRole('button', { name: 'Edit and send' }).click()
  const body = page.getByLabel('Body of the request, JSON')
  const asked = await body.inputValue()
  await body.fill(`${asked},`)
  expect(await page.getByRole('button', { name: 'Send again' }).last().isDisabled()).toBe(true)
  await picture(page, 'edit-fault')
  expect(await findFaults(page, 'changing a request')).toEqual([])
  await body.fill(asked.replace('"temperature": -1', '"temperature": 0.5'))
  await page.getByRole('dialog').getByRole('button', { name: 'Send again' }).click()
  await toast(page, 'A batch of its own sends 1 failed request again.').waitFor()
  await page.getByText('1 of 1', { exact: true }).waitFor()
  await page.locator('header').getByText('completed', { exact: true }).waitFor()
  await picture(page, 'child')
  await page.getByRole('link', { name: 'Read the answers' }).click()
  await page.getByRole('table', { name: 'Results' }).getByText(`You said: Describe ${harm} for cold ${harm}.`).waitFor()
  await page.goto(`${visits.world.url}/batches/compare?ids=${id}`)
  await page.getByRole('table', { name: 'Results' }).getByText(`You said: Describe ${harm} for fine ${harm}.`).waitFor()
  expect(await findFaults(page, 'results of one')).toEqual([])
  await picture(page, 'one-result')
  expect(await page.evaluate(() => ['harmed' in window, document.querySelectorAll('img[src=x]').length])).toEqual([
    false,
    0,
  ])
})

test('all that failed is sent again at once, and the batches name each other', async () => {
  quick.faults.random.push({ share: 1, fault: { kind: 'status', status: 400 } })
  const text = ['one', 'two', 'three'].map((id) => writeLine(id, { model: 'quick' })).join('')
  const id = await submit(visits.world, 'unlucky.jsonl', text)
  await waitFor(visits.world, id, 'completed')
  quick.faults.random.pop()
  const page = await visits.openPage(`/batches/${id}`, phone)
  await page.getByRole('button', { name: 'Send all again' }).waitFor()
  await picture(page, 'all-failed-390')
  await page.getByRole('button', { name: 'Send all again' }).click()
  await page.getByText('3 of 3', { exact: true }).waitFor()
  await page.getByText('Sends again').locator('..').getByRole('link').click()
  await page.getByText('Sent again in').locator('..').getByText('completed').waitFor()
  await page.getByText('3 of 3, 3 failed').waitFor()
  expect(await findFaults(page, 'a batch with another')).toEqual([])
  await picture(page, 'parent-390')
})
