/** Jobs side by side: twelve that differ in rate and batch, and really learn differently. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { makeProjection, plainStance } from '../src/compare/space-projection.ts'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits
const steps = Array.from({ length: 80 }, (_, at) => at)
const rates = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2]
const uids = rates.flatMap((_, at) => [`sweep-${at}-small`, `sweep-${at}-large`])

beforeAll(async () => {
  visits = await startVisits()
  for (const [at, lr] of rates.entries())
    for (const [size, batch] of [
      ['small', 16],
      ['large', 256],
    ] as const) {
      const optimizer = at % 2 === 0 ? 'adam' : 'sgd'
      const config = { lr, batch, optimizer: { name: optimizer }, seed: 7 }
      const recipe = { python: '3.11.7', packages: { torch: at < 3 ? '2.9.0' : '2.13.0', numpy: '2.4.6' } }
      const job = await Reporter.start(visits.world, `sweep-${at}-${size}`, {
        name: `lr ${lr} ${size}`,
        config,
        recipe,
        project: 'sweep',
      })
      const pace = lr * 400
      await job.points({ loss: steps.map((step) => 1 / (1 + pace * step) + (batch === 256 ? 0.1 : 0)) }, 0)
      await job.points({ 'val/loss': [1 / (1 + pace * 79) + 0.05] }, 79)
      await job.finish()
    }
})

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

const address = (tab?: string, jobs: readonly string[] = uids) =>
  `/compare?${jobs.map((uid) => `job=${uid}`).join('&')}${tab === undefined ? '' : `&tab=${tab}`}`
const table = (page: Page, name: string) => page.getByRole('region', { name: `${name}, table` })
const cells = async (page: Page, name: string, row: RegExp): Promise<string[]> =>
  table(page, name).getByRole('row', { name: row }).getByRole('cell').allTextContents()

test('jobs picked in the list are laid over each other, in colours that stay', async () => {
  const page = await visits.openPage('/?project=sweep')
  await page.getByRole('button', { name: 'Select jobs' }).click()
  await page.getByLabel('Select lr 0.03 small').check()
  await page.getByLabel('Select lr 0.0001 small').check()
  await page.getByRole('link', { name: 'Compare' }).click()
  await page.locator('[data-chart="loss"] [aria-label*="lr 0.0001 small"]').waitFor()
  const names = await page.locator('[data-chart="loss"] .chart-legend-name').allTextContents()
  expect(names.filter((name) => name.includes('train')).length).toBe(2)
  await page.getByRole('button', { name: 'Add a job' }).click()
  const sheet = page.getByRole('dialog', { name: 'Compare with' })
  await sheet.getByRole('button', { name: /^lr 0.001 large/ }).click()
  await page.keyboard.press('Escape')
  await page.locator('[data-chart="loss"] [aria-label*="lr 0.001 large"]').waitFor()
  expect(new URL(page.url()).searchParams.getAll('job').length).toBe(3)
  await page.getByRole('button', { name: 'Take lr 0.03 small away' }).click()
  await page.getByRole('list', { name: 'Jobs compared' }).getByText('lr 0.03 small').waitFor({ state: 'detached' })
})

test('settings show what differs, results who is best, the environment its versions', async () => {
  const two = ['sweep-0-small', 'sweep-5-large']
  const page = await visits.openPage(address('settings', two))
  await table(page, 'Settings').waitFor()
  expect(await cells(page, 'Settings', /^lr/)).toEqual(['1e-4', '0.03'])
  expect(await table(page, 'Settings').getByRole('row', { name: /^seed/ }).count()).toBe(0)
  await page.getByLabel('also what is the same').check()
  expect(await cells(page, 'Settings', /^seed/)).toEqual(['7', '7'])
  await page.getByRole('link', { name: 'Results' }).click()
  expect((await cells(page, 'Results', /^loss, best/))[1]).toContain('stands out')
  await page.getByRole('link', { name: 'Environment' }).click()
  expect(await cells(page, 'Environment', /^package torch/)).toEqual(['2.9.0', '2.13.0'])
  await page.getByRole('link', { name: 'Time and resources' }).click()
  expect(await cells(page, 'Time and resources', /^state/)).toEqual(['completed', 'completed'])
})

test('what matters is told from all of them: the rate, not the seed', async () => {
  const page = await visits.openPage(`${address('influence')}&metric=val/loss`)
  const first = page.getByRole('region', { name: 'Influence, table' }).getByRole('row').nth(1)
  await first.waitFor()
  expect(await first.getByRole('rowheader').textContent()).toBe('lr')
  expect(await page.getByText('seed').count()).toBe(0)
  await page.getByRole('img', { name: /^One line for each of 12 jobs/ }).waitFor()
  await page.getByRole('img', { name: /^val\/loss of 12 jobs over lr/ }).waitFor()
})

test('one job is too few, and one that is not there is named', async () => {
  const page = await visits.openPage('/compare?job=sweep-0-small')
  await page.getByText('Choose at least two jobs').waitFor()
  await page.goto(`${visits.world.url}/compare?job=sweep-0-small&job=sweep-1-small&job=nobody`)
  await page.getByRole('list', { name: 'Jobs compared' }).getByText('no such job').waitFor()
})

test.each(mainLooks)('a comparison has no faults at $width px', async (look) => {
  const page = await visits.openPage(address(), look)
  await page.locator('[data-chart="loss"] [aria-label*="lr 0.0001 small"]').waitFor()
  expect(await findFaults(page, 'metrics')).toEqual([])
  for (const tab of ['settings', 'influence', 'space']) {
    await page.goto(visits.world.url + address(tab))
    await page
      .getByRole('region', { name: /, table$/ })
      .first()
      .waitFor()
    expect(await findFaults(page, tab)).toEqual([])
  }
  for (const more of [`${address()}&by=config.lr`, '/compare?search=project:sweep']) {
    await page.goto(visits.world.url + more)
    await page
      .getByRole('region', { name: 'Influence, table' })
      .or(page.getByRole('list', { name: 'Groups' }))
      .waitFor()
    expect(await findFaults(page, more)).toEqual([])
  }
})

test('jobs with one setting in common become one line with a band, as the address says', async () => {
  const page = await visits.openPage(address())
  const chart = page.locator('[data-chart="loss"]')
  await chart.locator('[aria-label*="lr 0.0001 small"]').waitFor()
  await page.getByLabel('group by').selectOption('config.lr')
  await chart.locator('[aria-label*="lr = 3e-4 (2 jobs)"]').waitFor()
  const names = await chart.locator('.chart-legend-name').allTextContents()
  expect(names.filter((name) => name.includes('train'))).toEqual(
    ['1e-4', '3e-4', '0.001', '0.003', '0.01', '0.03'].map((lr) => `lr = ${lr} (2 jobs) train`),
  )
  // The large batches lie 0.1 higher: the band is that wide, and the mean in its middle.
  expect(await chart.getByRole('img').getAttribute('aria-label')).toContain(
    'lr = 1e-4 (2 jobs) train: 0.2904 at step 79, between 0.2404 and 1.1.',
  )
  await page.getByLabel('band').selectOption('sd')
  expect(new URL(page.url()).search).toMatch(/by=config\.lr&band=sd$/)
  await page.getByRole('link', { name: 'Results' }).click()
  expect(await table(page, 'Results').getByRole('columnheader').allTextContents()).toContain('lr = 0.03 (2 jobs)')
  expect((await cells(page, 'Results', /^loss, best/))[5]).toMatch(/^0\.0510\d? ± 0\.071, n 2 \(stands out\)$/)
  await page.reload()
  expect(await page.getByLabel('group by').inputValue()).toBe('config.lr')
  await page.getByLabel('group by').selectOption('')
  await table(page, 'Results').getByRole('link', { name: 'lr 0.03 small' }).waitFor()
})

/** Draws along an axis of the parallel coordinates, in shares of the picture's height. */
async function drawRange(page: Page, axis: string, [from, to]: readonly [number, number]): Promise<void> {
  const slider = page.getByRole('slider', { name: `Range of ${axis}`, exact: true })
  await slider.scrollIntoViewIfNeeded()
  const box = await slider.boundingBox()
  if (!box) throw new Error(`no axis ${axis}`)
  const x = box.x + box.width / 2
  await page.mouse.move(x, box.y + from * box.height)
  await page.mouse.down()
  await page.mouse.move(x, box.y + ((from + to) / 2) * box.height)
  await page.mouse.move(x, box.y + to * box.height)
  await page.mouse.up()
}

