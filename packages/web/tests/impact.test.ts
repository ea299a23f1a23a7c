/** What a change of a parameter did, as the page shows it: measured by the server on points that a job has reported. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { Steerable } from './steerable.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'

let visits: Visits
beforeAll(async () => void (visits = await startVisits()))
afterEach(async () => visits.leave())
afterAll(async () => visits.close())

/** The same numbers in each run, −0.5 … 0.5. */
function makeNoise(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648 - 0.5
  }
}

/** Steps of a loss that falls slowly, and lies `lower` from step 400 on; of an accuracy that does not care. */
async function learn(job: Steerable, [from, to]: readonly [number, number], lower: number): Promise<void> {
  const noise = makeNoise(from + 1)
  const steps = Array.from({ length: to - from }, (_, at) => from + at)
  const loss = steps.map((step) => 2 - step / 1_000 + noise() * 0.05 - (step >= 400 ? lower : 0))
  const accuracy = steps.map(() => 0.5 + noise() * 0.1)
  await job.reporter.points({ loss, accuracy, lr: steps.map((step) => (step >= 400 ? 1e-3 : 3e-4)) }, from)
  job.step = to
}

/** A job with a change of lr at step 400 and so many steps behind it. */
async function start(uid: string, { after = 120, lower = 0.4 } = {}): Promise<Steerable> {
  const job = await Steerable.start(visits.world, uid)
  await learn(job, [0, 400], 0)
  await job.steer({
    changes: [{ key: 'lr', value: 1e-3, at: Date.now(), step: 400, cause: 'script', command: null }],
  })
  if (after > 0) await learn(job, [400, 400 + after], lower)
  return job
}

const sheet = (page: Page) => page.getByRole('dialog', { name: 'What the change of lr did' })
const effect = (page: Page) => sheet(page).getByRole('region', { name: 'Effect' })

async function open(uid: string, look = {}): Promise<Page> {
  const page = await visits.openPage(`/job/${uid}?tab=parameters`, look)
  await page.getByRole('button', { name: 'Effect of the change of lr at step 400' }).click()
  await sheet(page).waitFor()
  return page
}

test('a change that lowered the loss is told as better, with figures, a curve and what was expected', async () => {
  await start('impact-1')
  const page = await open('impact-1')
  await effect(page).getByText('better', { exact: false }).first().waitFor()
  expect(await effect(page).getAttribute('data-verdict')).toBe('better')
  const id = new URL(page.url()).searchParams.get('impact') ?? ''
  const answer = await page.request.get(
    `${visits.world.url}/api/jobs/impact-1/parameter-changes/${id}/impact?metric=loss`,
  )
  const impact = (await answer.json()) as { words: string; effect: { mean: { absolute: number } } } // what this route answers with
  expect(await effect(page).getByRole('status').innerText()).toContain(impact.words)
  expect(impact.effect.mean.absolute).toBeCloseTo(-0.4, 1)
  const rows = effect(page).getByRole('table').getByRole('row')
  expect(await rows.nth(1).innerText()).toMatch(/Whole window\s+1\.\d+\s+1\.\d+\s+−0\.\d+\s+−\d+/)
  const picture = effect(page).getByRole('img', { name: /^loss from step \d+ to \d+, with the change at step 400\./ })
  await picture.waitFor()
  expect(await picture.getAttribute('aria-label')).toMatch(/was expected there, from [\d.]+ to [\d.]+\.$/)
  const [came, expected] = await picture
    .locator('path[data-line]')
    .evaluateAll((paths) => paths.map((path) => path.getAttribute('d')?.match(/[ML]/g)?.length ?? 0))
  expect(came).toBeGreaterThan(20)
  expect(expected).toBeGreaterThan(3)
  await sheet(page).getByText('other causes at the same time cannot be told apart').waitFor()
})

test('metrics are looked at one after the other, the headline first and the parameter itself last', async () => {
  await start('impact-2')
  const page = await open('impact-2')
  await effect(page).waitFor()
  const choice = sheet(page).getByLabel('Metric')
  expect(await choice.locator('option').allInnerTexts()).toEqual([
    'loss (lower is better)',
    'accuracy (higher is better)',
    'lr',
  ])
  await choice.selectOption('accuracy')
  await sheet(page)
    .getByRole('img', { name: /^accuracy from step/ })
    .waitFor()
  await expect.poll(async () => effect(page).getAttribute('data-verdict')).toBe('none')
})

test('windows are chosen in steps, and what is no number of steps is said', async () => {
  await start('impact-3')
  const page = await open('impact-3')
  await effect(page).waitFor()
  await sheet(page).getByLabel('After, steps').fill('40')
  await page.keyboard.press('Enter')
  await effect(page)
    .getByText(/and \d+ after, from step 400 to 4[34]\d\./)
    .waitFor()
  await sheet(page).getByLabel('Before, steps').fill('-3')
  await sheet(page).getByText('More than 0, or empty').waitFor()
  await sheet(page).getByLabel('Before, steps').fill('100')
  await sheet(page).getByLabel('Before, steps').blur()
  await effect(page)
    .getByText(/before, from step (29|30|31)\d to 399/)
    .waitFor()
})

test('a change that was made just now is too early, and is measured by itself as steps come in', async () => {
  const job = await start('impact-4', { after: 0 })
  const page = await open('impact-4')
  await effect(page).getByText('Too early to tell').waitFor()
  await learn(job, [400, 520], 0.4)
  await expect.poll(async () => effect(page).getAttribute('data-verdict'), { timeout: 15_000 }).toBe('better')
})

test('a link brings the effect back, Escape closes it, and a viewer sees it too', async () => {
  await start('impact-5')
  const page = await open('impact-5')
  await effect(page).waitFor()
  const { pathname, search } = new URL(page.url())
  await page.keyboard.press('Escape')
  await sheet(page).waitFor({ state: 'detached' })
  expect(new URL(page.url()).searchParams.has('impact')).toBe(false)
  const theirs = await visits.openPageAs('viewer', pathname + search)
  await effect(theirs).getByText('better', { exact: false }).first().waitFor()
})

test('a job without a metric says that there is nothing to see an effect in', async () => {
  const job = await Steerable.start(visits.world, 'impact-6')
  await job.steer({
    changes: [{ key: 'lr', value: 1e-3, at: Date.now(), step: 400, cause: 'script', command: null }],
  })
  const page = await open('impact-6')
  await sheet(page).getByText('The job has logged no metric yet').waitFor()
})

test.each(mainLooks)('the effect of a change has no faults at $width px', async (look) => {
  const uid = `impact-look-${look.width}`
  await start(uid)
  const page = await open(uid, look)
  await effect(page).waitFor()
  expect(await findFaults(page, 'impact')).toEqual([])
})
