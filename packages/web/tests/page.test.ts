import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { looks, startVisits, type Look, type Visits } from './visits.ts'
import { makeBlock, Reporter, type World } from './world.ts'

let visits: Visits
let world: World

beforeAll(async () => {
  visits = await startVisits()
  world = visits.world
})

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

async function openPage(path: string, look?: Look): Promise<Page> {
  return visits.openPage(path, look)
}

function falling(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => 3 * Math.exp(-(from + at) / 200) + 1 + ((from + at) % 7) * 0.02)
}

/** Number at the end of the legend of a chart. */
async function readLegend(page: Page, chart: string, rank = 0): Promise<number> {
  const text = await page.locator(`[data-chart="${chart}"] .chart-legend-value`).nth(rank).textContent()
  return Number(text)
}

async function waitForText(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector, { hasText: text }).first().waitFor()
}

test('a one-time link signs in, and its code leaves the address', async () => {
  const context = await visits.openContext()
  const page = await context.newPage()
  const link = world.server.link()
  await page.goto(link)
  await page.getByRole('navigation', { name: 'Where you are' }).waitFor()
  expect(page.url()).toBe(`${world.url}/`)

  const stranger = await visits.openContext()
  const second = await stranger.newPage()
  await second.goto(link)
  await second.getByRole('alert').waitFor()
  await second.getByLabel('Or paste a link').fill(world.server.link())
  await second.getByRole('button', { name: 'Sign in' }).click()
  await second.getByRole('navigation', { name: 'Where you are' }).waitFor()
})

test('who is not signed in is told how to get a link, whatever the address', async () => {
  const context = await visits.openContext()
  const page = await context.newPage()
  await page.goto(`${world.url}/job/whatever`)
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.getByText('pilothouse link', { exact: true }).waitFor()
})

test('the dashboard fills by itself, and cards change without moving', async () => {
  const page = await openPage('/')
  const first = await Reporter.start(world, 'dash-one', { name: 'dash one', model: 'tiny', totalSteps: 400 })
  await page.getByRole('link', { name: 'dash one' }).waitFor()
  const second = await Reporter.start(world, 'dash-two', { name: 'dash two' })
  await page.getByRole('link', { name: 'dash two' }).waitFor()
  await first.points({ loss: falling(0, 100) }, 0)
  const card = page.locator('article', { hasText: 'dash one' })
  await card.getByText('step 99/400').waitFor()
  const names = await page.locator('article h3').allTextContents()
  expect(names.indexOf('dash two')).toBeLessThan(names.indexOf('dash one'))
  await second.finish('failed', { type: 'ValueError', message: 'shapes do not match' })
  await page.locator('article', { hasText: 'dash two' }).getByText('shapes do not match').waitFor()
  expect(await page.locator('article h3').allTextContents()).toEqual(names)
  await page.getByRole('link', { name: /Failed today\s*1/ }).waitFor()
})

test('a job that begins while the list is on its way is in it', async () => {
  const page = await openPage('/health')
  const told = new Promise<void>((resolve) => {
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => String(payload).includes('in between') && resolve())
    })
  })
  await page.route(
    '**/api/jobs?*',
    async (route) => {
      const response = await route.fetch()
      await Reporter.start(world, 'in-between', { name: 'in between' })
      await told
      await route.fulfill({ response })
    },
    { times: 1 },
  )
  await page.goto(world.url)
  await page.getByRole('link', { name: 'in between' }).waitFor()
})

test('filters stand in the address and come back from it', async () => {
  await Reporter.start(world, 'filter-a', { name: 'filter alpha', project: 'vision', tags: ['big'] })
  await Reporter.start(world, 'filter-b', { name: 'filter beta', project: 'text' })
  const page = await openPage('/?q=filter&project=vision')
  await page.getByRole('link', { name: 'filter alpha' }).waitFor()
  expect(await page.locator('article').count()).toBe(1)
  await page.keyboard.press('/')
  await page.keyboard.type('nothing like it')
  await page.getByRole('heading', { name: 'No job matches' }).waitFor()
  await page.getByRole('button', { name: 'Clear' }).click()
  await page.getByRole('link', { name: 'filter beta' }).waitFor()
  await page.getByRole('button', { name: 'Table' }).click()
  await page.getByRole('columnheader', { name: 'Progress' }).waitFor()
  expect(page.url()).toBe(`${world.url}/?view=table`)
})