test('ranges on several axes leave the jobs that run through all of them, and the address keeps them', async () => {
  const page = await visits.openPage(`${address('influence')}&metric=val/loss`)
  const status = page.getByRole('region', { name: 'Parallel coordinates', exact: true }).getByRole('status')
  const inPicture = page.getByRole('list', { name: 'Jobs in the picture' }).getByRole('listitem')
  await page.getByRole('slider', { name: 'Range of lr', exact: true }).waitFor()
  await drawRange(page, 'lr', [0.02, 0.45])
  await page.getByText(/^6 of 12 jobs: lr .* … 0\.03/).waitFor()
  await drawRange(page, 'optimizer.name', [0.6, 0.98])
  await page.getByText(/^2 of 12 jobs: .*optimizer\.name adam/).waitFor()
  expect(await inPicture.allTextContents()).toEqual(['lr 0.01 small', 'lr 0.01 large'])
  expect(await page.locator('polyline[data-look="outside"]').count()).toBe(10)
  await page.reload()
  await page.getByText(/^2 of 12 jobs/).waitFor()
  await page.getByRole('slider', { name: 'Range of optimizer.name', exact: true }).dblclick()
  await page.getByText(/^6 of 12 jobs/).waitFor()
  await page.getByRole('slider', { name: 'Range of lr', exact: true }).press('Delete')
  await expect.poll(() => inPicture.count()).toBe(12)
  await page.getByRole('slider', { name: 'Range of lr', exact: true }).press('ArrowUp')
  await page.getByText(/^4 of 12 jobs/).waitFor()
  expect(await status.textContent()).toContain('lr 0.00721 … 0.03')
  await page.getByRole('button', { name: 'Compare only these' }).click()
  await page.getByText('of 4 jobs').waitFor({ state: 'detached' })
  expect(new URL(page.url()).searchParams.getAll('job').length).toBe(4)
})

