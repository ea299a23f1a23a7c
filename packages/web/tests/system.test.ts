import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { Reporter, type World } from './world.ts'

let visits: Visits
let world: World

beforeAll(async () => {
  visits = await startVisits()
  world = visits.world
})

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

/** A token of a role, made by the admin of the test's server. */
async function makeToken(role: string): Promise<string> {
  const admin = (await readFile(join(world.server.dataFolder, 'admin.token'), 'utf8')).trim()
  const answer = await fetch(`${world.url}/api/access/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: role, role }),
  })
  return ((await answer.json()) as { secret: string }).secret // the server's own answer
}

test('an admin reaches the figures of the server from the menu, and they go on counting', async () => {
  const job = await Reporter.start(world, 'counted', { name: 'counted job' })
  const page = await visits.openPage('/')
  await page.getByRole('button', { name: /^Signed in/ }).click()
  await page.getByRole('menuitem', { name: 'System' }).click()
  await page.waitForURL(`${world.url}/system`)
  await page.getByRole('heading', { level: 1, name: 'System' }).waitFor()
  await page.getByText(world.server.dataFolder).waitFor()
  const live = page.getByRole('region', { name: 'Jobs by state' })
  await live.getByRole('link', { name: 'running 1' }).waitFor()
  await job.finish()
  await live.getByRole('link', { name: 'completed 1' }).waitFor()
  await live.getByRole('link', { name: 'completed 1' }).click()
  await page.getByRole('link', { name: 'counted job' }).waitFor()
})

test('the largest are told by job or by project, and the address keeps which', async () => {
  await Reporter.start(world, 'by-project', { project: 'vision' })
  const page = await visits.openPage('/system')
  await page.getByRole('navigation', { name: 'Largest by' }).getByRole('link', { name: 'Projects' }).click()
  await page.waitForURL(`${world.url}/system?by=project`)
  await page.getByRole('region', { name: 'What takes the space' }).waitFor()
})

test('who is no admin is told what it takes, and is not offered the way', async () => {
  const token = await makeToken('viewer')
  const context = await visits.openContext({ extraHTTPHeaders: { authorization: `Bearer ${token}` } })
  const page = await context.newPage()
  await page.goto(`${world.url}/system`)
  await page.getByRole('heading', { name: 'This page is for admins of the server' }).waitFor()
  await page.getByText('system:manage').waitFor()
  await page.getByRole('button', { name: /^Signed in/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).waitFor()
  expect(await page.getByRole('menuitem', { name: 'System' }).count()).toBe(0)
  expect((await page.request.get(`${world.url}/api/system`)).status()).toBe(403)
})

test.each(mainLooks)(
  'at $width px nothing is cut off, and axe finds nothing serious',
  async (look) => {
    const page = await visits.openPage('/system', look)
    await page.getByRole('meter', { name: 'Used' }).waitFor()
    await page.getByRole('region', { name: 'What takes the space' }).waitFor()
    expect(await findFaults(page, 'system')).toEqual([])
  },
  60_000,
)
