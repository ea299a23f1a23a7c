import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

let visits: Visits
const begun = new Date('2026-03-01T10:00:00').getTime()

beforeAll(async () => {
  visits = await startVisits()
})
afterAll(async () => visits.close())
afterEach(async () => visits.leave())

const print = (job: Reporter, stream: 'stdout' | 'stderr', lines: string[]) =>
  job.report({ logs: [{ stream, times: lines.map(() => Date.now()), lines }] })

/** Lines in sight, by their numbers. */
const readSeen = (page: Page) =>
  page
    .locator('[data-line]')
    .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-line'))).sort((a, b) => a - b))

async function choose(page: Page, menu: string, item: string, role: 'menuitemradio' | 'menuitem' | 'menuitemcheckbox') {
  await page.getByRole('button', { name: menu }).click()
  await page.getByRole(role, { name: item }).click()
  if (role === 'menuitemcheckbox') await page.keyboard.press('Escape')
}

async function download(page: Page, start: () => Promise<void>): Promise<{ name: string; lines: string[] }> {
  const [file] = await Promise.all([page.waitForEvent('download'), start()])
  const text = await readFile(await file.path(), 'utf8')
  return { name: file.suggestedFilename(), lines: text.split('\n').slice(0, -1) }
}

test('one stream is shown alone, in the address, live, and back to its begin', async () => {
  const job = await Reporter.start(visits.world, 'log-streams')
  for (let at = 0; at < 10; at += 1) {
    await print(
      job,
      'stdout',
      Array.from({ length: 990 }, (_, n) => `printed ${at} ${n}`),
    )
    await print(
      job,
      'stderr',
      Array.from({ length: 10 }, (_, n) => `warned ${at} ${n}`),
    )
  }
  const page = await visits.openPage('/job/log-streams?tab=logs')
  await page.getByText('warned 9 9').waitFor()
  expect(await page.getByText('printed 9 989').count()).toBe(1)
  await choose(page, 'both streams', 'stderr', 'menuitemradio')
  await page.getByText('warned 8 9').waitFor()
  expect(new URL(page.url()).searchParams.get('stream')).toBe('stderr')
  expect(await page.getByText(/^printed/).count()).toBe(0)

  await print(job, 'stdout', ['printed later'])
  await print(job, 'stderr', ['warned later'])
  await page.getByText('warned later').waitFor()
  expect(await page.getByText('printed later').count()).toBe(0)
  await page.getByRole('log').focus()
  await page.keyboard.press('Home')
  await page.getByText('warned 0 0').waitFor()

  await page.reload()
  await page.getByText('warned later').waitFor()
  expect(await page.getByText(/^printed/).count()).toBe(0)
  const shown = await download(page, () => choose(page, 'Download the log', 'What is shown: stderr', 'menuitem'))
  expect([shown.name, shown.lines.length, shown.lines[0]]).toEqual(['log-streams-1-stderr.log', 101, 'warned 0 0'])

  await choose(page, 'stderr', 'stdout', 'menuitemradio')
  await page.getByText('printed later').waitFor()
  expect(await page.getByText('warned later').count()).toBe(0)
})

test('a long log is read on from its middle in both directions, and a part of it is downloaded', async () => {
  const job = await Reporter.start(visits.world, 'log-long')
  const lines = Array.from({ length: 12_000 }, (_, n) => `line ${n}`)
  for (let at = 0; at < lines.length; at += 3_000) await job.lines(lines.slice(at, at + 3_000))
  const page = await visits.openPage('/job/log-long?tab=logs&line=6001')
  await page.locator('[data-line="6000"]').waitFor()
  await page.getByRole('log').hover()
  for (const [by, wanted] of [
    [4_000, 7_500],
    [-4_000, 4_500],
  ] as const) {
    // Beyond the 1,000 lines that came first, without a gap.
    while (!(await readSeen(page)).some((n) => (by > 0 ? n > wanted : n < wanted))) {
      await page.mouse.wheel(0, by)
      const seen = await readSeen(page)
      expect(seen.at(-1)! - seen[0]! + 1).toBe(seen.length)
    }
  }
  await page.getByRole('button', { name: 'Jump to end' }).click()
  await page.locator('[data-line="11999"]').waitFor()

  for (let round = 0; round < 4; round += 1) {
    await page.getByRole('log').focus()
    await page.keyboard.press('Home')
    await page.locator('[data-line="0"]').waitFor()
    await page.getByRole('button', { name: 'Jump to end' }).click()
    await page.locator('[data-line="11999"]').waitFor()
  }

  await choose(page, 'View of the log', 'Go to line…', 'menuitem')
  await page.getByLabel('Line, 1 to').fill('3001')
  await page.keyboard.press('Enter')
  await page.locator('[data-line="3000"]').waitFor()
  const seen = await page.locator('[data-line="3000"]').getAttribute('class')
  expect(seen).toContain('bg-accent-soft')

  await choose(page, 'Download the log', 'These lines…', 'menuitem')
  const dialog = page.getByRole('dialog', { name: 'Download lines' })
  // What is in sight is proposed.
  expect(Number(await dialog.getByLabel('From line').inputValue())).toBeGreaterThan(2_900)
  expect(Number(await dialog.getByLabel('To line').inputValue())).toBeLessThan(3_100)
  await dialog.getByLabel('From line').fill('20')
  await dialog.getByLabel('To line').fill('10')
  await dialog.getByText('The first line comes after the last one.').waitFor()
  await dialog.getByLabel('To line').fill('8000')
  const part = await download(page, () => dialog.getByRole('link', { name: 'Download' }).click())
  expect([part.name, part.lines.length]).toEqual(['log-long-1-lines-20-8000.log', 7_981])
  expect([part.lines[0], part.lines.at(-1)]).toEqual(['line 19', 'line 7999'])
  const whole = await download(page, () => choose(page, 'Download the log', 'Whole log', 'menuitem'))
  expect(whole.lines).toEqual(lines)
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('line 77')
  const found = await download(page, () => choose(page, 'Download the log', 'Lines that match', 'menuitem'))
  expect(found.lines).toHaveLength(111)
})