test('the loss chart grows while the job trains', async () => {
  const job = await Reporter.start(world, 'chart-live', { totalSteps: 1_000 })
  await job.points({ loss: falling(0, 30) }, 0)
  const page = await openPage('/job/chart-live?smooth=0')
  await page.locator('[data-chart="loss"][data-state="ready"]').waitFor()
  await page.waitForFunction(
    () => document.querySelector('[data-chart="loss"] .chart-legend-value')?.textContent !== '',
  )
  for (let step = 30; step < 330; step += 50) await job.points({ loss: falling(step, 50) }, step)
  const last = falling(329, 1)[0] ?? 0
  await page.waitForFunction(
    (wanted) => Number(document.querySelector('[data-chart="loss"] .chart-legend-value')?.textContent) === wanted,
    Number(last.toPrecision(4)),
  )
  await page.getByText('step 329/1000').waitFor()
  await job.points({ 'val/loss': [2.5] }, 329)
  await page.locator('[data-chart="loss"] .chart-legend-entry').nth(1).waitFor()
  expect(await readLegend(page, 'loss', 1)).toBe(2.5)
})

test('every point stands in the table once, NaN included', async () => {
  const job = await Reporter.start(world, 'chart-table')
  await job.points({ loss: [3, 2, Number.NaN] }, 0)
  const page = await openPage('/job/chart-table?tab=metrics&table=loss&smooth=0')
  await waitForText(page, 'td', '3')
  await job.points({ loss: [1.5, Number.POSITIVE_INFINITY, 1] }, 3)
  await waitForText(page, 'td', '1.5')
  const steps = await page.locator('[data-chart="loss"] tbody tr td:first-child').allTextContents()
  expect(steps).toEqual(['5', '4', '3', '2', '1', '0'])
})

test('a drag zooms, the address keeps it, a double click shows all again', async () => {
  const job = await Reporter.start(world, 'chart-zoom')
  await job.points({ loss: falling(0, 500) }, 0)
  const page = await openPage('/job/chart-zoom?tab=metrics')
  const plot = page.locator('[data-chart="loss"] .u-over')
  await plot.waitFor()
  const box = await plot.boundingBox()
  if (!box) throw new Error('the chart has no place')
  await page.mouse.move(box.x + box.width * 0.25, box.y + 80)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.5, box.y + 90, { steps: 6 })
  await page.mouse.up()
  await page.waitForURL(/range=/)
  const range = new URL(page.url()).searchParams.get('range')?.split(',').map(Number) ?? []
  expect(range[0]).toBeGreaterThan(100)
  expect(range[1]).toBeLessThan(280)
  await page.reload()
  await page.getByRole('button', { name: 'Show all of loss' }).waitFor()
  await plot.dblclick()
  await page.waitForURL((url) => !url.search.includes('range'))
})

test('the arrow keys walk along a chart and say its values', async () => {
  const job = await Reporter.start(world, 'chart-keys')
  await job.points({ loss: [4, 3, 2] }, 0)
  const page = await openPage('/job/chart-keys')
  const image = page.locator('[data-chart="loss"] [role="img"]')
  await page.locator('[data-chart="loss"] .u-over').waitFor()
  await image.focus()
  await page.keyboard.press('Home')
  await waitForText(page, '[data-chart="loss"] [aria-live]', 'step 0: loss 4')
  await page.keyboard.press('ArrowRight')
  await waitForText(page, '[data-chart="loss"] [aria-live]', 'step 1: loss 3')
  expect(await image.getAttribute('aria-label')).toMatch(/^loss: 2 at step 2, between 2 and 4/)
})

test('the log follows its end, lets go on scrolling up, and jumps back', async () => {
  const job = await Reporter.start(world, 'log-follow')
  await job.lines(Array.from({ length: 400 }, (_, at) => `line ${at}`))
  const page = await openPage('/job/log-follow?tab=logs')
  await waitForText(page, '[data-line="399"]', 'line 399')
  await job.lines(['one more'], 'epoch 1:  40%|####')
  await waitForText(page, '[data-line="400"]', 'one more')
  await waitForText(page, '[data-open]', '40%')
  await page.locator('[role="log"]').hover()
  await page.mouse.wheel(0, -2_000)
  await page.getByRole('button', { name: 'Jump to end' }).waitFor()
  await job.lines(['while reading'])
  await waitForText(page, 'section', '402 lines')
  expect(await page.locator('[data-line="401"]').count()).toBe(0)
  await page.getByRole('button', { name: 'Jump to end' }).click()
  await waitForText(page, '[data-line="401"]', 'while reading')
})

