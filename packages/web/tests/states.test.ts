/** The page of a job in each state in which nothing moves any more, or nothing has moved yet. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findFaults } from './find-faults.ts'
import { mainLooks, startVisits, type Visits } from './visits.ts'
import { Reporter } from './world.ts'

const sdkFolder = fileURLToPath(new URL('../../../python/src', import.meta.url))
const launcher = fileURLToPath(new URL('../../app/bin/pilothouse', import.meta.url))

let visits: Visits
const steps = Array.from({ length: 60 }, (_, at) => at)

beforeAll(async () => {
  visits = await startVisits()
  const { world } = visits
  const target = 'slurm/dgx'
  await Reporter.start(world, 'first-in-line', { state: 'pending', target, name: 'first in line' })
  await Reporter.start(world, 'second-in-line', { state: 'pending', target, name: 'second', config: { lr: 3e-4 } })
  await Reporter.start(world, 'on-its-way', { state: 'submitting', name: 'on its way' })
  const at = Date.now()
  const begun = { createdAt: at - 9_000, startedAt: at - 9_000 }
  const done = await Reporter.start(world, 'all-done', { name: 'all done', config: { lr: 1e-3 }, ...begun })
  await done.report({ stages: [{ name: 'Training', state: 'active', at: at - 8_000, done: 0, total: 60 }] })
  const values = {
    loss: steps.map((step) => 2 / (step + 1) + (step > 40 ? 0.2 : 0)),
    accuracy: steps.map((s) => s / 60),
  }
  await done.points({ ...values, 'train/samples_per_second': steps.map(() => 42), lr: steps.map(() => 1e-3) }, 0)
  const host = { source: 'host:node1', times: steps.map((step) => at - 6_000 + step * 100) }
  await done.points({ 'cpu.utilization': steps.map(() => 61), 'memory.used': steps.map(() => 2 ** 30) }, 0, host)
  const gpu = { ...host, source: 'gpu:node1/0' }
  await done.points({ 'gpu.utilization': steps.map(() => 87), 'gpu.power': steps.map(() => 300) }, 0, gpu)
  await done.report({ stages: [{ name: 'Training', state: 'completed', at: at - 1_000 }] })
  await done.report({ stages: [{ name: 'Validation', state: 'active', at: at - 1_000 }] })
  await done.report({ stages: [{ name: 'Validation', state: 'completed', at }] })
  await done.finish()
  const stopped = await Reporter.start(world, 'stopped', { name: 'stopped by hand' })
  await stopped.points({ loss: [3, 2] }, 0)
  await stopped.finish('cancelled')
})

afterEach(async () => visits.leave())

afterAll(async () => visits.close())

const region = (page: Page, name: string | RegExp) => page.getByRole('region', { name })

test('a job that waits says for what, since when, and how many are before it', async () => {
  const page = await visits.openPage('/job/second-in-line')
  const waiting = region(page, /^Waiting for/)
  await waiting.getByText('1 that wait for this target').waitFor()
  expect(await waiting.textContent()).toContain('The scheduler of its target has it')
  expect(await page.locator('[data-chart]').count()).toBe(0)
  await page.getByText('0.0003').waitFor()
  await page.goto(page.url().replace('second-in-line', 'first-in-line'))
  await waiting.getByText('no job that is known here').waitFor()
  await page.goto(page.url().replace('first-in-line', 'on-its-way'))
  await waiting.getByText('It is being handed to its machine.').waitFor()
  expect(await waiting.textContent()).not.toContain('Before it')
})

/** A training that takes its turn on a device: it says that it is queued, waits for the lock, and trains until it is let go. */
const inTurn = `
import fcntl, json, os, subprocess, sys, urllib.request
url, token, uid, lock, gate = sys.argv[1:6]
body = json.dumps({"name": uid, "project": "turns", "target": "gpu0", "state": "queued"}).encode()
headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
urllib.request.urlopen(urllib.request.Request(url + "/api/jobs/" + uid, body, headers, method="PUT")).read()
train = """
import os, sys, threading, pilothouse
with pilothouse.init() as job:
    step = 0
    while not os.path.exists(sys.argv[1]):
        job.log({"loss": 1.0 / (step + 1)}, step=step)
        step += 1
        threading.Event().wait(0.05)
"""
with open(lock, "w") as held:
    fcntl.flock(held, fcntl.LOCK_EX)
    names = {"PILOTHOUSE_URL": url, "PILOTHOUSE_TOKEN": token, "PILOTHOUSE_JOB": uid, "PILOTHOUSE_ATTEMPT": "1"}
    sys.exit(subprocess.run([sys.executable, "-c", train, gate], env={**os.environ, **names}).returncode)
`