test('the log of an earlier attempt is shown by choice, in the address, and stays apart from the newest', async () => {
  const uid = 'log-attempts'
  const first = await Reporter.start(visits.world, uid, { attempt: { claim: 'first' } })
  await first.lines(['first words', 'then it fell over'])
  await first.finish('failed')
  const second = await Reporter.start(visits.world, uid, { attempt: { claim: 'second' } })
  await second.lines(['second words'])
  const page = await visits.openPage(`/job/${uid}?tab=logs`)
  await page.getByText('second words').waitFor()
  await page.getByLabel('Attempt').selectOption({ label: 'attempt 1, failed' })
  await page.getByText('then it fell over').waitFor()
  expect(new URL(page.url()).searchParams.get('attempt')).toBe('1')
  await second.lines(['third words'])
  await page.reload()
  await page.getByText('then it fell over').waitFor()
  expect(await page.getByText('third words').count()).toBe(0)
  await page.getByLabel('Attempt').selectOption('2')
  await page.getByText('third words').waitFor()
  expect(new URL(page.url()).searchParams.has('attempt')).toBe(false)
})

test('times stand before the lines as somebody wants them, and stay so', async () => {
  const job = await Reporter.start(visits.world, 'log-times', { createdAt: begun, startedAt: begun })
  const times = [1_000, 1_012, 3_512, 125_512].map((after) => begun + after)
  await job.report({ logs: [{ stream: 'stdout', times, lines: ['one', 'two', 'three', 'four'] }] })
  const page = await visits.openPage('/job/log-times?tab=logs')
  const read = () => page.locator('[data-line] time').allTextContents()
  await page.getByText('four').waitFor()
  expect(await read()).toEqual(['10:00:01', '10:00:01', '10:00:03', '10:02:05'])
  await choose(page, 'View of the log', 'Since the start of the attempt', 'menuitemradio')
  await expect.poll(read).toEqual(['0:00:01.0', '0:00:01.0', '0:00:03.5', '0:02:05.5'])
  await choose(page, 'View of the log', 'Since the line before', 'menuitemradio')
  await expect.poll(read).toEqual(['+0 ms', '+12 ms', '+2.50 s', '+2 m 2 s'])
  await page.reload()
  await page.getByText('four').waitFor()
  expect(await read()).toEqual(['+0 ms', '+12 ms', '+2.50 s', '+2 m 2 s'])
  await choose(page, 'View of the log', 'None', 'menuitemradio')
  await expect.poll(read).toEqual([])
})

