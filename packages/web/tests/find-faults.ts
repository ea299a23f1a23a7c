import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** What of a page depends on its colours. */
const colourRules = ['color-contrast', 'link-in-text-block']

/**
 * What is wrong with the page as it stands: wider than the window, or a serious finding of axe. The page is light, or
 * follows the system; its colours are looked at in dark, too.
 */
export async function findFaults(page: Page, name: string): Promise<string[]> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  const faults = await analyze(page, name)
  await colour(page, 'dark')
  const inDark = await analyze(page, `${name}, dark`, colourRules)
  await colour(page, 'light')
  return [...(wide > 0 ? [`${name} is ${wide} px too wide`] : []), ...faults, ...inDark]
}

/** Until the page is painted so, and no colour is on its way any more. */
async function colour(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme })
  await page.evaluate(async () => {
    const frame = async () => new Promise((resolve) => requestAnimationFrame(resolve))
    await frame()
    await frame()
    const ends = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
    await Promise.allSettled(ends.map(async ({ finished }) => finished))
  })
}

async function analyze(page: Page, name: string, rules?: string[]): Promise<string[]> {
  // Without frames the older way finds the same, and opens no second page to put results together.
  // The guards of an open menu hand the focus on: nobody is ever on one of them.
  const builder = new AxeBuilder({ page }).setLegacyMode().exclude('[data-base-ui-focus-guard]')
  const { violations } = await (rules ? builder.withRules(rules) : builder).analyze()
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  return serious.map(({ id, nodes }) => `${name} ${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
}
