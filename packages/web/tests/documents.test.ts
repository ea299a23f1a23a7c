/** Documents as people get them: downloaded from the page, then opened from disk, without a network. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { looks, startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits
let folder: string
const steps = Array.from({ length: 300 }, (_, at) => at)
const hostile = `</style><script>document.title = 'in'</script>"><img src=x onerror="document.title = 'in'">`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-documents-'))
  visits = await startVisits()
  const whole = await Reporter.start(visits.world, 'whole-job', describeJob('whole', 3e-4))
  await whole.points({ loss: steps.map((step) => 1 / (1 + step)), 'grad/norm': steps.map((step) => step % 7) }, 0)
  await whole.points({ 'val/loss': [0.4, 0.2, 0.1] }, 100)
  await whole.points({ 'gpu.utilization': steps.map((step) => step % 90) }, 0, { source: 'gpu:node-1/0' })
  await whole.finish()
  const failed = await Reporter.start(visits.world, 'failed-job', describeJob(hostile, 3e-3))
  await failed.points({ loss: steps.map((step) => (step > 200 ? Number.NaN : step)), [hostile]: steps }, 0)
  await failed.lines(['one', hostile, 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0'])
  await failed.finish('failed', { type: 'Error', message: hostile, traceback: `Traceback\n${'deep '.repeat(200)}` })
})

afterEach(async () => visits.leave())

afterAll(async () => {
  await visits.close()
  await rm(folder, { recursive: true, force: true })
})

function describeJob(name: string, lr: number) {
  return {
    name,
    model: 'tiny',
    notes: `**Words** and ${hostile}`,
    tags: ['one', 'two'],
    config: { lr, path: '/a/very/long/path/without/any/blank/in/it'.repeat(4), [hostile]: hostile },
    recipe: { command: ['python', 'train.py'], packages: { torch: '2.9.0' } },
    hardware: { host: 'node-1', gpus: [{ index: 0, name: 'A100' }] },
  }
}

async function save(page: Page, download: () => Promise<void>): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), download()])
  const path = join(folder, file.suggestedFilename())
  await file.saveAs(path)
  return path
}

/** Opens a file from disk in every look, and tells everything that is wrong with it. */
async function lookAt(path: string): Promise<string[]> {
  const faults: string[] = []
  for (const { width, height } of looks) {
    const name = `at ${width} px`
    const context = await visits.openContext({ offline: true, viewport: { width, height } })
    const page = await context.newPage()
    page.on('console', (message) => faults.push(`${name}: ${message.text()}`))
    page.on('pageerror', (error) => faults.push(`${name}: ${error.message}`))
    page.on('request', (request) => {
      if (request.url() !== pathToFileURL(path).href) faults.push(`${name} asks for ${request.url()}`)
    })
    await page.goto(pathToFileURL(path).href)
    faults.push(...(await findFaults(page, name)))
    if ((await page.title()) === 'in') faults.push(`${name}: a script ran`)
  }
  return faults
}

const backgroundOf = async (page: Page): Promise<string> =>
  page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--surface'))

test('a job is downloaded from its menu, and its file stands on its own', async () => {
  const page = await visits.openPage('/job/whole-job')
  const path = await save(page, async () => {
    await page.getByRole('button', { name: 'More about this job' }).click()
    await page.getByRole('menuitem', { name: 'Download as HTML' }).click()
  })
  expect(path.endsWith('whole-job.html')).toBe(true)
  expect(await lookAt(path)).toEqual([])
})

test('so does that of a job that failed and means harm', async () => {
  const page = await visits.openPage('/job/failed-job')
  await page.getByRole('button', { name: 'More about this job' }).waitFor()
  const path = await save(page, async () => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').fill('Download as')
    await page.getByRole('option', { name: 'Download as HTML' }).click()
  })
  expect(await lookAt(path)).toEqual([])
})

test('a comparison is downloaded from its page, and its file stands on its own', async () => {
  const page = await visits.openPage('/compare?job=whole-job&job=failed-job')
  const path = await save(page, async () => page.getByRole('link', { name: 'Download as HTML' }).click())
  expect(path.endsWith('comparison-of-2-jobs.html')).toBe(true)
  expect(await lookAt(path)).toEqual([])
})

test('on paper a document is light and breaks into pages, whatever the screen is', async () => {
  const page = await visits.openPage('/api/jobs/whole-job/document', { dark: true })
  expect(await backgroundOf(page)).toContain('0.196')
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  expect(await backgroundOf(page)).toContain('oklch(1 0 0)')
  const bytes = await page.pdf({ format: 'A4', printBackground: true })
  expect(bytes.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length).toBeGreaterThan(1)
})