test('a search finds lines far outside the window, and steps through them', async () => {
  const job = await Reporter.start(world, 'log-search')
  const lines = Array.from({ length: 6_000 }, (_, at) => (at % 2_000 === 5 ? `needle ${at}` : `straw ${at}`))
  for (let at = 0; at < lines.length; at += 2_000) await job.lines(lines.slice(at, at + 2_000))
  const page = await openPage('/job/log-search?tab=logs')
  await waitForText(page, '[data-line="5999"]', 'straw 5999')
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('NEEDLE')
  await waitForText(page, 'section', '3/3')
  await page.locator('[data-line="4005"] mark').waitFor()
  await page.getByRole('button', { name: 'Next match' }).click()
  await page.locator('[data-line="5"] mark').waitFor()
  await waitForText(page, 'section', '1/3')
  await page.getByRole('button', { name: 'Jump to end' }).click()
  await waitForText(page, '[data-line="5999"]', 'straw 5999')

  await page.getByRole('button', { name: 'Regular expression' }).click()
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('^needle.*$')
  await page.getByRole('button', { name: 'Next match' }).click()
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('(unclosed')
  await page.getByText('cannot search').waitFor()
})

test('names, keys and lines with HTML or terminal codes do nothing but stand there', async () => {
  const evil = '<img src=x onerror="document.title=\'owned\'">'
  const job = await Reporter.start(world, 'evil-text', {
    name: evil,
    model: evil,
    tags: [evil],
    config: { [evil]: evil },
  })
  await job.points({ [evil]: [1, 2] }, 0)
  await job.lines([`${evil} \u001b]0;owned\u0007\u001b[31mred\u001b[0m`])
  const page = await openPage('/job/evil-text')
  await waitForText(page, '[data-line="0"]', 'red')
  expect(await page.locator('[data-line="0"]').textContent()).toContain(`${evil} red`)
  await page.getByRole('heading', { level: 1, name: evil }).waitFor()
  await page.getByRole('link', { name: 'Configuration' }).click()
  await page.getByText(evil).first().waitFor()
  expect(await page.locator('img[src="x"]').count()).toBe(0)
  expect(await page.title()).not.toBe('owned')
})

test('a failed job leads with its error, its stage and its traceback', async () => {
  const job = await Reporter.start(world, 'failed-job')
  await job.report({ stages: [{ name: 'Training', state: 'active', at: Date.now() }] })
  await job.points({ loss: falling(0, 20) }, 0)
  await job.finish('failed', {
    type: 'RuntimeError',
    message: 'CUDA out of memory',
    traceback: 'Traceback\n  File "train.py", line 3',
  })
  const page = await openPage('/job/failed-job')
  await page.getByRole('heading', { name: 'RuntimeError: CUDA out of memory' }).waitFor()
  await page.getByText('Failed in Training').waitFor()
  await page.getByText('File "train.py", line 3').waitFor()
  await page.locator('[data-chart="loss"][data-state="ready"]').waitFor()
})

test('a paused view stands still, and shows what came since without a gap when it goes on', async () => {
  const job = await Reporter.start(world, 'paused-view', { totalSteps: 100 })
  await job.points({ loss: [5, 4] }, 0)
  await job.lines(['first'])
  const page = await openPage('/job/paused-view?smooth=0&table=loss')
  await waitForText(page, 'td', '4')
  await waitForText(page, '[data-line="0"]', 'first')
  await page.getByRole('button', { name: 'Pause view' }).click()
  await page.getByText('View paused.').waitFor()
  await job.points({ loss: [3, 2] }, 2)
  await job.lines(['second', 'third'])
  const other = await openPage('/job/paused-view')
  await waitForText(other, '[data-line="2"]', 'third')
  expect(await page.locator('[data-line="1"]').count()).toBe(0)
  expect(await page.getByText('step 1/100').count()).toBe(1)
  await page.getByRole('button', { name: 'Resume view' }).click()
  await waitForText(page, '[data-line="2"]', 'third')
  await waitForText(page, 'td', '2')
  expect(await page.locator('[data-chart="loss"] tbody tr').count()).toBe(4)
})

test('name, tags and notes are changed in place', async () => {
  await Reporter.start(world, 'edit-me')
  const page = await openPage('/job/edit-me')
  await page.getByRole('button', { name: 'Rename' }).click()
  await page.getByLabel('Name of the job').fill('renamed')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'renamed' }).waitFor()
  await page.getByRole('button', { name: 'Add tag' }).click()
  await page.getByLabel('New tag').fill('nice')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'nice' }).waitFor()
  await page.keyboard.press('8')
  await page.getByRole('button', { name: 'Write a note' }).click()
  await page.getByRole('textbox', { name: 'Notes' }).fill('keep this one')
  await page.getByRole('button', { name: 'Save note' }).click()
  await page.getByText('keep this one').waitFor()
})

