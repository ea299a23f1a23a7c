/** Menus are fetched when somebody is about to open one: they must feel as if they had always been there. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startVisits, type Visits } from './visits.ts'

let visits: Visits
beforeAll(async () => {
  visits = await startVisits()
})
afterEach(async () => visits.leave())
afterAll(async () => visits.close())

const theme = (page: Page) => page.getByRole('button', { name: /^Theme/ })
const focused = async (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))

test('a menu opens at the first click, closes, and opens again', async () => {
  const page = await visits.openPage('/')
  await theme(page).click()
  await page.getByRole('menuitemradio', { name: 'Dark' }).click()
  await page.getByRole('menu').waitFor({ state: 'detached' })
  expect(
    await page.evaluate(() => document.documentElement.dataset['theme'] ?? document.documentElement.className),
  ).toMatch('dark')
  await theme(page).click()
  await page.getByRole('menuitemradio', { name: 'Light' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('menu').waitFor({ state: 'detached' })
})

test.each(['Enter', 'ArrowDown', 'Space'])('%s opens it, arrows walk, Escape leads back to its button', async (key) => {
  const page = await visits.openPage('/')
  await theme(page).focus()
  expect(await theme(page).getAttribute('aria-haspopup')).toBe('menu')
  await page.keyboard.press(key)
  await page.getByRole('menuitemradio', { name: 'Dark' }).waitFor()
  await expect
    .poll(async () => {
      await page.keyboard.press('ArrowDown')
      return page.evaluate(() => document.activeElement?.textContent)
    })
    .toBe('Dark')
  await page.keyboard.press('Escape')
  await page.getByRole('menu').waitFor({ state: 'detached' })
  await expect.poll(async () => focused(page)).toMatch(/^Theme/)
})

test('a dialog opens at the first key, and closing it leads back', async () => {
  const page = await visits.openPage('/')
  await theme(page).focus()
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await focused(page)).toMatch(/^Theme/)
})
