/** Projects as people meet them: real repositories, added and looked at in the page. */
import { renameSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type GitYard, openGitYard } from '../../../lab/git-yard.ts'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let yard: GitYard
let visits: Visits
beforeAll(async () => {
  yard = openGitYard()
  visits = await startVisits({ projectRoots: [yard.root], gitEnvironment: yard.environment })
})
afterEach(async () => visits.leave())
afterAll(async () => {
  await visits.close()
  yard.close()
})

const cards = (page: Page) => page.getByRole('list', { name: 'Projects' }).getByRole('listitem')

async function add(page: Page, place: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a project' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel('Folder or git address').fill(place)
  await sheet.getByLabel('Folder or git address').press('Enter')
}

test('an empty page says what projects are; a key leads there', async () => {
  const page = await visits.openPage('/')
  await page.getByRole('navigation', { name: 'Rooms' }).waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('p')
  await page.getByRole('heading', { name: 'No projects yet' }).waitFor()
  expect(await findFaults(page, 'no projects')).toEqual([])
})

test('a folder is added, with what is wrong beside the field, and shows its code and its jobs', async () => {
  const folder = yard.makeRepository('vision')
  yard.git(folder, 'remote', 'add', 'origin', 'git@git.example.org:team/vision.git')
  yard.write('vision/train.py', 'print("other")')
  for (let at = 0; at < 12; at += 1) yard.write(`vision/run-${at}.log`)
  const page = await visits.openPage('/projects')
  const sheet = page.getByRole('dialog')
  await add(page, 'vision')
  await sheet
    .getByRole('alert')
    .getByText(/named from the root/)
    .waitFor()
  await sheet.getByLabel('Folder or git address').fill('/etc')
  await sheet.getByRole('button', { name: 'Add project' }).click()
  await sheet
    .getByRole('alert')
    .getByText(/this folder does not/)
    .waitFor()
  expect(await findFaults(page, 'adding a project')).toEqual([])
  await sheet.getByLabel('Folder or git address').fill(folder)
  await sheet.getByRole('button', { name: 'Add project' }).click()
  await page.getByRole('heading', { name: 'vision', level: 1 }).waitFor()
  const code = page.getByLabel('Code')
  await code.getByText('Train a model').waitFor()
  await code.getByText('git@git.example.org:team/vision.git').waitFor()
  const files = page.getByRole('region', { name: 'Files that differ' })
  await files.getByText('1 changed, 12 unknown').waitFor()
  await files.getByRole('button', { name: 'Show all 13' }).click()
  await files.getByText('run-9.log').waitFor()
  await page.getByText('No job has this name yet.').waitFor()
  const job = await Reporter.start(visits.world, 'first-run', { name: 'first run', project: 'vision' })
  await page.getByRole('heading', { name: 'first run' }).waitFor()
  yard.git(folder, 'commit', '--quiet', '-am', 'Print another')
  await page.getByRole('button', { name: 'Sync' }).click()
  await code.getByText('Print another').waitFor()
  await job.finish()
})

test('a repository is fetched while one looks on; when it is gone, what was known stays, with the reason', async () => {
  const source = yard.makeRepository('source')
  const page = await visits.openPage('/projects')
  await add(page, `file://${source}`)
  await page.getByRole('heading', { name: 'source', level: 1 }).waitFor()
  await page.getByLabel('Code').getByText('Train a model').waitFor()
  renameSync(source, `${source}-away`)
  await page.getByRole('button', { name: 'Sync' }).click()
  await page
    .getByRole('alert')
    .getByText(/Not readable, first noticed/)
    .waitFor()
  await page.getByLabel('Code').getByText('Train a model').waitFor()
  await page.getByRole('button', { name: 'Delete source' }).click()
  await page.getByRole('button', { name: 'Forget project' }).click()
  await cards(page).filter({ hasText: 'vision' }).waitFor()
  expect(await cards(page).filter({ hasText: 'source' }).count()).toBe(0)
})

test('names that only jobs know are there, and lead from the job to the project and on to its code', async () => {
  await Reporter.start(visits.world, 'lone-run', { name: 'lone run', project: 'lone/one.v2' })
  const page = await visits.openPage('/job/lone-run')
  await page.getByRole('link', { name: 'lone/one.v2' }).click()
  await page.getByText('its code is not known here').waitFor()
  await page.getByRole('heading', { name: 'lone run' }).waitFor()
  await page.getByRole('link', { name: 'Add its code' }).click()
  expect(await page.getByRole('dialog').getByLabel('Name').inputValue()).toBe('lone/one.v2')
  await page.goto(`${visits.world.url}/projects?name=nobody`)
  await page.getByRole('heading', { name: 'There is no project «nobody»' }).waitFor()
})

test('a viewer sees projects and changes none; a member syncs', async () => {
  const page = await visits.openPageAs('viewer', '/projects')
  await page.getByText('an admin adds projects').waitFor()
  await cards(page).getByRole('link', { name: 'vision' }).click()
  await page.getByLabel('Code').waitFor()
  expect(await page.getByRole('button', { name: /Sync|Delete/ }).count()).toBe(0)
  const member = await visits.openPageAs('member', '/projects?name=vision')
  await member.getByRole('button', { name: 'Sync' }).waitFor()
  expect(await member.getByRole('button', { name: /Delete/ }).count()).toBe(0)
})

test.each(mainLooks)('projects have no faults at $width px', async (look) => {
  const page = await visits.openPage('/projects', look)
  await cards(page).first().waitFor()
  expect(await findFaults(page, 'projects')).toEqual([])
  await cards(page).getByRole('link', { name: 'vision' }).click()
  await page.getByRole('heading', { name: 'first run' }).waitFor()
  expect(await findFaults(page, 'a project')).toEqual([])
})
