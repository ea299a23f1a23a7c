/** Real trainings, steered from the page: their rate, their checkpoints, and back from weights that are spoiled. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CheckpointList, LatestAnswer } from '@pilothouse/contract'
import type { APIResponse, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { findPython } from '../../../lab/find-python.ts'
import { startVisits, type Visits } from './visits.ts'

const repository = fileURLToPath(new URL('../../..', import.meta.url))

type Training = {
  uid: string
  /** Folder of the script below `examples`. */
  example: string
  options: string[]
  ranks?: number
  /** Under which the training logs what its optimizer has. */
  rateKey: string
  /** At this rate the weights are worth nothing within a few steps. */
  spoilingRate: number
  /** How far the loss may be from its old curve, as a share: the same data and chance give the same numbers. */
  tolerance: number
}

const plain = { example: 'steered', options: ['--steps', '100000', '--pause', '0.02'], rateKey: 'lr', spoilingRate: 10 }
/** Two at a time: what takes long is the start of their libraries. */
const pairs: Record<string, Training[]> = {
  PyTorch: [
    { ...plain, uid: 'alone', tolerance: 1e-6 },
    // The chance of the second rank begins anew.
    { ...plain, uid: 'two-ranks', ranks: 2, tolerance: 0.3 },
  ],
  'what builds on PyTorch': [
    {
      uid: 'trainer',
      example: 'huggingface',
      options: ['--pause', '0.02', '--log-every', '1', '--eval-every', '5000'],
      rateKey: 'learning_rate',
      spoilingRate: 1,
      tolerance: 1e-5,
    },
    {
      uid: 'lightning',
      example: 'lightning',
      options: ['--pause', '0.02', '--log-every', '1'],
      rateKey: 'learning_rate',
      spoilingRate: 10,
      // It draws what is left of the epoch anew.
      tolerance: 0.3,
    },
  ],
}
const [rate, comparedSteps] = [2e-3, 10]
const slow = { timeout: 300_000 }
const patient = { timeout: 120_000 }

let visits: Visits
let folder: string
const started: ChildProcess[] = []

beforeAll(async () => {
  visits = await startVisits()
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-trainings-'))
})
afterAll(async () => {
  await Promise.all(started.map(end))
  await visits.close()
  await rm(folder, { recursive: true })
})

for (const [name, pair] of Object.entries(pairs)) {
  describe(name, () => {
    afterAll(async () => visits.leave())

    test.concurrent.for(pair)(
      '$uid is changed, spoiled, taken back and stopped from the page',
      slow,
      async (training) => {
        const { uid, rateKey, spoilingRate, tolerance } = training
        const script = await start(training)
        const run = new Run(await visits.openPage('/'), uid)
        await Promise.race([run.open(), script.code.then(() => Promise.reject(new Error(script.output())))])
        await run.seeStep(20)

        const changedAt = await run.setRate(rate)
        await run.seeStep(changedAt + 2)
        const rates = await run.points(rateKey, 0)
        expect(differ(rates.get(changedAt - 2), rate)).toBeGreaterThan(0.3)
        expect(differ(rates.get(changedAt + 1), rate)).toBeLessThan(0.05)

        const from = await run.writeCheckpoint('good')
        await run.seeStep(from + comparedSteps)
        const old = meanFrom(await run.points('loss', 0), from)
        await run.setRate(spoilingRate)
        await see(async () => expect(await run.latest('loss')).toBeGreaterThan(10 * old))

        await run.rollBack('good')
        await run.seeStep(from + comparedSteps, 1)
        expect(differ(meanFrom(await run.points('loss', 1), from), old)).toBeLessThan(tolerance)
        await run.openTab('Parameters')
        await see(async () => expect(await run.page.locator('[data-value="lr"]').innerText()).toBe(String(rate)))
        await run.stop()
        expect(await script.code).toBe(0)
      },
    )
  })
}

/** Waits until this holds. `expect.poll` knows one test at a time, and here two run beside each other. */
async function see(assertion: () => Promise<void>): Promise<void> {
  await vi.waitFor(assertion, patient)
}

type Script = { output: () => string; code: Promise<number | null> }

/** Runs the example as its users do. */
async function start({ uid, example, options, ranks = 1 }: Training): Promise<Script> {
  const { server, url } = visits.world
  const launcher = ranks > 1 ? ['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', String(ranks)] : []
  const own = Object.entries(process.env).filter(([variable]) => !variable.startsWith('PILOTHOUSE_'))
  const cwd = await mkdtemp(join(folder, uid))
  const child = spawn(findPython(), [...launcher, join(repository, 'examples', example, 'train.py'), ...options], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...Object.fromEntries(own),
      PILOTHOUSE_URL: url,
      PILOTHOUSE_TOKEN: (await readFile(join(server.dataFolder, 'report.token'), 'utf8')).trim(),
      PILOTHOUSE_DATA: join(cwd, 'data'),
      PILOTHOUSE_JOB: uid,
      PYTHONPATH: join(repository, 'python', 'src'),
      OMP_NUM_THREADS: '1',
    },
  })
  started.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += String(bytes)))
  const code = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { output: () => output, code }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
}

