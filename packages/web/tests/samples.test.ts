import type { SampleEvent } from '@pilothouse/contract'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { makePng } from './make-png.ts'
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

function makeText(step: number, output: string, index = 0): SampleEvent {
  const body = { prompt: `prompt ${index}`, output, fields: { score: 0.5 } }
  return { kind: 'text', key: 'answers', step, at: Date.now(), index, body }
}

function makeHistogram(step: number, counts: number[]): SampleEvent {
  const edges = Array.from({ length: counts.length + 1 }, (_, at) => at - 2)
  return { kind: 'histogram', key: 'weights', step, at: Date.now(), index: 0, body: { counts, edges } }
}

function makeImage(step: number, index: number, caption: string): SampleEvent {
  return { kind: 'image', key: 'pictures', step, at: Date.now(), index, caption, data: makePng(24, 16, index * 40) }
}

function makeTable(step: number, rows: number): SampleEvent {
  const cells = Array.from({ length: rows }, (_, at) => [
    `row ${at}`,
    (at * 7919) % rows,
    at % 5 === 0 ? null : at / rows,
  ])
  return {
    kind: 'table',
    key: 'table',
    step,
    at: Date.now(),
    index: 0,
    body: { columns: ['name', 'order', 'share'], rows: cells },
  }
}

async function waitForOutput(where: Page | Locator, text: string): Promise<void> {
  await where.locator('[data-output]', { hasText: text }).first().waitFor()
}

test('the newest step is followed until somebody walks back, and again on demand', async () => {
  const job = await Reporter.start(world, 'follow')
  await job.report({ samples: [makeText(0, 'first words')] })
  await job.report({ samples: [makeText(10, 'second words')] })
  const page = await visits.openPage('/job/follow?tab=samples')
  await waitForOutput(page, 'second words')
  await job.report({ samples: [makeText(20, 'third words')] })
  await waitForOutput(page, 'third words')
  await page.getByRole('button', { name: 'Previous step' }).click()
  await waitForOutput(page, 'second words')
  expect(new URL(page.url()).searchParams.get('at')).toBe('10')
  await job.report({ samples: [makeText(30, 'fourth words')] })
  await page.getByText('2 of 4').waitFor()
  await waitForOutput(page, 'second words')
  await page.getByRole('button', { name: 'Latest' }).click()
  await waitForOutput(page, 'fourth words')
})

test('the slider and the arrow keys walk through the steps, and a number goes straight to one', async () => {
  const job = await Reporter.start(world, 'walk')
  await job.report({ samples: Array.from({ length: 30 }, (_, at) => makeText(at * 100, `words at ${at * 100};`)) })
  const page = await visits.openPage('/job/walk?tab=samples')
  await waitForOutput(page, 'words at 2900;')
  await page.getByRole('slider', { name: 'Step' }).press('Home')
  await waitForOutput(page, 'words at 0;')
  await page.getByRole('slider', { name: 'Step' }).press('ArrowRight')
  await waitForOutput(page, 'words at 100;')
  await page.getByRole('heading', { level: 1 }).click()
  await page.keyboard.press('Shift+ArrowRight')
  await waitForOutput(page, 'words at 1100;')
  await page.getByRole('textbox', { name: 'step' }).fill('1777')
  await page.keyboard.press('Enter')
  await waitForOutput(page, 'words at 1700;')
  await page.reload()
  await waitForOutput(page, 'words at 1700;')
})

test('playing ends at the newest step', async () => {
  const job = await Reporter.start(world, 'play')
  await job.report({ samples: [makeText(0, 'one'), makeText(1, 'two'), makeText(2, 'three')] })
  const page = await visits.openPage('/job/play?tab=samples')
  await waitForOutput(page, 'three')
  await page.getByRole('button', { name: 'Play through the steps' }).click()
  await waitForOutput(page, 'one')
  await waitForOutput(page, 'three')
  await page.getByRole('button', { name: 'Play through the steps' }).waitFor()
})

