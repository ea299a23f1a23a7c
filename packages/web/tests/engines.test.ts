/** Engines as people meet them: a stand-in that speaks OpenAI's API on a real socket, added and looked at in the page. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startStubEngine, type StubEngine } from '../../../lab/stub-engine/start-stub-engine.ts'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { readAdminToken, Reporter } from './world.ts'

const engineKey = 'sk-of-the-engine'
let stub: StubEngine
let visits: Visits
beforeAll(async () => {
  stub = await startStubEngine({ model: 'small-llama', apiKey: engineKey })
  visits = await startVisits()
})
afterEach(async () => visits.leave())
afterAll(async () => {
  await visits.close()
  await stub.close()
})

const card = (page: Page, name: string) =>
  page
    .getByRole('list', { name: 'Engines', exact: true })
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name, exact: true }) })
const toast = (page: Page, words: string | RegExp) => page.getByRole('status').getByText(words)

/** Makes one known over the API, for tests that are about something else. */
async function addEngine(body: Record<string, unknown>): Promise<void> {
  const headers = { authorization: `Bearer ${await readAdminToken(visits.world)}`, 'content-type': 'application/json' }
  const answer = await fetch(`${visits.world.url}/api/engines`, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(answer.status).toBe(200)
}

test.each(mainLooks)('an empty page says what engines are and how to begin at $width px', async (look) => {
  const page = await visits.openPage('/engines', look)
  await page.getByRole('heading', { name: 'No engines yet' }).waitFor()
  for (const line of ['vllm serve', 'llama-server', 'ollama serve', 'pilothouse engines add'])
    await page.getByText(line).first().waitFor()
  await page.getByRole('button', { name: 'Copy base_url' }).click()
  expect(await page.evaluate(async () => navigator.clipboard.readText())).toBe(`${visits.world.url}/v1`)
  expect(await findFaults(page, 'no engines')).toEqual([])
})

test('keys lead there, and end nothing on the way', async () => {
  await Reporter.start(visits.world, 'kept', { name: 'kept' })
  const page = await visits.openPage('/')
  await page.getByRole('heading', { name: 'kept' }).waitFor()
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await page.getByRole('group', { name: 'Selected jobs' }).getByText('1 job selected').waitFor()
  // After the sheet of keys the list listens before the frame; its «e» archives what is picked.
  await page.keyboard.press('?')
  await page.getByRole('dialog').getByText('Go to engines').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  const changes: string[] = []
  page.on('request', (request) => {
    if (request.method() !== 'GET') changes.push(request.url())
  })
  await page.keyboard.press('g')
  await page.keyboard.press('e')
  await page.getByRole('heading', { name: 'No engines yet' }).waitFor()
  expect(changes).toEqual([])
  await page.keyboard.press('g')
  await page.keyboard.press('j')
  await page.getByRole('heading', { name: 'kept' }).waitFor()
})

test('an engine is added by the page, with what is wrong beside the field, and shows how it is', async () => {
  const page = await visits.openPage('/engines')
  await page.getByRole('button', { name: 'Add an engine' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Name').fill('lab')
  await sheet.getByLabel('Address').fill('127.0.0.1:8000')
  await sheet.getByLabel('Requests at once, at most').fill('many')
  await sheet.getByRole('button', { name: 'Add engine' }).click()
  await sheet
    .getByRole('alert')
    .getByText(/Write the whole address/)
    .waitFor()
  await sheet
    .getByRole('alert')
    .getByText(/A whole number from 1/)
    .waitFor()
  expect(await findFaults(page, 'adding an engine')).toEqual([])
  await sheet.getByLabel('Address').fill(stub.url.replace('http://', 'http://somebody:secret@'))
  await sheet.getByLabel('Requests at once, at most').fill('16')
  await sheet.getByRole('button', { name: 'Add engine' }).click()
  await sheet
    .getByRole('alert')
    .getByText(/holds no user and no password/)
    .waitFor()
  await sheet.getByLabel('Address').fill(stub.url)
  await sheet.getByLabel('Key', { exact: true }).fill('sk-wrong')
  expect(await sheet.getByLabel('Key', { exact: true }).getAttribute('type')).toBe('password')
  await sheet.getByLabel('Key', { exact: true }).press('Enter')
  await toast(page, /The engine refuses the key/).waitFor()
  await card(page, 'lab').getByText('failing').waitFor()
  await card(page, 'lab')
    .getByText(/refuses the key/)
    .waitFor()

  await card(page, 'lab').getByRole('link', { name: 'Change' }).click()
  expect(await sheet.getByLabel('Another key').inputValue()).toBe('')
  await sheet.getByLabel('Another key').fill(engineKey)
  await sheet.getByRole('button', { name: 'Save' }).click()
  await toast(page, /is healthy and answers for 1 model/).waitFor()
  await card(page, 'lab').getByText('healthy').waitFor()
  await card(page, 'lab').getByText('small-llama').waitFor()
  await card(page, 'lab').getByText('at most 16 at once').waitFor()
  await card(page, 'lab').getByText('0 tokens in, 0 out').waitFor()
  expect(await card(page, 'lab').getByRole('term').allTextContents()).toEqual(['running', 'waiting'])
  await card(page, 'lab').getByRole('button', { name: 'Copy small-llama' }).click()
  expect(await page.evaluate(async () => navigator.clipboard.readText())).toBe('small-llama')
  expect(await page.content()).not.toContain(engineKey)
})

test('it fails in words when it stops, and is well again', async () => {
  const page = await visits.openPage('/engines')
  await card(page, 'lab').getByText('healthy').waitFor()
  await stub.stop()
  // One look in vain may be bad luck: it is said, and the second one counts, whoever makes it.
  await card(page, 'lab').getByRole('button', { name: 'Check now' }).click()
  await toast(page, /«lab» (was asked in vain|is not well)/).waitFor()
  await card(page, 'lab')
    .getByText(/^(The last look was in vain: )?Nothing listens/)
    .waitFor()
  await card(page, 'lab').getByText('failing').waitFor()
  await stub.start()
  await card(page, 'lab').getByRole('button', { name: 'Check now' }).click()
  await toast(page, /«lab» is healthy/).waitFor()
  await card(page, 'lab').getByText('healthy').waitFor()
})

test('it is paused and resumed, and keeps its key when its price is set', async () => {
  const page = await visits.openPage('/engines')
  await card(page, 'lab').getByRole('button', { name: 'Pause' }).click()
  await toast(page, /gets no requests until it is resumed/).waitFor()
  await card(page, 'lab').getByText('paused', { exact: true }).waitFor()
  await card(page, 'lab').getByRole('button', { name: 'Resume' }).click()
  await card(page, 'lab').getByText('healthy').waitFor()
  await card(page, 'lab').getByRole('link', { name: 'Change' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Name').fill('the lab')
  await sheet.getByRole('button', { name: 'Add a price' }).click()
  await sheet.getByLabel('Model', { exact: true }).fill('small-llama')
  await sheet.getByLabel('Tokens in').fill('0.1')
  await sheet.getByRole('button', { name: 'Save' }).click()
  await sheet
    .getByRole('alert')
    .getByText(/Both prices are numbers/)
    .waitFor()
  expect(await findFaults(page, 'a price that is missing')).toEqual([])
  await sheet.getByLabel('Tokens out').fill('0.4')
  await sheet.getByRole('button', { name: 'Save' }).click()
  await card(page, 'the lab').getByText('$0.10 in, $0.40 out').waitFor()
  await card(page, 'the lab').getByText('healthy').waitFor()
})

test('models named by hand are all there on demand, and a name is had once', async () => {
  const models = Array.from({ length: 30 }, (_, at) => `model-${at}`)
  await addEngine({ name: 'many', baseUrl: stub.url, apiKey: engineKey, models })
  const page = await visits.openPage('/engines')
  await card(page, 'many').getByRole('link', { name: 'All 30 models' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Find a model').fill('model-2')
  expect(await sheet.getByRole('listitem').count()).toBe(11)
  expect(await findFaults(page, 'models')).toEqual([])
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'detached' })
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('All 30 models')
  await card(page, 'many').getByRole('link', { name: 'Change' }).click()
  await sheet.getByLabel('Name').fill('the lab')
  await sheet.getByRole('button', { name: 'Save' }).click()
  await sheet.getByRole('alert').getByText('Another engine is called «the lab».').waitFor()
})

test.each(mainLooks)('engines have no faults at $width px', async (look) => {
  const page = await visits.openPage('/engines', look)
  await card(page, 'many').waitFor()
  expect(await findFaults(page, 'engines')).toEqual([])
  const rooms = page.getByRole('navigation', { name: 'Rooms' }).getByRole('link')
  const boxes = await rooms.evaluateAll((links) =>
    links.map((link) => ({ isCut: link.scrollWidth > link.clientWidth, height: link.getBoundingClientRect().height })),
  )
  expect(boxes.length).toBeGreaterThan(5)
  expect(boxes.filter(({ isCut }) => isCut)).toEqual([])
  if (look.width < 640) expect(Math.min(...boxes.map(({ height }) => height))).toBeGreaterThanOrEqual(44)
})

test('without an answer the page says so and asks again; what it knew stays, with its age', async () => {
  const page = await visits.openPage('/')
  await page.route('**/api/engines', async (route) => route.abort())
  await page.getByRole('link', { name: 'Engines' }).click()
  await page.getByRole('heading', { name: 'The server does not answer' }).waitFor()
  expect(await findFaults(page, 'no answer')).toEqual([])
  await page.unroute('**/api/engines')
  await page.getByRole('button', { name: 'Try again' }).click()
  await card(page, 'many').waitFor()
  await page.route('**/api/engines', async (route) => route.abort())
  await card(page, 'many').getByRole('button', { name: 'Check now' }).click()
  await page
    .getByRole('alert')
    .getByText(/What stands here was true at/)
    .waitFor()
  await card(page, 'many').waitFor()
})

test('a member sees engines and changes none; a viewer is told who may see them', async () => {
  const page = await visits.openPageAs('member', '/engines?add=engine')
  await card(page, 'the lab').getByText('0.1 in, 0.4 out').waitFor()
  await page.getByText('An admin adds and changes engines.').waitFor()
  expect(await page.getByRole('button', { name: /Add|Check|Pause|Forget/ }).count()).toBe(0)
  expect(await page.getByRole('dialog').count()).toBe(0)
  const viewer = await visits.openPageAs('viewer', '/engines')
  await viewer.getByRole('heading', { name: 'Engines are for those who send requests' }).waitFor()
  expect(await viewer.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Engines' }).count()).toBe(0)
  expect(await findFaults(viewer, 'no permission')).toEqual([])
})

test('an engine is forgotten after a question that says what becomes of it', async () => {
  const page = await visits.openPage('/engines')
  await card(page, 'many').getByRole('button', { name: 'Forget many' }).click()
  await page.getByRole('dialog').getByText('The engine itself goes on running.').waitFor()
  expect(await findFaults(page, 'forgetting')).toEqual([])
  await page.getByRole('button', { name: 'Forget engine' }).click()
  await toast(page, 'The engine «many» is forgotten.').waitFor()
  await card(page, 'many').waitFor({ state: 'detached' })
  await card(page, 'the lab').waitFor()
})
