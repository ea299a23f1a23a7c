/** The whole way on a real Slurm, as a person goes it: from a folder with a Hydra script to jobs that wait, run, are steered and end. */
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findPython } from '../../../lab/find-python.ts'
import { type GitYard, openGitYard } from '../../../lab/git-yard.ts'
import { type LabSlurm, startSlurm } from '../../../lab/start-slurm.ts'
import { type LabSshd, startSshd } from '../../../lab/start-sshd.ts'
import { startVisits, type Visits } from './visits.ts'

let yard: GitYard
let visits: Visits
let slurm: LabSlurm
let sshd: LabSshd
let folder: string
beforeAll(async () => {
  yard = openGitYard()
  const curves = yard.makeRepository('curves')
  cpSync(fileURLToPath(new URL('../../../examples/hydra', import.meta.url)), curves, { recursive: true })
  yard.git(curves, 'add', '--all')
  yard.git(curves, 'commit', '--quiet', '-m', 'Fit curves')
  slurm = await startSlurm()
  folder = mkdtempSync(join(tmpdir(), 'ph-sshd-'))
  chmodSync(folder, 0o755)
  sshd = await startSshd({ folder, args: ['--user', slurm.user, '--set', `SLURM_CONF=${slurm.configPath}`] })
  const environment = { ...yard.environment, PATH: `${dirname(findPython())}:${process.env['PATH'] ?? ''}` }
  visits = await startVisits({
    projectRoots: [yard.root],
    gitEnvironment: environment,
    jobEnvironment: environment,
    scriptEnvironment: environment,
  })
  const lab = { name: 'lab', host: 'lab', ssh_config_path: sshd.configPath, environment: { uv: makeEnvironment() } }
  writeFileSync(join(visits.world.server.dataFolder, 'clusters.yaml'), JSON.stringify({ clusters: [lab] }))
})
afterEach(async () => visits.leave())
afterAll(async () => {
  await visits.close()
  await sshd.stop()
  await slurm.stop()
  rmSync(folder, { recursive: true })
  yard.close()
})

/** A virtual environment of the cluster's own Python, with the packages that the tests have. */
function makeEnvironment(): string {
  const place = join(folder, 'env')
  execFileSync('/usr/bin/python3', ['-m', 'venv', '--without-pip', place])
  const [packages] = globSync(join(dirname(findPython()), '../lib/python3*/site-packages'))
  const [own] = globSync(join(place, 'lib/python3*/site-packages'))
  writeFileSync(join(own ?? place, 'lab.pth'), `${packages ?? ''}\n`)
  return place
}

const plan = (page: Page): Locator => page.getByRole('complementary', { name: 'What is launched' })
const state = (page: Page, words: string): Locator => page.getByRole('status').getByText(words, { exact: true })
const argument = (page: Page, key: string): Locator => page.locator(`[data-argument="${key}"]`)
const value = (page: Page, key: string): Locator => argument(page, key).getByLabel(key, { exact: true })

async function launch(page: Page): Promise<string> {
  await plan(page)
    .getByRole('button', { name: /^Launch/ })
    .click()
  await page.waitForURL(/\/job\//)
  return page.url().split('?')[0] ?? ''
}

async function order(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'More about this job' }).click()
  await page.getByRole('menuitem', { name }).click()
}

/** The form for the cluster, for all A100 of one of its two nodes that have some, or of both. */
async function openForm(page: Page, partition: string, nodes: 1 | 2): Promise<void> {
  await page.goto(`${visits.world.url}/projects?name=curves`)
  await page.getByRole('link', { name: 'Launch' }).click()
  await page.getByLabel('Target').selectOption('lab')
  await page.getByLabel('Partition').selectOption(partition)
  await page.getByLabel('GPUs a node').fill('4')
  await page.getByLabel('Nodes', { exact: true }).fill(String(nodes))
  await page.getByLabel('GPU type').selectOption('a100')
}

async function readArguments(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Script and its arguments' }).click()
  await page.getByRole('button', { name: 'Read the arguments' }).click()
  await argument(page, 'steps').waitFor()
}

