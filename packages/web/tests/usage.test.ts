/** The history of a project and of a cluster: closed until it is wanted, then what became of its jobs. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { UsageHistory } from '@pilothouse/contract'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { readAdminToken, Reporter } from './world.ts'

const hour = 3_600_000
const day = 24 * hour
let visits: Visits
beforeAll(async () => {
  visits = await startVisits()
  const gpus = [0, 1].map((index) => ({ index, name: 'NVIDIA A100-SXM4-80GB' }))
  const hardware = { host: 'node-1', gpus, gpuAbsence: null }
  const run = async (uid: string, hours: number, more: object = {}) =>
    Reporter.start(visits.world, uid, {
      project: 'vision',
      target: 'lab',
      hardware,
      createdAt: Date.now() - hours * hour,
      startedAt: Date.now() - hours * hour,
      ...more,
    })
  for (const at of [1, 2, 3, 4]) await (await run(`done-${at}`, at)).finish()
  for (const at of [1, 2]) await (await run(`broken-${at}`, at)).finish('failed')
  await (await run('stopped', 5, { target: 'other' })).finish('cancelled')
  // Ended jobs are counted a little later; the page looks once a minute.
  const headers = { authorization: `Bearer ${await readAdminToken(visits.world)}` }
  const count = async (): Promise<number> => {
    const answer = await fetch(
      `${visits.world.url}/api/usage-history?project=vision&until=${Date.now() + day}&parts=1`,
      { headers },
    )
    return ((await answer.json()) as UsageHistory).total.jobs // what this route answers with
  }
  await vi.waitUntil(async () => (await count()) === 7, { timeout: 30_000, interval: 100 })
  const file = { clusters: [{ name: 'lab', host: 'nobody@lab.invalid' }] }
  writeFileSync(join(visits.world.server.dataFolder, 'clusters.yaml'), JSON.stringify(file))
})
afterEach(async () => visits.leave())
afterAll(async () => visits.close())

test('the history of a project opens with a time frame, which its address keeps', async () => {
  const page = await visits.openPage('/projects?name=vision')
  const history = page.getByRole('region', { name: 'History' })
  await history.getByRole('button', { name: '30 days' }).waitFor()
  expect(await history.getByRole('img').count()).toBe(0)
  await history.getByRole('button', { name: '30 days' }).click()
  const chart = history.getByRole('img', { name: 'Jobs that ended by day, 7 in all.' })
  await chart.waitFor()
  expect(page.url()).toContain('history=30')
  await chart.press('ArrowRight')
  await history
    .getByText(/: 4 completed, 2 failed, 1 cancelled$/)
    .first()
    .waitFor()
  await history
    .getByRole('region', { name: 'By where' })
    .getByRole('row', { name: /^lab 6 2 / })
    .waitFor()
  await history
    .getByRole('region', { name: 'By gpu' })
    .getByRole('row', { name: /A100.* 7 2 / })
    .waitFor()
  await history.getByText('not known', { exact: true }).waitFor()
  await history.getByText('Not known: no job of these was launched from here').waitFor()
  await history.getByRole('button', { name: 'All', exact: true }).click()
  await history.getByRole('img', { name: 'Jobs that ended by span of time, 7 in all.' }).waitFor()
  await page.reload()
  await history.getByRole('img', { name: /7 in all/ }).waitFor()
  await history.getByRole('button', { name: 'Close the history' }).click()
  await history.getByRole('img').waitFor({ state: 'detached' })
  expect(page.url()).not.toContain('history')
})

test('a cluster has one as well, also while it does not answer; without jobs it says what will be there', async () => {
  const page = await visits.openPageAs('viewer', '/clusters/lab?history=7')
  const history = page.getByRole('region', { name: 'History' })
  await history.getByRole('img', { name: /6 in all/ }).waitFor()
  await (
    await Reporter.start(visits.world, 'old-run', {
      project: 'old',
      createdAt: Date.now() - 40 * day,
      startedAt: Date.now() - 40 * day,
    })
  ).points({ loss: [1] }, 0)
  await page.goto(`${visits.world.url}/projects?name=old&history=7`)
  await page.getByText('No job has ended within 7 days. Here will be').waitFor()
})

test.each(mainLooks)('at $width px the history is whole', async (look) => {
  const page = await visits.openPage('/projects?name=vision&history=30', look)
  await page.getByRole('img', { name: /7 in all/ }).waitFor()
  expect(await findFaults(page, 'the history')).toEqual([])
})