test('a job is deleted after a word of warning', async () => {
  await Reporter.start(world, 'delete-me', { name: 'delete me' })
  const page = await openPage('/job/delete-me')
  await page.getByRole('button', { name: 'More about this job' }).click()
  await page.getByRole('menuitem', { name: 'Delete job' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete job' }).click()
  await page.waitForURL(`${world.url}/`)
  expect(await page.getByRole('link', { name: 'delete me' }).count()).toBe(0)
})

test('the training addresses lead to the same pages', async () => {
  await Reporter.start(world, 'same-page')
  const page = await openPage('/admin/training/same-page?tab=metrics')
  await page.waitForURL(`${world.url}/job/same-page?tab=metrics`)
  await page.goto(`${world.url}/admin/training`)
  await page.waitForURL(`${world.url}/`)
  await page.goto(`${world.url}/job/not-there`)
  await page.getByRole('heading', { name: 'Not found' }).waitFor()
})

test('keys: «?» shows the sheet, «g j» goes to the jobs', async () => {
  await Reporter.start(world, 'keys-job')
  const page = await openPage('/job/keys-job')
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('g')
  await page.keyboard.press('j')
  await page.waitForURL(`${world.url}/`)
})

test('the theme follows the system until one is chosen', async () => {
  const page = await openPage('/', { dark: true })
  const readTheme = async (): Promise<string | undefined> =>
    page.evaluate(() => document.documentElement.dataset['theme'])
  await page.getByRole('button', { name: /^Theme/ }).click()
  expect(await readTheme()).toBe('dark')
  await page.getByRole('menuitemradio', { name: 'Light' }).click()
  expect(await readTheme()).toBe('light')
  await page.reload()
  expect(await readTheme()).toBe('light')
})

test('a server that goes away is told with the time of the data, and its return brings what was missed', async () => {
  const job = await Reporter.start(world, 'away-job')
  await job.points({ loss: [5, 4] }, 0)
  await job.lines(['before'])
  const page = await openPage('/job/away-job?smooth=0&table=loss')
  await waitForText(page, '[data-line="0"]', 'before')
  await waitForText(page, 'td', '4')
  const { port } = world.server
  await world.server.close()
  await page.getByText(/Disconnected, showing data of \d\d:\d\d:\d\d/).waitFor()
  await world.startAgain(port)
  await job.points({ loss: [3] }, 2)
  await job.lines(['after'])
  await waitForText(page, '[data-line="1"]', 'after')
  await waitForText(page, 'td', '3')
  await page.getByText('Disconnected').waitFor({ state: 'detached' })
  expect(await page.locator('[data-chart="loss"] tbody tr').count()).toBe(3)
})

test.each(looks)(
  'at $width px nothing is cut off, and axe finds nothing serious',
  async (look) => {
    const name = 'a11y-job'
    const job = await Reporter.start(world, `${name}-${look.width}`, {
      name: 'a rather long name for a job that trains a large model',
      model: 'tiny-gpt',
      dataset: 'books',
      tags: ['a', 'bb'],
      totalSteps: 500,
      config: { lr: 0.1, nested: { depth: 2 } },
    })
    await job.report({
      points: [
        makeBlock({ loss: falling(0, 200), accuracy: falling(0, 200) }, 0),
        makeBlock({ 'gpu.utilization': [90, 95, 93], 'gpu.memory.used': [2e9, 2e9, 2e9] }, 0, { source: 'gpu:box/0' }),
      ],
    })
    await job.lines(['hello', 'WARNING: careful', 'ERROR: wrong'])
    const views = ['', '?tab=metrics', '?tab=resources', '?tab=logs', '?tab=configuration'].map(
      (tab) => `/job/${job.uid}${tab}`,
    )
    const page = await openPage('/', look)
    const faults: string[] = []
    for (const path of ['/', '/?view=table', ...views]) {
      await page.goto(world.url + path)
      await page
        .locator('article, table, [role="table"] a, [data-state="ready"], [data-line="2"], dl')
        .first()
        .waitFor()
      faults.push(...(await findFaults(page, path)))
    }
    expect(faults).toEqual([])
  },
  90_000,
)
