/** The look for faults finds faults: else none of the tests that use it could fail. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { launchBrowser } from './world.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(async () => browser.close())

async function show(body: string, style = ''): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 390, height: 844 } })).newPage()
  const head = `<title>t</title><style>body { background: #fff; color: #000 } ${style}</style>`
  await page.setContent(`<!doctype html><html lang="en"><head>${head}</head><body><main>${body}</main></body></html>`)
  return page
}

test('a sound page has none', async () => {
  expect(await findFaults(await show('<h1>Sound</h1>'), 'sound')).toEqual([])
})

test('what is wrong in dark alone is found, and what is too wide or has no name', async () => {
  const dark = '@media (prefers-color-scheme: dark) { body { background: #000; color: #111 } }'
  expect(await findFaults(await show('<h1>Dark</h1>', dark), 'page')).toEqual([
    expect.stringMatching(/^page, dark color-contrast: <h1>Dark<\/h1>/),
  ])
  const wide = await show('<div style="width: 500px">wide</div><button></button>')
  expect(await findFaults(wide, 'page')).toEqual([
    'page is 118 px too wide',
    expect.stringMatching(/^page button-name/),
  ])
})