test('a form is filled, the job waits for another, which is cancelled, runs, is watched, steered by its mailbox, and ends', async () => {
  const page = await visits.openPage('/projects')
  await page.getByRole('button', { name: 'Add a project' }).click()
  await page.getByRole('dialog').getByLabel('Folder or git address').fill(join(yard.root, 'curves'))
  await page.getByRole('dialog').getByRole('button', { name: 'Add project' }).click()
  await page.getByRole('heading', { name: 'curves', level: 1 }).waitFor()

  await openForm(page, 'gpu', 2)
  await page.getByLabel('Command', { exact: true }).fill('sleep 600')
  const first = await launch(page)
  await state(page, 'running').waitFor()

  await openForm(page, 'gpu', 1)
  await readArguments(page)
  await argument(page, 'model').getByLabel('model', { exact: true }).selectOption('wide')
  await value(page, 'steps').fill('150')
  await value(page, 'pace').fill('0.2')
  await value(page, 'print_every').fill('5')
  const second = await launch(page)
  await state(page, 'pending').waitFor()
  await page
    .getByText(/waits until .* are free|Waiting for|resources|free up/i)
    .first()
    .waitFor()

  const other = await visits.openPage(first.replace(visits.world.url, ''))
  await order(other, 'Cancel job')
  await state(other, 'cancelled').waitFor()

  await state(page, 'running').waitFor()
  await page.locator('[data-chart="loss"][data-state="ready"]').waitFor()
  await page
    .getByText(/^Step 10: Loss/)
    .first()
    .waitFor()
  await page.getByRole('link', { name: /^Parameters/ }).click()
  await page.getByLabel('rate', { exact: true }).fill('0.05')
  await page.getByRole('button', { name: 'Review and send' }).click()
  await page.getByRole('dialog').getByRole('button', { name: /^Send/ }).click()
  await page
    .locator('[data-parameter="rate"]')
    .getByText(/applied at step \d+/)
    .waitFor()
  await state(page, 'completed').waitFor()
  await page.goto(`${second}?tab=logs`)
  await page
    .getByText(/LR = 0\.05$/)
    .first()
    .waitFor()
  await page
    .getByText(/^wide curve: loss/)
    .first()
    .waitFor()
})

test('a job that makes room for another is put back into the queue, begins again as its second attempt, and is put back by hand', async () => {
  const page = await visits.openPage('/projects')
  await openForm(page, 'scavenge', 2)
  await page.getByLabel('Command', { exact: true }).fill('sleep 600')
  const first = await launch(page)
  await state(page, 'running').waitFor()

  const other = await visits.openPage('/projects')
  await openForm(other, 'gpu', 2)
  await other.getByLabel('Command', { exact: true }).fill('sleep 600')
  await launch(other)
  await state(page, 'pending').waitFor()
  await state(other, 'running').waitFor()
  await order(other, 'Cancel job')
  await state(other, 'cancelled').waitFor()
  await state(page, 'running').waitFor({ timeout: 100_000 })
  await page.goto(`${first}?tab=configuration`)
  await page.getByText(/^Pre-empted by Slurm/).waitFor()
  await page.goto(first)
  await order(page, 'Requeue job')
  await state(page, 'pending').waitFor()
  await order(page, 'Cancel job')
  await state(page, 'cancelled').waitFor()
})

test('a sweep of twelve is made by the form, goes to Slurm as one array, and all of it ends', async () => {
  const page = await visits.openPage('/projects')
  await openForm(page, 'gpu', 1)
  await page.getByLabel('GPUs a node').fill('')
  await readArguments(page)
  await value(page, 'steps').fill('20')
  await page.getByRole('button', { name: 'Sweep over model', exact: true }).click()
  await argument(page, 'model').getByText('wide', { exact: true }).click()
  await page.getByRole('button', { name: 'Sweep over seed' }).click()
  await value(page, 'seed').fill('1,${nowhere}')
  await plan(page).getByText('The script refuses 2 of the 4 jobs.').waitFor()
  await value(page, 'seed').fill('range(1,7)')
  await page.getByRole('heading', { name: '12 jobs' }).waitFor()
  await page.getByLabel('Submit the 12 jobs as one job array').check()
  await page.getByLabel('At a time').fill('a few')
  await expect.poll(() => page.getByLabel('At a time').inputValue()).toBe('')
  await page.getByLabel('At a time').fill('6')
  await plan(page).getByText('12, as one job array, 6 at a time. Each takes:').waitFor()
  expect(await plan(page).getByText('The script refuses').count()).toBe(0)
  await plan(page).getByRole('button', { name: 'Launch 12 jobs' }).click()
  await page.waitForURL(/q=group/)
  await expect
    .poll(() => page.getByText('completed', { exact: true }).count(), { timeout: 100_000 })
    .toBeGreaterThanOrEqual(12)
  await page.getByRole('link', { name: /12\/12 / }).click()
  await page.getByRole('link', { name: 'Configuration' }).click()
  await page.getByText(/^\d+_11$/).waitFor()
})
