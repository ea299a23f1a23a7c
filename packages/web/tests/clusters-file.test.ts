/** `clusters.yaml` changed on the page. */
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'

let visits: Visits
let file: string
beforeAll(async () => {
  visits = await startVisits()
  file = join(visits.world.server.dataFolder, 'clusters.yaml')
})
afterEach(async () => {
  await visits.leave()
  rmSync(file, { force: true })
})
afterAll(async () => visits.close())

const away = '# Ours.\nclusters:\n  - name: away   # far\n    host: ssh://nobody@127.0.0.1:1\n'
const read = (): string => readFileSync(file, 'utf8')
const findText = (page: Page) => page.getByRole('textbox', { name: 'clusters.yaml' })
const saved = (page: Page) => page.getByRole('status').getByText('Saved. The control room goes by it from now on.')

async function open(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Edit clusters.yaml' }).click()
  await findText(page).waitFor()
}

test('without a file one begins with a template, mistakes are told at their lines, and what is saved is shown', async () => {
  const page = await visits.openPage('/clusters')
  await open(page)
  await page.getByText('There is no file yet').waitFor()
  await page.getByRole('button', { name: 'Begin with a template' }).click()
  await page.getByRole('status').getByText('Not saved yet: adds dgx.').waitFor()
  const text = await findText(page).inputValue()
  await findText(page).fill(text.replace('host: me@login.example.org', 'hots: ssh://nobody@127.0.0.1:1'))
  const mistake = page.getByRole('list', { name: 'Mistakes' }).getByRole('button', { name: 'line 5' })
  await mistake.click()
  const selected = await findText(page).evaluate((area: HTMLTextAreaElement) =>
    area.value.slice(area.selectionStart, area.selectionEnd),
  )
  expect(selected).toMatch(/^hots: /)
  expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
  await page.keyboard.type('host: ssh://nobody@127.0.0.1:1')
  await page.getByRole('status').getByText('Not saved yet: adds dgx.').waitFor()
  await page.keyboard.press('Control+s')
  await saved(page).waitFor()
  expect(read()).toContain('    host: ssh://nobody@127.0.0.1:1\n    # allowed_partitions: [gpu, long]\n')
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'dgx' }).waitFor()
})

test('a cluster is added by a form, the text around it stays, and what was replaced can be put back', async () => {
  writeFileSync(file, away)
  const page = await visits.openPage('/clusters?edit=file')
  await page.getByRole('button', { name: 'Add a cluster' }).click()
  const form = page.getByRole('form', { name: 'Add a cluster' })
  await form.getByLabel('Name').fill('away')
  await form.getByText('«away» is there already.').waitFor()
  await form.getByLabel('Name').fill('box')
  await form.getByLabel('Kind').selectOption('Host without a scheduler')
  await form.getByLabel('Host', { exact: true }).fill('me@box.example.org')
  await page.keyboard.press('Enter')
  await page.getByRole('status').getByText('Not saved yet: adds box.').waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await saved(page).waitFor()
  expect(read()).toBe(`${away}\nhosts:\n  - name: box\n    host: me@box.example.org\n`)
  await page.getByRole('button', { name: 'Put back the text of before' }).click()
  await page.getByRole('status').getByText('Not saved yet: removes box.').waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await saved(page).waitFor()
  expect(read()).toBe(away)
})

test('a long file scrolls beside its numbers, and a mistake far below is brought into sight', async () => {
  writeFileSync(file, `${away}${'#\n'.repeat(400)}nodes: []\n`)
  const page = await visits.openPage('/clusters?edit=file')
  await page.getByRole('button', { name: 'line 405' }).click()
  const { top, height } = await findText(page).evaluate(({ scrollTop, clientHeight }) => ({
    top: scrollTop,
    height: clientHeight,
  }))
  expect(height).toBeLessThan(900)
  expect(top).toBeGreaterThan(404 * 20 - height)
  const number = await page.getByText('405', { exact: true }).boundingBox()
  const area = await findText(page).boundingBox()
  expect(number?.y).toBeGreaterThan(area?.y ?? Infinity)
  expect(number?.y).toBeLessThan((area?.y ?? 0) + height)
})

test('a file that somebody has changed meanwhile is shown, taken over or overwritten', async () => {
  writeFileSync(file, away.replaceAll('\n', '\r\n'))
  const page = await visits.openPage('/clusters?edit=file')
  await findText(page).fill(`${away}# mine\n`)
  writeFileSync(file, `# theirs\n${away}`)
  await page.getByText('clusters.yaml has been changed since you began.').waitFor()
  await page.getByRole('button', { name: 'Show theirs' }).click()
  await page.getByLabel('What has changed there').getByText('# theirs').waitFor()
  await page.getByRole('button', { name: 'Overwrite with mine' }).click()
  await saved(page).waitFor()
  expect(read()).toBe(`${away}# mine\n`.replaceAll('\n', '\r\n'))
  await findText(page).fill(`${away}# mine again\n`)
  writeFileSync(file, `# theirs\n${away}`)
  await page.getByRole('button', { name: 'Take theirs' }).click()
  await page.getByText('has been changed').waitFor({ state: 'detached' })
  expect(await findText(page).inputValue()).toBe(`# theirs\n${away}`)
  // Where nothing was changed here, the text follows the file.
  writeFileSync(file, `# theirs again\n${away}`)
  await page.waitForFunction(() => document.querySelector('textarea')?.value.startsWith('# theirs again'))
})

test('whoever leaves with changes is asked; without the right, or where the file is read-only, nothing can be written', async () => {
  writeFileSync(file, away)
  const page = await visits.openPage('/clusters')
  await open(page)
  await findText(page).press('ControlOrMeta+End')
  await page.keyboard.type('# mine')
  await page.keyboard.press('Escape')
  await page.getByText('What you have changed is not saved.').waitFor()
  await page.keyboard.press('Enter')
  expect(await findText(page).inputValue()).toBe(`${away}# mine`)
  await page.goBack()
  await page.getByRole('button', { name: 'Discard it' }).click()
  await findText(page).waitFor({ state: 'detached' })
  expect(read()).toBe(away)
  chmodSync(file, 0o444)
  await open(page)
  await page.getByText('The file is read-only').waitFor()
  expect(await findText(page).getAttribute('readonly')).not.toBeNull()
  const viewer = await visits.openPageAs('viewer', '/clusters?edit=file')
  await viewer.getByRole('heading', { name: 'You may not change clusters' }).waitFor()
  expect(await viewer.getByRole('link', { name: 'Edit clusters.yaml' }).count()).toBe(0)
})

test.each(mainLooks)(
  'at $width px nothing is cut off, and axe finds nothing serious',
  async (look) => {
    writeFileSync(file, away)
    const page = await visits.openPage('/clusters?edit=file', look)
    await findText(page).waitFor()
    expect(await findFaults(page, 'file')).toEqual([])
    await findText(page).fill(away.replace('host:', 'hots:'))
    await page.getByRole('button', { name: 'line 4' }).waitFor()
    await page.getByRole('button', { name: 'Add a cluster' }).click()
    writeFileSync(file, `# theirs\n${away}`)
    await page.getByRole('button', { name: 'Show theirs' }).click()
    expect(await findFaults(page, 'mistakes and conflict')).toEqual([])
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).first().click()
    await page.getByRole('button', { name: 'Keep editing' }).waitFor()
    expect(await findFaults(page, 'question')).toEqual([])
  },
  120_000,
)