test('axes are moved by their names and by keys, and turned around', async () => {
  const page = await visits.openPage(`${address('influence')}&metric=val/loss`)
  const head = (name: string) => page.getByRole('button', { name: new RegExp(`^${name}( log)?\\s?, axis`) })
  const place = async (name: string): Promise<string | null> => head(name).textContent()
  await head('lr').waitFor()
  expect(await place('lr')).toBe('lr log, axis 1 of 4')
  await head('lr').press('ArrowRight')
  await expect.poll(() => place('lr')).toBe('lr log, axis 2 of 4')
  expect(await head('lr').evaluate((element) => element === document.activeElement)).toBe(true)
  const [from, to] = [await head('val/loss').boundingBox(), await head('lr').boundingBox()]
  if (!from || !to) throw new Error('no heads')
  await page.mouse.move(from.x + from.width / 2, from.y + 10)
  await page.mouse.down()
  await page.mouse.move(to.x + 40, to.y + 10)
  await page.mouse.move(to.x + to.width / 2, to.y + 10)
  await page.mouse.up()
  await expect.poll(() => place('val/loss')).toMatch(/, axis 2 of 4$/)
  expect(new URL(page.url()).searchParams.getAll('axis')[1]).toBe('val/loss')
  const points = async () => page.locator('polyline').first().getAttribute('points')
  const before = await points()
  await page.getByRole('button', { name: 'Flip lr' }).click()
  await expect.poll(points).not.toBe(before)
  expect(new URL(page.url()).searchParams.getAll('flip')).toEqual(['lr'])
})