test('long lines wrap or run on, and the list stays where it was', async () => {
  const job = await Reporter.start(visits.world, 'log-wrap')
  await job.lines(Array.from({ length: 900 }, (_, n) => `${n} ${'word '.repeat(n % 3 === 0 ? 300 : 2)}end-of-${n}`))
  const page = await visits.openPage('/job/log-wrap?tab=logs&line=451')
  await page.locator('[data-line="450"]').waitFor()
  const measure = () =>
    page.getByRole('log').evaluate((log) => {
      const rows = [...log.querySelectorAll<HTMLElement>('[data-line]')].map((row) => row.getBoundingClientRect())
      const tops = rows.toSorted((a, b) => a.top - b.top)
      return {
        wide: log.scrollWidth > log.clientWidth,
        heights: new Set(rows.map(({ height }) => height)).size,
        // A row begins where the one above it ends.
        gaps: tops.slice(1).map(({ top }, at) => Math.round(top - (tops[at]?.bottom ?? 0))),
        sight: rows.filter(({ bottom, top }) => bottom > 0 && top < window.innerHeight).length,
      }
    })
  const isInSight = async (line: number) => {
    const box = await page.locator(`[data-line="${line}"]`).boundingBox()
    return box !== null && box.y > 0 && box.y < 900
  }
  const wrapped = await measure()
  expect([wrapped.wide, wrapped.heights > 1, wrapped.gaps.every((gap) => gap === 0)]).toEqual([false, true, true])

  await choose(page, 'View of the log', 'Wrap long lines', 'menuitemcheckbox')
  await expect.poll(async () => (await measure()).wide).toBe(true)
  const long = await measure()
  expect([long.heights, long.gaps.every((gap) => gap === 0)]).toEqual([1, true])
  await expect.poll(() => isInSight(450)).toBe(true)
  const width = () => page.getByRole('log').evaluate((log) => log.scrollWidth)
  const before = await width()
  await page.getByRole('log').hover()
  await page.mouse.wheel(20_000, 0)
  await expect.poll(() => page.getByRole('log').evaluate((log) => log.scrollLeft > 500)).toBe(true)
  await page.mouse.wheel(0, 6_000)
  await page.locator('[data-line="765"]').waitFor()
  expect(await width()).toBe(before)
  await page.reload()
  await page.locator('[data-line="450"]').waitFor()
  expect((await measure()).wide).toBe(true)

  await choose(page, 'View of the log', 'Wrap long lines', 'menuitemcheckbox')
  await expect.poll(async () => (await measure()).wide).toBe(false)
  await expect.poll(() => isInSight(450)).toBe(true)
  expect((await measure()).gaps.every((gap) => gap === 0)).toBe(true)
})

test('on a phone the end is in sight, and stays so, however long the lines are', async () => {
  const job = await Reporter.start(visits.world, 'log-phone')
  await job.lines(Array.from({ length: 900 }, (_, n) => `${n} ${'word '.repeat(n % 3 === 0 ? 300 : 2)}end-of-${n}`))
  const page = await visits.openPage('/job/log-phone?tab=logs', { width: 390, height: 844 })
  const isAtEnd = () => page.getByRole('log').evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight < 2)
  await page.getByText('end-of-899').waitFor()
  await expect.poll(isAtEnd).toBe(true)
  await job.lines([`long ${'word '.repeat(500)}end-of-it`])
  await page.getByText('end-of-it').waitFor()
  await expect.poll(isAtEnd).toBe(true)
  await page.setViewportSize({ width: 390, height: 600 })
  await expect.poll(isAtEnd).toBe(true)
  await page.setViewportSize({ width: 500, height: 844 })
  await expect.poll(isAtEnd).toBe(true)
  // Nobody is held there.
  await page.getByRole('log').evaluate((log) => log.scrollBy(0, -3_000))
  await page.getByRole('button', { name: 'Jump to end' }).waitFor()
  expect(await isAtEnd()).toBe(false)
})

test.each(mainLooks)('the tools of the log have no faults at $width px', async (look) => {
  const uid = `log-look-${look.width}`
  const job = await Reporter.start(visits.world, uid)
  await job.lines(Array.from({ length: 300 }, (_, n) => `step ${n}: loss 0.${n} ${'and more '.repeat(n % 20)}`))
  await print(job, 'stderr', ['WARNING: careful', 'ERROR: wrong'])
  const page = await visits.openPage(`/job/${uid}?tab=logs&stream=stderr`, look)
  await page.getByText('WARNING: careful').waitFor()
  const faults = await findFaults(page, 'filtered')
  // What guards the focus of an open menu is hidden and focusable by intention.
  for (const [menu, wait] of [
    ['View of the log', 'Time of each line'],
    ['Download the log', 'These lines…'],
    [look.width < 640 ? 'all levels' : 'stderr', 'both streams'],
  ] as const) {
    await page.getByRole('button', { name: menu }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menu').getByText(wait).waitFor()
    faults.push(...(await findFaults(page, menu)).filter((fault) => !fault.includes('data-base-ui-focus-guard')))
    await page.keyboard.press('Escape')
    await page.getByRole('menu').waitFor({ state: 'detached' })
  }
  await choose(page, 'Download the log', 'These lines…', 'menuitem')
  await page.getByRole('dialog').waitFor()
  faults.push(...(await findFaults(page, 'lines')))
  await page.keyboard.press('Escape')
  await choose(page, 'View of the log', 'Since the line before', 'menuitemradio')
  await choose(page, 'View of the log', 'Wrap long lines', 'menuitemcheckbox')
  await page.goto(`${visits.world.url}/job/${uid}`)
  faults.push(...(await findFaults(page, 'unwrapped')))
  expect(faults).toEqual([])
})
