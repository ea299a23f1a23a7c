/** The arguments of real scripts as a form: Hydra and argparse, read by their own interpreter. */
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findPython } from '../../../lab/find-python.ts'
import { type GitYard, openGitYard } from '../../../lab/git-yard.ts'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { readAdminToken } from './world.ts'

const argparse = `
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--name", default="first run", help="what it is called")
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--amp", action=argparse.BooleanOptionalAction, default=True)
parser.parse_args()
open("ran", "w")
`
let yard: GitYard
let visits: Visits
const ids = { hydra: 0, plain: 0, empty: 0 }
beforeAll(async () => {
  yard = openGitYard()
  const folder = (name: string): string => join(yard.root, name)
  cpSync(fileURLToPath(new URL('../../../examples/hydra', import.meta.url)), folder('hydra'), { recursive: true })
  yard.write('plain/train.py', argparse)
  yard.write('plain/train_slow.py', 'import argparse\nraise ValueError("no data here")\n')
  mkdirSync(folder('empty'))
  // The environment of Python that has Hydra.
  for (const name of ['hydra', 'plain']) symlinkSync(join(findPython(), '../..'), join(folder(name), '.venv'))
  const environment = { PATH: process.env['PATH'] ?? '', HOME: yard.environment['HOME'] ?? '' }
  visits = await startVisits({
    projectRoots: [yard.root],
    gitEnvironment: yard.environment,
    scriptEnvironment: environment,
  })
  const headers = { authorization: `Bearer ${await readAdminToken(visits.world)}`, 'content-type': 'application/json' }
  for (const name of ['hydra', 'plain', 'empty'] as const) {
    const body = JSON.stringify({ place: folder(name) })
    const answer = await fetch(`${visits.world.url}/api/projects`, { method: 'POST', headers, body })
    ids[name] = ((await answer.json()) as { id: number }).id // what this route answers with
  }
})
afterEach(async () => visits.leave())
afterAll(async () => {
  await visits.close()
  yard.close()
})

const pathOf = (project: keyof typeof ids): string => `/projects/${ids[project]}/script`
const row = (page: Page, key: string): Locator => page.locator(`[data-argument="${key}"]`)
const command = (page: Page): Locator => page.getByLabel('command line', { exact: true })
async function read(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Read the arguments' }).click()
  await page.getByRole('heading', { name: 'Arguments', exact: true }).waitFor()
  await checked(page)
}
const checked = async (page: Page): Promise<void> =>
  page
    .getByRole('status')
    .getByText(/checked$/)
    .waitFor()

test('nothing is run before somebody agrees, and arguments can be written all the same', async () => {
  const page = await visits.openPage(pathOf('hydra'))
  await page.getByText('Reading the arguments runs the beginning of').waitFor()
  expect(await page.getByRole('combobox', { name: /^Script/ }).inputValue()).toBe('train.py')
  expect(await page.getByRole('combobox', { name: /^Interpreter/ }).inputValue()).toBe('.venv/bin/python')
  const free = page.getByLabel('Free arguments')
  await free.fill(`a "b c`)
  await page.getByRole('alert').getByText('A quote " has no end.').waitFor()
  await free.fill(`a "b c" '$(touch ran)'`)
  expect(await command(page).textContent()).toBe(".venv/bin/python train.py a 'b c' '$(touch ran)'")
  expect(await findFaults(page, 'before consent')).toEqual([])
})

test('groups are chosen, values changed and marked, and the command line follows', async () => {
  const page = await visits.openPage(pathOf('hydra'))
  await read(page)
  await row(page, 'model').getByLabel('model', { exact: true }).selectOption('wide')
  await expect.poll(async () => row(page, 'model.waves').getByText('default 12').count()).toBe(1)
  await row(page, 'title').getByLabel('title', { exact: true }).fill("Ada's curve, 2")
  await row(page, 'steps').getByLabel('steps', { exact: true }).fill('20')
  await row(page, 'steps').getByText('changed').waitFor()
  await checked(page)
  expect(await command(page).textContent()).toBe(
    String.raw`.venv/bin/python train.py model=wide 'title='\''Ada\'\''s curve, 2'\''' steps=20`,
  )
  await page.getByText('changed (3)').click()
  expect(await page.locator('[data-argument]').count()).toBe(3)
  await row(page, 'steps').getByRole('button', { name: 'Reset steps' }).click()
  await expect.poll(async () => page.locator('[data-changed]').count()).toBe(2)
  await page.getByText('Composed configuration').click()
  await expect
    .poll(async () => page.getByLabel('Composed configuration').textContent())
    .toContain("title: Ada's curve, 2")
})

test('what is wrong stands at its field, and what belongs to none can be taken away', async () => {
  const page = await visits.openPage(pathOf('hydra'))
  await read(page)
  await row(page, 'seed').getByLabel('seed', { exact: true }).fill('[1')
  await row(page, 'seed').getByRole('alert').getByText('no viable alternative').waitFor()
  expect(await row(page, 'seed').getByLabel('seed', { exact: true }).getAttribute('aria-invalid')).toBe('true')
  await row(page, 'seed').getByLabel('seed', { exact: true }).fill('many')
  await row(page, 'seed').getByText('The default is a whole number, this is none').waitFor()
  await checked(page)
  await page.getByLabel('Free arguments').fill('nothing.like=1')
  await page.getByText("Could not override 'nothing.like'").waitFor()
  expect(await findFaults(page, 'faults')).toEqual([])
})