test('jobs are points in a space that is turned, and a point opens its job', async () => {
  const page = await visits.openPage(address('space'))
  const picture = page.getByRole('img', {
    name: /^Each of 12 jobs as a point over lr, batch and val\/loss, coloured by loss/,
  })
  await picture.waitFor()
  const values = page.getByRole('region', { name: 'Parameter space, table' })
  expect(
    await values
      .getByRole('row', { name: /^lr 0.03 small/ })
      .getByRole('cell')
      .allTextContents(),
  ).toEqual(['0.03', '16', '0.05105', '0.001054'])
  await picture.press('ArrowRight')
  await picture.press('ArrowUp')
  await picture.press('+')
  await expect.poll(() => new URL(page.url()).searchParams.get('stance')).toBe('37,27,1.2')
  await page.reload()
  await picture.waitFor()
  const box = await picture.boundingBox()
  if (!box) throw new Error('no picture')
  await page.mouse.move(box.x + 20, box.y + 20)
  await page.mouse.wheel(0, 100)
  await expect.poll(() => new URL(page.url()).searchParams.get('stance')).toBe('37,27,0.98')
  await page.mouse.down()
  await page.mouse.move(box.x + 120, box.y + 40)
  await page.mouse.up()
  await expect.poll(() => new URL(page.url()).searchParams.get('stance')).toBe('87,37,0.98')
  await page.getByRole('button', { name: 'Back to the first view' }).click()
  await page.getByRole('button', { name: 'Without perspective' }).click()
  await expect.poll(() => new URL(page.url()).search).toMatch(/tab=space&flat=1$/)
  await page.getByLabel(/^colour/).selectOption('config.batch')
  await page.getByRole('img', { name: /coloured by batch/ }).waitFor()
  // The highest rate, the small batch, the lowest loss: the corner on the right, in front, on the floor.
  const size = await page.getByRole('img', { name: /coloured by batch/ }).evaluate((element) => ({
    width: element.clientWidth,
    height: element.clientHeight,
  }))
  const place = makeProjection(plainStance, { ...size, isFlat: true })([0.5, -0.5, -0.5])
  await page.mouse.move(box.x + place.left, box.y + place.top)
  await page.locator('[aria-hidden]').getByText('lr 0.03 small', { exact: true }).waitFor()
  await page.mouse.down()
  await page.mouse.up()
  await page.waitForURL(/\/job\/sweep-5-small/)
})

test('over all jobs that match, the settings are ranked without picking a job', async () => {
  const page = await visits.openPage('/?project=sweep')
  await page.getByRole('button', { name: 'Select jobs' }).click()
  await page.getByRole('link', { name: 'All 12 that match' }).click()
  const first = page.getByRole('region', { name: 'Influence, table' }).getByRole('row').nth(1)
  await first.waitFor()
  expect(new URL(page.url()).searchParams.get('search')).toBe('project:sweep')
  await page.getByText('12 jobs match; 12 have a lowest value of it.').waitFor()
  await page.getByLabel('Result').selectOption('val/loss')
  await expect.poll(() => new URL(page.url()).searchParams.get('metric')).toBe('val/loss')
  await expect.poll(() => first.getByRole('rowheader').textContent()).toBe('lr')
  const field = page.getByLabel('Jobs that match')
  await field.fill('project:sweep config.batch:16')
  await field.press('Enter')
  await page.getByText('6 jobs match').waitFor()
  await field.fill('lr>>')
  await field.press('Enter')
  await page.getByText(/The search cannot be read/).waitFor()
  await page.goto(`${visits.world.url}/compare?search=project:none`)
  await page.getByText('No job matches').waitFor()
})
