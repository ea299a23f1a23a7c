import axe from 'axe-core'
import type { Page } from 'playwright-core'

declare global {
  interface Window {
    axe: typeof axe
  }
}

/** What of a page depends on its colours. */
const colourRules = ['color-contrast', 'link-in-text-block']

/**
 * What is wrong with the page as it stands: wider than the window, or a serious finding of axe. The page is light, or
 * follows the system; its colours are looked at in dark, too.
 */
export async function findFaults(page: Page, name: string): Promise<string[]> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  await settle(page)
  const faults = await analyze(page, name)
  await colour(page, 'dark')
  const inDark = await analyze(page, `${name}, dark`, colourRules)
  await colour(page, 'light')
  return [...(wide > 0 ? [`${name} is ${wide} px too wide`] : []), ...faults, ...inDark]
}

async function colour(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme })
  await settle(page)
}

/** Until the page is painted as it is, and nothing that ends is on its way any more: what fades in is faint. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const frame = async () => new Promise((resolve) => requestAnimationFrame(resolve))
    await frame()
    await frame()
    const ends = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
    await Promise.allSettled(ends.map(async ({ finished }) => finished))
  })
}

/**
 * What axe finds. Its script is brought along once, and lists only what is wrong: most of the time goes into naming what
 * is right.
 */
async function analyze(page: Page, name: string, rules?: string[]): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(`${axe.source}; 0`)
  const options: axe.RunOptions = { resultTypes: ['violations'], preload: false, ...(rules ? { runOnly: rules } : {}) }
  // The guards of an open menu hand the focus on: nobody is ever on one of them.
  const context = { include: ['html'], exclude: ['[data-base-ui-focus-guard]'] }
  const violations = await page.evaluate(
    async ([where, how]) => {
      const found = await window.axe.run(where, how)
      return found.violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html }) => html) }))
    },
    [context, options] as const,
  )
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  return serious.map(({ id, nodes }) => `${name} ${id}: ${nodes.join(' | ')}`)
}