test('a sweep makes a job for each value, and says how many before anything runs', async () => {
  const page = await visits.openPage(pathOf('hydra'))
  await read(page)
  await page.getByRole('button', { name: 'Sweep over model', exact: true }).click()
  await row(page, 'model').getByText('wide', { exact: true }).click()
  await page.getByRole('button', { name: 'Sweep over optimizer.rate' }).click()
  await row(page, 'optimizer.rate').getByLabel('optimizer.rate', { exact: true }).fill('0.1,')
  await row(page, 'optimizer.rate').getByRole('alert').getByText('no value').waitFor()
  await row(page, 'optimizer.rate').getByLabel('optimizer.rate', { exact: true }).fill('range(0,0.6,0.1)')
  await page.getByRole('heading', { name: '12 jobs' }).waitFor()
  const jobs = page.getByRole('list', { name: 'The first jobs' }).getByRole('listitem')
  expect(await jobs.first().textContent()).toContain('model=small  optimizer.rate=0.0')
  expect(await jobs.last().textContent()).toBe('and 6 more')
  expect(await command(page).textContent()).toBe('.venv/bin/python train.py model=small optimizer.rate=0.0')
})

test('of a sweep the jobs that the script refuses are told before anything runs', async () => {
  const page = await visits.openPage(pathOf('hydra'))
  await read(page)
  await page.getByRole('button', { name: 'Sweep over seed' }).click()
  await row(page, 'seed').getByLabel('seed', { exact: true }).fill('1,2,${nowhere}')
  const refused = page.getByRole('alert', { name: 'Jobs that the script refuses' })
  await refused.getByText(/nowhere/).waitFor()
  expect(await refused.getByRole('listitem').allTextContents()).toEqual([
    expect.stringMatching(/^Job 3 \(seed=\$\{nowhere\}\): seed: /),
  ])
  await row(page, 'seed').getByLabel('seed', { exact: true }).fill('1,2,3')
  await refused.waitFor({ state: 'detached' })
  await page.getByText('3 jobs checked').waitFor()
})

test('a script of argparse has typed fields, with the keyboard alone', async () => {
  const page = await visits.openPage(pathOf('plain'))
  await page.getByRole('combobox', { name: /^Script/ }).selectOption('train.py')
  await page.getByRole('button', { name: 'Read the arguments' }).focus()
  await page.keyboard.press('Enter')
  await row(page, '--lr').waitFor()
  await row(page, '--name').getByText('what it is called').waitFor()
  await row(page, '--lr').getByLabel('lr', { exact: true }).focus()
  await page.keyboard.press('Control+A')
  await page.keyboard.type('fast')
  await row(page, '--lr').getByRole('alert').getByText('«fast» is no number').waitFor()
  await page.keyboard.press('Control+A')
  await page.keyboard.type('-1')
  await row(page, '--amp').getByLabel('amp', { exact: true }).selectOption('false')
  await row(page, '--name').getByLabel('name', { exact: true }).fill('$(touch ran)\u2028--amp')
  await checked(page)
  expect(await command(page).textContent()).toBe(
    ".venv/bin/python train.py --lr=-1 --no-amp '--name=$(touch ran)\u2028--amp'",
  )
  expect(existsSync(join(yard.root, 'plain/ran'))).toBe(false)
})

test('a script that fails before its arguments says how, and one may choose another', async () => {
  const page = await visits.openPage(pathOf('plain'))
  await page.getByRole('combobox', { name: /^Script/ }).selectOption('train_slow.py')
  await page.getByRole('button', { name: 'Read the arguments' }).click()
  await page.getByText('ValueError: no data here', { exact: true }).waitFor()
  expect(await page.getByLabel('What it printed').textContent()).toContain('raise ValueError')
  expect(await findFaults(page, 'a failure')).toEqual([])
  await page.getByRole('combobox', { name: /^Script/ }).selectOption('train.py')
  await page.getByRole('button', { name: 'Read the arguments' }).waitFor()
  await page.getByRole('combobox', { name: /^Interpreter/ }).selectOption('')
  await page.getByLabel('Path of the interpreter').fill('/bin/sh')
  await page.getByRole('button', { name: 'Read the arguments' }).click()
  await page.getByText('is no name of a Python').waitFor()
})

test('an empty project, one that is not there, and who may not launch, say so', async () => {
  const page = await visits.openPage(pathOf('empty'))
  await page.getByText('There is no Python script in this project').waitFor()
  await page.goto(`${visits.world.url}/projects/999/script`)
  await page.getByText('There is no project 999').waitFor()
  const viewer = await visits.openPageAs('viewer', pathOf('hydra'))
  await viewer.getByText('You are signed in as viewer').waitFor()
  const member = await visits.openPageAs('member', pathOf('hydra'))
  await member.getByText('You are signed in as member').waitFor()
})

test.each(mainLooks)('the form has no faults at $width px', async (look) => {
  const page = await visits.openPage(pathOf('hydra'), look)
  await read(page)
  await page.getByRole('button', { name: 'Sweep over model', exact: true }).click()
  await row(page, 'model').getByText('wide', { exact: true }).click()
  await row(page, 'seed').getByLabel('seed', { exact: true }).fill('x y')
  await row(page, 'title').getByLabel('title', { exact: true }).fill('a long title '.repeat(20))
  await page.getByRole('heading', { name: '2 jobs' }).waitFor()
  await checked(page)
  expect(await findFaults(page, 'the form')).toEqual([])
})
