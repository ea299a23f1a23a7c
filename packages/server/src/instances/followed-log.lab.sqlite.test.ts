/** A training log on a rented machine becomes a job: read over ssh from the lab's sshd, or from what the provider keeps. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job, JobCard, RentedInstance } from '@pilothouse/contract'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { openRentedMachine, type RentedMachine } from './rented-machine.fixture.ts'

const soon = { timeout: 20_000, interval: 50 }
let machine: RentedMachine
let test: TestServer
beforeEach(async () => {
  machine = await openRentedMachine()
  const logTimes = { sshMs: 50, providerMs: 50, failedMaxMs: 200 }
  test = await startTestServer(
    { rentedLogs: [join(machine.home, 'output', '*', 'training.log')] },
    { instanceTimes: { lookMs: 50 }, instanceLogTimes: logTimes },
  )
}, 60_000)
afterEach(async () => {
  await test.close()
  await machine.close()
})

const ask = async (path: string, question: { method?: string; body?: unknown } = {}) =>
  test.ask(path, { token: test.tokens.admin, ...question })
const listJobs = async () => ((await ask('/api/jobs')).json as { jobs: JobCard[] }).jobs // what this route answers with
const find = async () => ((await ask('/api/instances')).json as { instances: RentedInstance[] }).instances[0] // so it answers
const loss = async (uid: string) =>
  ((await ask(`/api/jobs/${uid}/metrics/latest`)).text.match(/"key":"loss".{0,200}/) ?? [''])[0]

async function add(given: Record<string, unknown> = {}): Promise<number> {
  const { key: apiKey, url } = machine.standIn
  const body = { name: 'lab', provider: 'vast', apiKey, url, trustsNewHosts: true, ...given }
  return ((await ask('/api/providers', { method: 'POST', body })).json as { id: number }).id // so it answers
}

/** A run of a script that knows nothing of us. */
function startRun(name: string): (lines: string) => void {
  const folder = join(machine.home, 'output', name)
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'training.log')
  writeFileSync(path, '')
  return (lines) => appendFileSync(path, lines)
}

it('its lines, loss, steps and epochs are those of a job by itself; another run is another job', async () => {
  const print = startRun('first')
  print('Epoch 1/3\nStep 100: Loss = 2.5, LR = 0.001\n\u001b[31mred\u001b[0m \u0000\n')
  await add()
  await expect.poll(listJobs, soon).toMatchObject([{ name: 'first', state: 'running', target: 'rented-box' }])
  const uid = (await listJobs())[0]?.uid ?? ''
  print('Step 200: Loss = 1.5, LR = 0.001\nEpoch 2/3\n')
  await expect.poll(() => loss(uid), soon).toContain('1.5')
  const { text } = await ask(`/api/jobs/${uid}/logs`)
  expect(text).toContain('Step 200: Loss = 1.5')
  expect((await ask(`/api/jobs/${uid}`)).json as Job).toMatchObject({
    progress: { totalEpochs: 3 },
    tags: ['from-log'],
  }) // so it answers
  await expect.poll(find, soon).toMatchObject({ job: { uid, state: 'running' }, log: { trouble: null } })
  startRun('second')('Step 1: Loss = 9\n')
  await expect
    .poll(async () => (await listJobs()).map(({ name }) => name).toSorted(), soon)
    .toEqual(['first', 'second'])
  // Nothing was read twice, although the server looked again and again.
  expect((await ask(`/api/jobs/${uid}/logs`)).text.match(/Step 100/g)).toHaveLength(1)
}, 60_000)

it('one that cannot be reached any more is not told by another log instead', async () => {
  startRun('run')('Step 1: Loss = 2\n')
  machine.standIn.world.logs.set(1_001, 'Step 1: Loss = 2\n')
  const id = await add()
  await expect.poll(listJobs, soon).toMatchObject([{ name: 'run' }])
  await machine.sshd.stop()
  await expect.poll(find, soon).toMatchObject({ log: { trouble: expect.stringContaining('no ssh server answers') } })
  // Looks under way end with it.
  expect((await ask(`/api/providers/${id}`, { method: 'DELETE' })).status).toBe(204)
  expect(machine.standIn.asked.filter(({ path }) => path.includes('logs'))).toEqual([])
  expect(await listJobs()).toHaveLength(1)
}, 60_000)

it('one that was deleted does not come back with the next line', async () => {
  const print = startRun('run')
  print('Step 1: Loss = 2\n')
  await add()
  await expect.poll(listJobs, soon).toHaveLength(1)
  const uid = (await listJobs())[0]?.uid ?? ''
  expect((await ask(`/api/jobs/${uid}`, { method: 'DELETE' })).status).toBeLessThan(300)
  const before = (await find())?.log?.readAt ?? 0
  print('Step 2: Loss = 1\n')
  await expect.poll(async () => (await find())?.log?.readAt ?? 0, soon).toBeGreaterThan(before + 200)
  expect(await listJobs()).toEqual([])
}, 60_000)

it('where ssh does not get there, what the provider keeps is followed, and the machine says why', async () => {
  const first = Array.from({ length: 100 }, (_, at) => `Step ${at + 1}: Loss = 3\n`).join('')
  machine.standIn.world.logs.set(1_001, first)
  // Nobody has put its key on record.
  await add({ trustsNewHosts: false })
  await expect.poll(listJobs, soon).toMatchObject([{ name: 'rented-box' }])
  const uid = (await listJobs())[0]?.uid ?? ''
  machine.standIn.world.logs.set(1_001, `${first}Step 101: Loss = 0.5\n`)
  await expect.poll(() => loss(uid), soon).toContain('0.5')
  expect((await ask(`/api/jobs/${uid}/logs?count=1000`)).json).toMatchObject({ total: 101 })
  expect((await find())?.log?.trouble).toMatch(/key/i)
}, 60_000)

it('a job that tells of itself there is not told of twice', async () => {
  const body = { name: 'own', state: 'running', attempt: { host: 'C.1001', pid: 7 } }
  expect((await ask('/api/jobs/own-0001', { method: 'PUT', body })).status).toBe(200)
  const id = await add()
  await expect.poll(find, soon).toMatchObject({ job: { uid: 'own-0001' } })
  startRun('run')('Step 1: Loss = 2\n')
  await ask(`/api/providers/${id}/check`, { method: 'POST' })
  await expect.poll(find, soon).toMatchObject({ log: null })
  expect((await listJobs()).map(({ name }) => name)).toEqual(['own'])
}, 60_000)
