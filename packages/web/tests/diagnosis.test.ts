/** Scripts that really fail, run by the real command, and what the page says of them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { JobPage } from '@pilothouse/contract'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { Reporter, type World } from './world.ts'

const sdkFolder = fileURLToPath(new URL('../../../python/src', import.meta.url))
const launcher = fileURLToPath(new URL('../../app/bin/pilothouse', import.meta.url))

const scripts = {
  'missing module': 'print("epoch 1")\nimport flash_attention_of_nobody',
  'own error': 'print("epoch 1, loss 0.5")\nraise ValueError("the learning rate has to be positive, not -1")',
  'host memory': 'import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))\nwhole = bytearray(2**33)',
  'killed from outside': 'import os, signal\nprint("step 1", flush=True)\nos.kill(os.getpid(), signal.SIGKILL)',
  diverged: `import math, pilothouse
job = pilothouse.init(model="tiny")
for step in range(40):
    loss = math.nan if step >= 23 else 2.0 / (step + 1)
    job.log({"loss": loss}, step=step)
    print(f"step {step} loss {loss}")
raise FloatingPointError("Loss became infinite or NaN at iteration=39!")`,
}
type Name = keyof typeof scripts

let visits: Visits
let world: World
const uids = new Map<string, string>()

beforeAll(async () => {
  visits = await startVisits()
  world = visits.world
  await Promise.all(Object.entries(scripts).map(async ([name, script]) => fail(name, script)))
  const token = (await readFile(join(world.server.dataFolder, 'admin.token'), 'utf8')).trim()
  const answer = await fetch(`${world.url}/api/jobs`, { headers: { authorization: `Bearer ${token}` } })
  const { jobs } = (await answer.json()) as JobPage // what this route answers with
  for (const { name, uid } of jobs) uids.set(name, uid)
}, 120_000)

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

/** Runs a script that ends badly, to its end. */
async function fail(name: string, script: string): Promise<void> {
  // What the developer's own environment says of a control room does not count.
  const own = Object.entries(process.env).filter(([variable]) => !variable.startsWith('PILOTHOUSE_'))
  const env = { ...Object.fromEntries(own), PILOTHOUSE_DATA: world.server.dataFolder, PYTHONPATH: sdkFolder }
  const child = spawn(launcher, ['run', '-q', '--name', name, '--', 'python3', '-c', script], { env, stdio: 'ignore' })
  const [code] = (await once(child, 'close')) as [number | null] // the arguments of this event
  expect(code).not.toBe(0)
}

const pageOf = (name: Name) => `/job/${uids.get(name) ?? ''}`

test('a missing module is named, with its line, and the line is a link into the log', async () => {
  const page = await visits.openPage(pageOf('missing module'))
  const diagnosis = page.getByRole('region', { name: 'Diagnosis' })
  await diagnosis.getByRole('heading', { name: '«flash_attention_of_nobody» is missing' }).waitFor()
  await diagnosis.getByRole('list', { name: 'Evidence' }).getByRole('link').click()
  await page.waitForURL(/tab=logs/)
  const line = page.locator('[data-line].bg-accent-soft')
  await line.getByText("No module named 'flash_attention_of_nobody'").waitFor()
  expect(page.url()).toMatch(/[?&]line=\d+/)
  await page.reload()
  await line.waitFor()
})

test('of an error that no rule knows the line is shown, and nothing is invented', async () => {
  const page = await visits.openPage(pageOf('own error'))
  const place = page.getByRole('region', { name: 'The last error in the log' })
  await place.locator('[aria-current="true"]').getByText('the learning rate has to be positive').waitFor()
  expect(await page.getByText('Try', { exact: true }).count()).toBe(0)
})

test.each([
  ['host memory', 'The host ran out of memory', 'MemoryError'],
  ['killed from outside', 'It was killed (SIGKILL)', 'ended by SIGKILL'],
  ['diverged', 'The numbers became NaN or infinite', 'loss = NaN'],
] as const)('%s: it is said what it means, with the evidence and what to try', async (name, title, evidence) => {
  const page = await visits.openPage(pageOf(name))
  const diagnosis = page.getByRole('region', { name: 'Diagnosis' })
  await diagnosis.getByRole('heading', { name: title }).waitFor()
  await diagnosis.getByText(evidence).first().waitFor()
  expect(await diagnosis.getByRole('heading', { name: 'Try' }).count()).toBeGreaterThan(0)
})

test('the step at which the loss stopped being a number is named', async () => {
  const page = await visits.openPage(pageOf('diverged'))
  await page.getByRole('list', { name: 'Evidence' }).first().getByText('step 23').waitFor()
})

test('a link leads to a line far up in a long log', async () => {
  const job = await Reporter.start(world, 'long-log')
  await job.lines(Array.from({ length: 6_000 }, (_, at) => `step ${at + 1}`))
  await job.finish('failed')
  const page = await visits.openPage('/job/long-log?tab=logs&line=1234')
  await page.locator('[data-line="1233"].bg-accent-soft').getByText('step 1234').waitFor()
})

test('a diagnosis that cannot be read says so, and is asked for again', async () => {
  const page = await visits.openPage('/')
  await page.route('**/diagnosis', async (route) => route.abort())
  await page.goto(world.url + pageOf('missing module'))
  await page.getByText('The diagnosis could not be read').waitFor({ timeout: 30_000 })
  await page.unroute('**/diagnosis')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('heading', { name: '«flash_attention_of_nobody» is missing' }).waitFor()
}, 60_000)

test.each(mainLooks)(
  'at $width px the page of a failed job is whole, and axe finds nothing serious',
  async (look) => {
    const faults: string[] = []
    for (const name of ['diverged', 'own error'] as const) {
      const page = await visits.openPage(pageOf(name), look)
      await page
        .getByRole('region', { name: name === 'own error' ? 'The last error in the log' : 'Diagnosis' })
        .waitFor()
      await page.getByRole('region', { name: 'Performance' }).waitFor()
      const closed = page.locator('details:not([open]) > summary')
      while ((await closed.count()) > 0) await closed.first().click()
      faults.push(...(await findFaults(page, name)))
      await visits.leave()
    }
    expect(faults).toEqual([])
  },
  60_000,
)