/** A training as it is seen on its page, and what the server says of it. */
class Run {
  readonly page: Page
  readonly #uid: string

  constructor(page: Page, uid: string) {
    this.page = page
    this.#uid = uid
  }

  /** Opens its parameters once it has declared them. */
  async open(): Promise<void> {
    await see(async () => expect((await this.#get('')).ok()).toBe(true))
    await this.page.goto(`${visits.world.url}/job/${this.#uid}?tab=parameters`)
    await this.page.locator('[data-parameter="lr"]').waitFor(patient)
  }

  async openTab(name: string): Promise<void> {
    await this.page.getByRole('link', { name }).click()
  }

  /** Sends another learning rate, and gives the step at which the page says that it is applied. */
  async setRate(value: number): Promise<number> {
    await this.openTab('Parameters')
    await this.page.getByLabel('lr', { exact: true }).fill(String(value))
    await this.page.keyboard.press('Enter')
    await this.page.getByRole('dialog').getByRole('button', { name: 'Send the change' }).click()
    const outcome = this.page.locator('[data-parameter="lr"]').getByRole('status')
    const applied = outcome.filter({ hasText: `${value} applied at step` }).getByText(/^applied at step/)
    await applied.waitFor(patient)
    return Number((await applied.innerText()).replaceAll(/\D/g, ''))
  }

  /** Asks for a checkpoint in the header, and gives the step at which it goes on. */
  async writeCheckpoint(name: string): Promise<number> {
    await this.page.getByRole('button', { name: 'Checkpoint now' }).click()
    const dialog = this.page.getByRole('dialog', { name: 'Checkpoint now' })
    await dialog.getByLabel('Name').fill(name)
    await dialog.getByRole('button', { name: 'Write checkpoint' }).click()
    await this.openTab('Checkpoints')
    await this.page.locator('tr[data-checkpoint]').filter({ hasText: name }).waitFor(patient)
    const answer = await this.#get('/checkpoints')
    const { checkpoints } = (await answer.json()) as CheckpointList // what this route answers with
    return checkpoints.find((one) => one.name.startsWith(name))?.step ?? Number.NaN
  }

  /** Goes back to a checkpoint, and sees the branch that begins there. */
  async rollBack(name: string): Promise<void> {
    await this.openTab('Checkpoints')
    await this.page.locator('tr[data-checkpoint]').getByRole('button', { name }).click()
    await this.page.getByRole('button', { name: 'Roll back …' }).click()
    const dialog = this.page.getByRole('dialog', { name: /^Roll back to/ })
    await dialog.getByRole('button', { name: 'Roll back' }).click()
    await dialog.getByText('The rollback is done: applied at step').waitFor(patient)
    await dialog.getByRole('button', { name: 'Done' }).click()
    await this.page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    await this.page.locator('[data-branch="1"]').getByText(`back to «${name}`).waitFor(patient)
  }

  async stop(): Promise<void> {
    await this.page.getByRole('button', { name: 'Stop job' }).click()
    const dialog = this.page.getByRole('dialog')
    await dialog.getByLabel('Write a checkpoint first').uncheck()
    await dialog.getByRole('button', { name: 'Stop job' }).click()
    await this.page.getByRole('status').getByText('cancelled').waitFor(patient)
  }

  /** Waits until a step of a branch has arrived. */
  async seeStep(step: number, branch = 0): Promise<void> {
    await see(async () =>
      expect(Math.max(-1, ...(await this.points('loss', branch)).keys())).toBeGreaterThanOrEqual(step),
    )
  }

  async latest(key: string): Promise<number> {
    const answer = await this.#get('/metrics/latest')
    const { metrics } = (await answer.json()) as LatestAnswer // what this route answers with
    return metrics.find((one) => one.key === key)?.value ?? Number.NaN
  }

  /** Values of a metric by their steps, those of this branch alone. */
  async points(key: string, branch: number): Promise<Map<number, number>> {
    const answer = await this.#get(`/metrics/export?key=${key}&format=ndjson&branch=${branch}`)
    const lines = (await answer.text()).split('\n').filter(Boolean)
    const rows = lines.map((line) => JSON.parse(line) as { step: number; value: number }) // this format
    return new Map(rows.map(({ step, value }) => [step, value]))
  }

  async #get(path: string): Promise<APIResponse> {
    return this.page.request.get(`${visits.world.url}/api/jobs/${this.#uid}${path}`)
  }
}

/** Of the steps that are compared. */
function meanFrom(points: ReadonlyMap<number, number>, from: number): number {
  let sum = 0
  for (let step = from; step < from + comparedSteps; step++) sum += points.get(step) ?? Number.NaN
  return sum / comparedSteps
}

/** As a share of what was expected. */
function differ(found: number | undefined, expected: number): number {
  return Math.abs((found ?? Number.NaN) / expected - 1)
}