test('a pinned step stands beside the one at the slider, differences are marked, and the address keeps both', async () => {
  const job = await Reporter.start(world, 'compare')
  await job.report({
    samples: [makeText(0, 'the cat sat down'), makeText(5, 'noise'), makeText(9, 'the dog sat down')],
  })
  const page = await visits.openPage('/job/compare?tab=samples&at=0')
  await waitForOutput(page, 'the cat sat down')
  await page.getByRole('button', { name: /Pin/ }).click()
  await page.getByRole('slider', { name: 'Step' }).press('End')
  const [left, right] = [page.locator('[data-pane="0"]'), page.locator('[data-pane="9"]')]
  await waitForOutput(left, 'the cat sat down')
  await right.getByRole('button', { name: 'Changes since 0' }).click()
  await right.locator('del', { hasText: 'cat' }).waitFor()
  await right.locator('ins', { hasText: 'dog' }).waitFor()
  await page.reload()
  await right.locator('ins', { hasText: 'dog' }).waitFor()
  await waitForOutput(left, 'the cat sat down')
  await left.getByRole('button', { name: 'Unpin step 0' }).click()
  await left.waitFor({ state: 'detached' })
  expect(new URL(page.url()).searchParams.has('pin')).toBe(false)
})

test('panes stand beside each other on a wide screen, and below each other on a phone', async () => {
  const job = await Reporter.start(world, 'stack')
  await job.report({ samples: [makeText(0, 'one'), makeText(1, 'two')] })
  const measure = async (width: number): Promise<{ beside: boolean; below: boolean }> => {
    const page = await visits.openPage('/job/stack?tab=samples&at=1&pin=0', { width })
    const boxes = [
      await page.locator('[data-pane="0"]').boundingBox(),
      await page.locator('[data-pane="1"]').boundingBox(),
    ]
    const [first, second] = boxes
    if (!first || !second) throw new Error('a pane has no place')
    return { beside: second.x >= first.x + first.width, below: second.y >= first.y + first.height }
  }
  expect(await measure(1440)).toEqual({ beside: true, below: false })
  expect(await measure(390)).toEqual({ beside: false, below: true })
})

test('a table of thousands of rows holds few in the page; it sorts, searches, and shows a row whole', async () => {
  const job = await Reporter.start(world, 'table')
  await job.report({ samples: [makeTable(0, 4_000)] })
  const page = await visits.openPage('/job/table?tab=samples')
  const table = page.getByRole('table', { name: 'Rows' })
  await table.getByRole('cell', { name: 'row 3', exact: true }).waitFor()
  expect(await table.getByRole('row').count()).toBeLessThan(80)
  await table.getByRole('button', { name: 'order' }).click()
  await table.getByRole('button', { name: 'order' }).click()
  expect(await table.getByRole('columnheader', { name: 'order' }).getAttribute('aria-sort')).toBe('descending')
  expect(await table.getByRole('row').nth(1).getByRole('cell').nth(2).textContent()).toBe('3999')
  await page.getByRole('searchbox', { name: 'Search rows' }).fill('row 3999')
  await page.getByText('2 of 4000 rows').waitFor()
  await table.getByRole('button', { name: 'Read row 4000 whole' }).click()
  await page.getByRole('dialog', { name: 'Row 4000' }).getByText('row 3999').waitFor()
})

test('images are shown with their captions, and open large', async () => {
  const job = await Reporter.start(world, 'images')
  await job.report({ samples: [makeImage(0, 0, 'a cat'), makeImage(0, 1, 'a dog')] })
  const page = await visits.openPage('/job/images?tab=samples')
  const picture = page.getByRole('img', { name: 'a dog' })
  await picture.waitFor()
  await page.waitForFunction(() => [...document.images].every(({ naturalWidth }) => naturalWidth === 24))
  await picture.click()
  const large = page.getByRole('dialog', { name: 'Image 2 of 2, step 0' })
  await large.getByText('24 × 16').waitFor()
  await large.getByRole('button', { name: 'Image before' }).click()
  await page.getByRole('dialog', { name: 'Image 1 of 2, step 0' }).getByRole('img', { name: 'a cat' }).waitFor()
})

