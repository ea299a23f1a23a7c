/** Presets of the launch form: kept without secrets, chosen, changed, replaced, renamed, deleted and brought back. */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type GitYard, openGitYard } from '../../../lab/git-yard.ts'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { readAdminToken } from './world.ts'

let yard: GitYard
let visits: Visits
beforeAll(async () => {
  yard = openGitYard()
  yard.makeRepository('vision')
  visits = await startVisits({ projectRoots: [yard.root], gitEnvironment: yard.environment })
  const headers = { authorization: `Bearer ${await readAdminToken(visits.world)}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ place: join(yard.root, 'vision') })
  const { status } = await fetch(`${visits.world.url}/api/projects`, { method: 'POST', headers, body })
  expect(status).toBe(200)
})
afterEach(async () => visits.leave())
afterAll(async () => {
  await visits.close()
  yard.close()
})

async function choose(page: Page, item: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: /^Preset/ }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

test('a form is kept without the values of its variables, and comes back by its menu and by its link', async () => {
  const page = await visits.openPage('/launch')
  const command = page.getByLabel('Command', { exact: true })
  const variables = page.getByLabel('Variables')
  await page.getByRole('button', { name: 'Presets', exact: true }).click()
  await page.getByText('Fill the form in, and it can be kept as a preset.').waitFor()
  expect(await page.getByRole('menuitem', { name: 'Save as a preset…' }).count()).toBe(0)
  await page.keyboard.press('Escape')
  await command.fill('python3 train.py --lr 1e-3')
  await page.getByText('Environment', { exact: true }).click()
  await variables.fill('HF_TOKEN=hf_secret')
  await choose(page, 'Save as a preset…')
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Left out: the values of HF_TOKEN.').waitFor()
  expect(await findFaults(page, 'saving a preset')).toEqual([])
  await dialog.getByLabel('Name').fill('night')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Preset: night' }).waitFor()
  await page.getByText('As the preset «night» has it.').waitFor()
  expect(await variables.inputValue()).toBe('HF_TOKEN=hf_secret')
  const address = page.url()
  expect(address).toMatch(/\/launch\?preset=\d+$/)
  await page.reload()
  await page.getByText('As the preset «night» has it.').waitFor()
  expect([await command.inputValue(), await variables.inputValue()]).toEqual(['python3 train.py --lr 1e-3', 'HF_TOKEN'])
  await page.getByRole('button', { name: 'Launch', exact: true }).click()
  await page.getByRole('alert').getByText('HF_TOKEN has no value yet.').waitFor()
  await choose(page, 'An empty form')
  await page.getByRole('button', { name: 'Presets', exact: true }).waitFor()
  expect([await command.inputValue(), new URL(page.url()).search]).toEqual(['', ''])
  await choose(page, /^night/)
  await page.getByRole('button', { name: 'Preset: night' }).waitFor()
  expect([await command.inputValue(), page.url()]).toEqual(['python3 train.py --lr 1e-3', address])
})

test('a preset is changed, replaced, renamed, shared, deleted and brought back', async () => {
  const page = await visits.openPage('/launch')
  const command = page.getByLabel('Command', { exact: true })
  await command.fill('python3 train.py')
  await choose(page, 'Save as a preset…')
  await page.getByRole('dialog').getByLabel('Name').fill('day')
  await page.keyboard.press('Enter')
  await page.getByText('As the preset «day» has it.').waitFor()
  await command.fill('python3 train.py --epochs 9')
  await page.getByText('Changed: command.').waitFor()
  await page.getByRole('combobox', { name: 'Project' }).selectOption('')
  await page.getByText('Changed: project, command.').waitFor()
  await choose(page, 'Overwrite «day»')
  await page.getByText('As the preset «day» has it.').waitFor()
  await choose(page, 'Manage presets…')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Rename day' }).click()
  await page.keyboard.type('every day')
  await page.keyboard.press('Enter')
  await dialog.getByRole('button', { name: 'Share every day with everybody' }).click()
  await dialog.getByRole('button', { name: 'Keep every day to its owner' }).waitFor()
  expect(await findFaults(page, 'managing presets')).toEqual([])
  await dialog.getByRole('button', { name: 'Delete every day' }).click()
  await dialog.getByRole('button', { name: 'Delete every day' }).waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  await page.getByText('The preset of this address is not there any more').waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Preset: every day' }).waitFor()
  await choose(page, 'An empty form')
  await page.getByRole('button', { name: 'Presets', exact: true }).waitFor()
  await choose(page, /^every day/)
  await page.getByText('As the preset «every day» has it.').waitFor()
  expect(await command.inputValue()).toBe('python3 train.py --epochs 9')
  expect(await page.getByRole('combobox', { name: 'Project' }).inputValue()).toBe('')
})

test.each(mainLooks)('at $width px the form with a preset is whole', async (look) => {
  const page = await visits.openPage('/launch', look)
  await page.getByRole('button', { name: 'Presets', exact: true }).click()
  await page.getByRole('menuitem', { name: /^every day/ }).click()
  await page.getByLabel('Command', { exact: true }).fill('python3 train.py --epochs 10')
  await page.getByText('Changed: command.').waitFor()
  const plan = page.getByRole('complementary', { name: 'What is launched' })
  await plan.getByText('train.py --epochs 10').waitFor({ state: 'attached' })
  await plan.locator('.opacity-70').waitFor({ state: 'detached' })
  expect(await findFaults(page, 'a changed preset')).toEqual([])
})