test.each(mainLooks)('a real training waits for its turn, trains and is done, at $width px', async (look) => {
  const { server, url } = visits.world
  const token = (await readFile(join(server.dataFolder, 'report.token'), 'utf8')).trim()
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-turns-'))
  const own = Object.entries(process.env).filter(([variable]) => !variable.startsWith('PILOTHOUSE_'))
  const env = { ...Object.fromEntries(own), PYTHONPATH: sdkFolder, PILOTHOUSE_DATA: folder }
  const begin = (name: string) => {
    const args = ['-c', inTurn, url, token, `${name}-${look.width}`, join(folder, 'gpu0'), join(folder, `${name}.go`)]
    return spawn('python3', args, { env, stdio: 'ignore' })
  }
  const ahead = begin('turn-ahead')
  const page = await visits.openPage('/', look)
  await page.getByRole('link', { name: `turn-ahead-${look.width}` }).waitFor()
  await page.goto(`${url}/job/turn-ahead-${look.width}`)
  await page.getByRole('main').getByText('running').first().waitFor()
  const next = begin('turn-next')
  await page.goto(`${url}/`)
  await page.getByRole('link', { name: `turn-next-${look.width}` }).waitFor()
  await page.goto(`${url}/job/turn-next-${look.width}`)
  await region(page, /^Waiting for/).waitFor()
  await page.getByRole('main').getByText('queued').first().waitFor()
  expect(await findFaults(page, 'queued')).toEqual([])
  const closed = [ahead, next].map((child) => once(child, 'close'))
  await writeFile(join(folder, 'turn-ahead.go'), '')
  await page.locator('[data-chart="loss"][data-state="ready"]').waitFor()
  await page.getByRole('main').getByText('running').first().waitFor()
  expect(await findFaults(page, 'running')).toEqual([])
  await writeFile(join(folder, 'turn-next.go'), '')
  await page.getByRole('main').getByText('completed').first().waitFor()
  await Promise.all(closed)
  await rm(folder, { recursive: true })
})

test('a job that is done shows where its time went, and the best of each metric', async () => {
  const page = await visits.openPage('/job/all-done')
  const timeline = region(page, 'Timeline')
  await timeline.getByText('Training').waitFor()
  await timeline.getByText('Validation').waitFor()
  const performance = region(page, 'Performance')
  await performance.getByText('train/samples_per_second').waitFor()
  await performance.getByText('87 %').first().waitFor()
  await performance.getByText('61 %').first().waitFor()
  await page.getByText('final and best values of 4 metrics').click()
  const row = region(page, 'Results').getByRole('row', { name: /^accuracy/ })
  expect(await row.getByRole('cell').allTextContents()).toEqual(['0.9833', '59', '0.9833', '59'])
  const loss = region(page, 'Results').getByRole('row', { name: /^loss/ })
  expect((await loss.getByRole('cell').allTextContents())[3]).toBe('40')
})

test('a real job that somebody stops by Ctrl-C is cancelled before the eyes of who looks at it', async () => {
  const { dataFolder } = visits.world.server
  const script =
    'import time\nfor step in range(100_000):\n    print(f"step {step}, loss {1 / (step + 1)}", flush=True)\n    time.sleep(0.05)'
  const own = Object.entries(process.env).filter(([variable]) => !variable.startsWith('PILOTHOUSE_'))
  const env = { ...Object.fromEntries(own), PILOTHOUSE_DATA: dataFolder }
  const args = ['run', '-q', '--name', 'by Ctrl-C', '--', 'python3', '-c', script]
  const child = spawn(launcher, args, { env, stdio: 'ignore' })
  const page = await visits.openPage('/')
  await page.getByRole('link', { name: 'by Ctrl-C' }).click()
  await page.locator('[data-chart="loss"][data-state="ready"]').waitFor()
  await page.getByRole('main').getByText('running').first().waitFor()
  const closed = once(child, 'close')
  child.kill('SIGINT')
  await closed
  await page.getByRole('main').getByText('cancelled').first().waitFor()
  await region(page, 'Timeline').waitFor()
})

test('a job that was cancelled shows what it had', async () => {
  const page = await visits.openPage('/job/stopped')
  await region(page, 'Timeline').waitFor()
  await page.locator('[data-chart="loss"][data-state="ready"]').waitFor()
})

test.each(mainLooks)('the pages of these states have no faults at $width px', async (look) => {
  const page = await visits.openPage('/job/second-in-line', look)
  await region(page, /^Waiting for/).waitFor()
  expect(await findFaults(page, 'waiting')).toEqual([])
  await page.goto(page.url().replace('second-in-line', 'all-done'))
  await region(page, 'Performance').waitFor()
  await page.getByText('final and best values').click()
  expect(await findFaults(page, 'done')).toEqual([])
})