test('histograms are drawn through all steps, and a click goes to one', async () => {
  const job = await Reporter.start(world, 'histograms')
  await job.report({
    samples: [makeHistogram(0, [0, 8, 0, 0]), makeHistogram(50, [1, 4, 3, 0]), makeHistogram(99, [2, 2, 2, 2])],
  })
  const page = await visits.openPage('/job/histograms?tab=samples')
  await page.locator('[data-history="3"]').waitFor()
  await page.getByText('8 values · median 0').waitFor()
  const map = page.getByRole('img', { name: /^Histograms of 3 steps/ })
  const box = await map.boundingBox()
  if (!box) throw new Error('the map has no place')
  await map.click({ position: { x: box.width * 0.5, y: 40 } })
  await page.waitForURL(/at=50/)
  await map.click({ position: { x: 70, y: 40 } })
  await page.waitForURL(/at=0/)
  await page.getByText('median -0.5').first().waitFor()
  await job.report({ samples: [makeHistogram(120, [5, 5, 5, 5])] })
  await page.locator('[data-history="4"]').waitFor()
  await page.getByRole('button', { name: 'Ridges' }).click()
  await page.getByRole('img', { name: /^Histograms of 4 steps/ }).waitFor()
})

test('a job without samples says what fills the view', async () => {
  await Reporter.start(world, 'nothing')
  const page = await visits.openPage('/job/nothing?tab=samples')
  await page.getByRole('heading', { name: 'No samples logged yet' }).waitFor()
  await page.getByText('pilothouse.Histogram').waitFor()
})

test('text, captions and cells with HTML do nothing but stand there', async () => {
  const evil = '<img src=x onerror="document.title=\'owned\'">'
  const job = await Reporter.start(world, 'evil')
  await job.report({ samples: [makeText(0, evil), { ...makeImage(0, 0, evil), key: 'answers' }] })
  const page = await visits.openPage('/job/evil?tab=samples')
  await waitForOutput(page, evil)
  expect(await page.locator('img[src="x"]').count()).toBe(0)
  expect(await page.title()).not.toBe('owned')
})

test('the overview tells alerts, and where the model is and answers', async () => {
  const job = await Reporter.start(world, 'artifacts', { group: 'sweep seven', jobType: 'train' })
  const at = Date.now()
  const common = {
    direction: 'output' as const,
    host: 'node7',
    at,
    step: 40,
    bytes: 2048,
    sha256: null,
    files: [],
    filesTotal: 0,
    metadata: {},
  }
  await job.report({
    alerts: [{ title: 'Loss plateau', text: 'Nothing fell.', level: 'warning', at, step: 40 }],
    artifacts: [
      { ...common, name: 'the model', kind: 'model', uri: '/data/model.bin' },
      { ...common, name: 'answers', kind: 'deployment', uri: 'http://node7:8000/v1' },
    ],
  })
  const page = await visits.openPage('/job/artifacts')
  await page.getByText('sweep seven').waitFor()
  const alerts = page.getByRole('region', { name: 'Alerts' })
  await alerts.getByText('Loss plateau').waitFor()
  await alerts.getByText('warning · step 40').waitFor()
  const artifacts = page.getByRole('region', { name: 'Artifacts' })
  await artifacts.getByRole('button', { name: 'Copy place of the model' }).click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  expect(await page.evaluate(async () => navigator.clipboard.readText())).toBe('/data/model.bin')
  expect(await artifacts.getByRole('link', { name: 'http://node7:8000/v1' }).getAttribute('rel')).toContain('noopener')
})

test.each(mainLooks)(
  'at $width px samples of every kind are whole, and axe finds nothing serious',
  async (look) => {
    const job = await Reporter.start(world, `look-${look.width}`, { name: 'job with samples' })
    await job.report({
      samples: [0, 10].flatMap((step) => [
        makeText(step, `a sentence that is not short, as it was written at step ${step}`),
        makeImage(step, 0, 'a caption'),
        makeTable(step, 50),
        makeHistogram(step, [1, 5, 9, 2]),
      ]),
    })
    const page = await visits.openPage('/', look)
    const faults: string[] = []
    for (const view of ['answers&pin=0', 'pictures', 'table', 'weights&pin=0']) {
      await page.goto(`${world.url}/job/${job.uid}?tab=samples&sample=${view}`)
      await page.locator('[data-pane="10"] section').first().waitFor()
      faults.push(...(await findFaults(page, view)))
    }
    expect(faults).toEqual([])
  },
  90_000,
)
