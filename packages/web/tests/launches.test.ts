/** Launches as people make them: real code, on this machine and on a real Slurm, from the form to the end of the job. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type GitYard, openGitYard } from '../../../lab/git-yard.ts'
import { type LabSlurm, startSlurm } from '../../../lab/start-slurm.ts'
import { type LabSshd, startSshd } from '../../../lab/start-sshd.ts'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'

const training = `
import argparse, time
import pilothouse

parser = argparse.ArgumentParser(description="Trains nothing, for a while.")
parser.add_argument("--lr", type=float, default=0.1, help="learning rate")
parser.add_argument("--optimizer", choices=["sgd", "adam"], default="sgd")
parser.add_argument("--steps", type=int, default=20)
args = parser.parse_args()
job = pilothouse.init(config=vars(args), total_steps=args.steps)
rate = job.parameter("rate", args.lr)
for step in job.steps(range(args.steps)):
    job.log({"loss": 1 / (step + 1), "rate": rate()}, step=step)
    print(f"step {step} with {args.optimizer}", flush=True)
    time.sleep(0.2)
`

let yard: GitYard
let visits: Visits
let slurm: LabSlurm
let sshd: LabSshd
let folder: string
beforeAll(async () => {
  yard = openGitYard()
  yard.makeRepository('model')
  yard.write('model/train.py', training)
  yard.git(join(yard.root, 'model'), 'commit', '--quiet', '-a', '-m', 'Train for a while')
  slurm = await startSlurm()
  folder = mkdtempSync(join(tmpdir(), 'ph-sshd-'))
  sshd = await startSshd({ folder, args: ['--user', slurm.user, '--set', `SLURM_CONF=${slurm.configPath}`] })
  const environment = { ...yard.environment, PATH: process.env['PATH'] ?? '' }
  visits = await startVisits({
    projectRoots: [yard.root],
    gitEnvironment: environment,
    jobEnvironment: environment,
    scriptEnvironment: environment,
  })
  const file = { clusters: [{ name: 'lab', host: 'lab', ssh_config_path: sshd.configPath }] }
  writeFileSync(join(visits.world.server.dataFolder, 'clusters.yaml'), JSON.stringify(file))
})
afterEach(async () => visits.leave())
afterAll(async () => {
  await visits.close()
  await sshd.stop()
  await slurm.stop()
  rmSync(folder, { recursive: true })
  yard.close()
})

const plan = (page: Page) => page.getByRole('complementary', { name: 'What is launched' })
const launchButton = (page: Page) => plan(page).getByRole('button', { name: /^Launch/ })
const state = (page: Page, words: string) => page.getByRole('status').getByText(words, { exact: true })

async function addProject(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a project' }).click()
  await page.getByRole('dialog').getByLabel('Folder or git address').fill(join(yard.root, name))
  await page.getByRole('dialog').getByRole('button', { name: 'Add project' }).click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
}

test('a project is launched on this machine: command, plan, steps, numbers, log, end, and the same again', async () => {
  const page = await visits.openPage('/projects')
  await addProject(page, 'model')
  await page.getByRole('link', { name: 'Launch' }).click()
  await plan(page).getByText('once there is a command').waitFor()
  await launchButton(page).click()
  await page.getByRole('alert').getByText('Say what to run').waitFor()
  const command = page.getByLabel('Command', { exact: true })
  await command.fill('python3 "train.py')
  await page.getByRole('alert').getByText('has no end').waitFor()
  await command.fill('python3 train.py --steps 15')
  await plan(page).getByText('«Train for a while»').waitFor()
  await plan(page).getByText('Script').click()
  await plan(page).getByText('exec python3 train.py --steps 15').waitFor()
  expect(await findFaults(page, 'the form')).toEqual([])
  await launchButton(page).click()
  await page.waitForURL(/\/job\//)
  await state(page, 'running').waitFor()
  await page.locator('[data-chart="loss"][data-state="ready"]').waitFor()
  await page.getByText('step 5 with sgd').first().waitFor()
  await state(page, 'completed').waitFor()
  await page.getByRole('link', { name: 'Configuration' }).click()
  const steps = page.getByRole('list', { name: 'Steps' })
  await expect.poll(() => steps.getByRole('listitem').count()).toBe(6)
  expect(await findFaults(page, 'how it was launched')).toEqual([])
  await page.getByRole('button', { name: 'Remove its folder there' }).click()
  await page.getByText('Its folder is removed from the target.').waitFor()
  await page.getByRole('link', { name: 'Launch again, changed' }).click()
  await page.getByText('The same again as').waitFor()
  expect(await command.inputValue()).toBe('python3 train.py --steps 15')
})

test('on a cluster: what Slurm has no room for is refused, a form makes a sweep, one waits and is cancelled', async () => {
  const page = await visits.openPage('/projects?name=model')
  await page.getByRole('link', { name: 'Launch' }).click()
  await page.getByLabel('Target').selectOption('lab')
  await page.getByRole('button', { name: 'Script and its arguments' }).click()
  await page.getByRole('button', { name: 'Read the arguments' }).click()
  await page.getByText('learning rate').waitFor()
  await page.getByRole('textbox', { name: /steps/ }).fill('600')
  const partition = page.getByLabel('Partition')
  await expect
    .poll(() => partition.locator('option').allInnerTexts())
    .toContainEqual(expect.stringMatching(/^gpu \(default\), 10 of 10/))
  await page.getByLabel('GPUs a node').fill('99')
  await page
    .getByRole('alert')
    .getByText(/99 GPUs are asked for/)
    .waitFor()
  expect(await launchButton(page).isDisabled()).toBe(true)
  await page.getByLabel('GPUs a node').fill('1')
  await page.getByLabel('Time limit').fill('5d')
  await page
    .getByRole('alert')
    .getByText(/lets a job run/)
    .waitFor()
  await page.getByLabel('Time limit').fill('10m')
  await plan(page).getByRole('button', { name: 'When would it start?' }).click()
  await plan(page)
    .getByText(/by what Slurm knows now/)
    .waitFor()
  await launchButton(page).click()
  await page.waitForURL(/\/job\//)
  await state(page, 'running').waitFor()
  await page.locator('[data-chart="loss"][data-state="ready"]').waitFor()
  await page
    .getByText(/^step \d+ with sgd$/)
    .first()
    .waitFor()
  await page.getByRole('button', { name: 'More about this job' }).click()
  await page.getByRole('menuitem', { name: 'Requeue job' }).waitFor()
  await page.getByRole('menuitem', { name: 'Cancel job' }).click()
  await state(page, 'cancelled').waitFor()
})

test.each(mainLooks)('the form has no faults at $width px, and neither has a job that waits', async (look) => {
  const page = await visits.openPage('/launch?of=model&on=lab', look)
  await page.getByLabel('Command', { exact: true }).fill('sleep 600')
  await page.getByLabel('Partition').waitFor()
  await page.getByText('More of Slurm').click()
  expect(await findFaults(page, 'the form for a cluster')).toEqual([])
  await page.getByLabel('GPUs a node').fill('4')
  await page.getByLabel('Nodes', { exact: true }).fill('2')
  await page.getByLabel('GPU type').selectOption('a100')
  await launchButton(page).click()
  await page.waitForURL(/\/job\//)
  await state(page, 'running').waitFor()
  const second = await visits.openPage('/launch?from=' + (page.url().split('/job/')[1]?.split('?')[0] ?? ''), look)
  await plan(second).getByText('8', { exact: true }).waitFor()
  await launchButton(second).click()
  await second.waitForURL(/\/job\//)
  await state(second, 'pending').waitFor()
  await second.getByRole('button', { name: 'Hold' }).click()
  await second.getByRole('button', { name: 'Release' }).waitFor()
  expect(await findFaults(second, 'a job that waits')).toEqual([])
  await second.getByRole('button', { name: 'Cancel', exact: true }).click()
  await state(second, 'cancelled').waitFor()
  await page.getByRole('button', { name: 'More about this job' }).click()
  await page.getByRole('menuitem', { name: 'Cancel job' }).click()
  await state(page, 'cancelled').waitFor()
})

test('who may not launch is told so, and sees what was launched', async () => {
  const page = await visits.openPageAs('member', '/launch')
  await page.getByRole('heading', { name: 'Launching is for admins' }).waitFor()
  expect(await findFaults(page, 'no permission')).toEqual([])
  await page.goto(`${visits.world.url}/projects?name=model`)
  await page.getByRole('heading', { name: 'model', level: 1 }).waitFor()
  expect(await page.getByRole('link', { name: 'Launch' }).count()).toBe(0)
})
