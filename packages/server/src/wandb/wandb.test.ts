/** Runs at W&B followed by a real server, at the stand-in of the lab (official-client.test.ts says that it is like W&B). */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Job, MetricAnswer, WandbKey, WandbKeyList, WandbRun } from '@pilothouse/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type StandInRow, type WandbStandIn, startWandbStandIn } from '../../../../lab/wandb-stand-in.ts'
import type { ServerConfig } from '../config.ts'
import { type Answer, type TestServer, startTestServer } from '../http/test-server.ts'

const wandbTimes = { lookMs: 20, pollMs: 40, gapMs: 0, retryMs: 50, keylessMs: 50 }

let standIn: WandbStandIn
let test: TestServer
let numbers: Map<string, number>
beforeEach(async () => {
  numbers = new Map()
  standIn = await startWandbStandIn()
  test = await start()
})
afterEach(async () => {
  await test.close()
  await standIn.close()
})

describe('a run that the log of a job names', () => {
  it('is read once there is a key, goes on with each row, and is over with the run', async () => {
    const run = standIn.addRun({ name: 'r1', rows: rowsOf(3) })
    await print('job-1', 'r1')
    expect(await reach('job-1', ({ status }) => status === 'needs-key')).toMatchObject({
      url: `${standIn.url}/lab/demo/runs/r1`,
      path: 'lab/demo/r1',
      message: expect.stringMatching('owner has entered a key'),
    })
    expect(standIn.requests).toBe(0)
    expect(await setKey()).toMatchObject({ user: 'a-member', fault: null, source: 'member' })
    await reach('job-1', ({ nextStep }) => nextStep === 3)
    expect(await valuesOf('job-1', 'wandb/loss')).toEqual([1, 1 / 2, 1 / 3])
    run.rows.push(...rowsOf(5).slice(3))
    await reach('job-1', ({ nextStep }) => nextStep === 5)
    const shown = await getJob('job-1')
    expect(shown.headline).toMatchObject({ key: 'wandb/loss', last: 1 / 5 })
    expect(shown.progress).toMatchObject({ step: 4 })
    expect(shown.wandb).toMatchObject([{ status: 'synced', state: 'running', name: 'brisk-field-1', prefix: 'wandb/' }])
    Object.assign(run, { state: 'finished', summary: { best: 0.2, image: { _type: 'image-file' } } })
    await reach('job-1', ({ status }) => status === 'finished')
    expect((await getJob('job-1')).summary).toEqual({ 'wandb/best': 0.2 })
    expect(await valuesOf('job-1', 'wandb/loss')).toEqual([1, 1 / 2, 1 / 3, 1 / 4, 1 / 5])
    expect(standIn.asked.map(({ minStep }) => minStep)).toEqual(
      standIn.asked.map(({ minStep }) => minStep).toSorted((a, b) => a - b),
    )
    const asked = standIn.requests
    run.rows.push(...rowsOf(7).slice(5))
    await print('job-1', 'r1') // it is resumed
    await reach('job-1', ({ nextStep, status }) => nextStep === 7 && status === 'finished')
    expect(standIn.requests).toBeGreaterThan(asked)
  })

  it('is no word of the job itself', async () => {
    standIn.addRun({ name: 'r1', rows: rowsOf(3) })
    await setKey()
    await print('job-1', 'r1')
    const { heardAt } = await getJob('job-1')
    await reach('job-1', ({ nextStep }) => nextStep === 3)
    expect((await getJob('job-1')).heardAt).toBe(heardAt)
  })

  it('with what the job reports itself under the same name is not stored twice', async () => {
    standIn.addRun({ name: 'r1', rows: rowsOf(3, (step) => ({ acc: step })) })
    await put('job-1')
    const points = { source: 'job', keys: ['loss'], steps: [0, 1], times: [1, 2], values: [[9, 8]] }
    await report('job-1', { points: [points] })
    await setKey()
    await print('job-1', 'r1')
    expect(await reach('job-1', ({ nextStep }) => nextStep === 3)).toMatchObject({ ownKeys: 1 })
    expect(await valuesOf('job-1', 'wandb/acc')).toEqual([0, 1, 2])
    expect(await valuesOf('job-1', 'wandb/loss')).toEqual([])
    expect((await getJob('job-1')).headline).toMatchObject({ key: 'loss', last: 8 })
  })

  it('has its id before its metrics when it is the second of an attempt', async () => {
    standIn.addRun({ name: 'r1', rows: rowsOf(2) })
    standIn.addRun({ name: 'r2', rows: rowsOf(3) })
    await setKey()
    await print('job-1', 'r1', 'r2')
    await expect
      .poll(async () => (await getJob('job-1')).wandb.map(({ nextStep }) => nextStep), patience)
      .toEqual([2, 3])
    expect(await valuesOf('job-1', 'wandb/loss')).toHaveLength(2)
    expect(await valuesOf('job-1', 'wandb/r2/loss')).toHaveLength(3)
  })

  it('with a thousand metrics over many steps is read whole', async () => {
    const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`m${at}`, at]))
    standIn.addRun({ name: 'r1', state: 'finished', rows: rowsOf(250, () => wide) })
    await setKey()
    await print('job-1', 'r1')
    await reach('job-1', ({ status }) => status === 'finished')
    expect(await valuesOf('job-1', 'wandb/loss')).toHaveLength(250)
    expect(await valuesOf('job-1', 'wandb/m999')).toHaveLength(250)
  }, 120_000)

  it('goes on after a restart of the server where it was', async () => {
    await test.close()
    const dataFolder = await mkdtemp(join(tmpdir(), 'pilothouse-wandb-'))
    test = await start({ dataFolder })
    const run = standIn.addRun({ name: 'r1', rows: rowsOf(150) })
    await setKey()
    await print('job-1', 'r1')
    await reach('job-1', ({ nextStep }) => nextStep === 150)
    await test.close()
    run.rows.push(...rowsOf(160).slice(150))
    standIn.asked.length = 0
    test = await start({ dataFolder })
    await reach('job-1', ({ nextStep }) => nextStep === 160)
    expect(standIn.asked[0]?.minStep).toBe(150)
    expect(await valuesOf('job-1', 'wandb/loss')).toHaveLength(160)
    await test.close()
    await rm(dataFolder, { recursive: true })
    test = await start()
  }, 60_000)

  it('of a job that is deleted is asked for no more, and again once it is restored', async () => {
    const run = standIn.addRun({ name: 'r1', rows: rowsOf(2) })
    await setKey()
    await print('job-1', 'r1')
    await reach('job-1', ({ nextStep }) => nextStep === 2)
    await ask('DELETE', '/api/jobs/job-1')
    // A question that was under way may still come.
    await print('job-2', 'r1')
    await reach('job-2', ({ nextStep }) => nextStep === 2)
    run.rows.push(...rowsOf(4).slice(2))
    await reach('job-2', ({ nextStep }) => nextStep === 4)
    expect((await ask('GET', '/api/jobs/job-1')).status).toBe(404)
    await ask('POST', '/api/deleted-jobs/job-1/restore')
    await reach('job-1', ({ nextStep }) => nextStep === 4)
    expect(await valuesOf('job-1', 'wandb/loss')).toHaveLength(4)
  })
})

describe('what W&B says against it', () => {
  it('is told: a run that it does not know', async () => {
    await setKey()
    await print('job-1', 'gone')
    expect(await reach('job-1', ({ status }) => status === 'missing')).toMatchObject({
      message: expect.stringMatching('has no run lab/demo/gone, or this key may not see it'),
    })
    standIn.addRun({ name: 'gone', rows: rowsOf(1) })
    await reach('job-1', ({ status }) => status === 'synced')
  })

  it('is told: a key that it takes no more, until there is a new one', async () => {
    standIn.addRun({ name: 'r1', rows: rowsOf(2) })
    await setKey()
    standIn.key = 'f'.repeat(40)
    await print('job-1', 'r1')
    const refused = await reach('job-1', ({ status }) => status === 'refused')
    expect(refused.message).toBe(`W&B refused the key (401). A new one is at ${standIn.url}/authorize.`)
    expect((await ask('POST', '/api/wandb/keys/test', { baseUrl: standIn.url })).json).toMatchObject({
      user: 'a-member',
      fault: refused.message,
    })
    await setKey()
    await reach('job-1', ({ nextStep }) => nextStep === 2)
  })

  it('is heeded: a pause that it asks for', async () => {
    standIn.addRun({ name: 'r1', rows: rowsOf(2) })
    standIn.addRun({ name: 'r2', rows: rowsOf(2) })
    await setKey()
    standIn.refusals.push({ status: 429, headers: { 'retry-after': '3000' } })
    const before = standIn.requests
    await print('job-1', 'r1', 'r2')
    const paused = ({ status }: WandbRun) => status === 'delayed'
    await expect.poll(async () => (await getJob('job-1')).wandb.every(paused), patience).toBe(true)
    expect((await getJob('job-1')).wandb[1]?.message).toMatch('asks for a pause')
    expect(standIn.requests).toBe(before + 1)
    await setKey() // which asks at once
    await reach('job-1', ({ nextStep }) => nextStep === 2)
  })

  it.each([
    ['503', { status: 503, body: '{"errors":[{"message":"upstream is away"}]}' }, /answered 503: upstream is away/],
    ['something else', { status: 200, body: '<html>' }, /something else than W&B does/],
    ['permission', { status: 403, body: '{"errors":[{"message":"permission denied"}]}' }, /does not let this key see/],
    ['404', { status: 404, body: '{}' }, /does not know the run/],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, /leads elsewhere \(302\)/],
  ])('is told, and it is tried again: %s', async (_name, refusal, words) => {
    standIn.addRun({ name: 'r1', rows: rowsOf(2) })
    await setKey()
    standIn.refusals.push(...Array.from({ length: 3 }, () => refusal))
    await print('job-1', 'r1')
    await reach('job-1', ({ message }) => words.test(message ?? ''))
    await reach('job-1', ({ nextStep }) => nextStep === 2)
  })
})

describe('a key', () => {
  it('that W&B refuses is not kept', async () => {
    const answer = await ask('PUT', '/api/wandb/keys', { baseUrl: standIn.url, key: 'e'.repeat(40) })
    expect(answer).toMatchObject({
      status: 400,
      json: { error: { field: 'key', message: expect.stringMatching('401') } },
    })
    expect(await listKeys()).toEqual([])
  })

  it('is given away by no answer and no file, and is forgotten when it is removed', async () => {
    await setKey()
    const { text } = await ask('GET', '/api/wandb/keys')
    expect(text).not.toContain(standIn.key)
    expect(JSON.parse(text)).toMatchObject({ keys: [{ baseUrl: standIn.url, source: 'member', user: 'a-member' }] })
    expect(await findInFolder(test.server.dataFolder, standIn.key)).toEqual([])
    await ask('DELETE', `/api/wandb/keys?baseUrl=${standIn.url}`)
    expect(await listKeys()).toEqual([])
    await print('job-1', 'r1')
    await reach('job-1', ({ status }) => status === 'needs-key')
  })

  it('of the user that the server runs as is used for their jobs, at the server that it is for', async () => {
    await test.close()
    test = await start({
      allowPrivateChannels: false,
      wandb: { apiKey: standIn.key, baseUrl: standIn.url, netrcFile: null },
    })
    standIn.addRun({ name: 'r1', rows: rowsOf(2) })
    expect(await listKeys()).toMatchObject([{ source: 'environment', baseUrl: standIn.url }])
    expect((await ask('POST', '/api/wandb/keys/test', { baseUrl: standIn.url })).json).toMatchObject({
      user: 'a-member',
    })
    await print('job-1', 'r1')
    await reach('job-1', ({ nextStep }) => nextStep === 2)
  })

  it('is sent to no address of this machine unless whoever runs the server allows it', async () => {
    await test.close()
    test = await start({ allowPrivateChannels: false })
    const { json } = await ask('PUT', '/api/wandb/keys', { baseUrl: standIn.url, key: standIn.key })
    expect(json).toMatchObject({ error: { message: expect.stringMatching('--allow-private-channels') } })
    expect(standIn.requests).toBe(0)
  })
})

const patience = { timeout: 30_000 }

const start = (settings: Partial<ServerConfig> = {}) =>
  startTestServer({ allowPrivateChannels: true, ...settings }, { wandbTimes })

function ask(method: string, path: string, body?: unknown): Promise<Answer> {
  return test.ask(path, { method, token: test.tokens.admin, body })
}

async function put(uid: string): Promise<void> {
  await ask('PUT', `/api/jobs/${uid}`, {})
}

async function report(uid: string, parts: object): Promise<void> {
  const number = (numbers.get(uid) ?? 0) + 1
  numbers.set(uid, number)
  const envelope = { attempt: 1, writer: 'w', number, role: 'sdk', sentAt: Date.now() }
  expect(await ask('POST', `/api/jobs/${uid}/reports`, { ...envelope, ...parts })).toMatchObject({ status: 200 })
}

/** The job prints what W&B prints when runs begin. */
async function print(uid: string, ...runs: string[]): Promise<void> {
  await put(uid)
  const lines = runs.map((run) => `wandb: 🚀 View run at \u001b[34m${standIn.url}/lab/demo/runs/${run}\u001b[0m`)
  await report(uid, { logs: [{ stream: 'stderr', times: lines.map(() => Date.now()), lines }] })
}

async function setKey(): Promise<WandbKey> {
  const { status, json } = await ask('PUT', '/api/wandb/keys', { baseUrl: standIn.url, key: standIn.key })
  expect(status).toBe(200)
  return json as WandbKey // what this route answers with
}

async function listKeys(): Promise<WandbKey[]> {
  return ((await ask('GET', '/api/wandb/keys')).json as WandbKeyList).keys // what this route answers with
}

async function getJob(uid: string): Promise<Job> {
  return (await ask('GET', `/api/jobs/${uid}`)).json as Job // what this route answers with
}

/** The first run of a job once it is so. */
async function reach(uid: string, isSo: (run: WandbRun) => boolean): Promise<WandbRun> {
  const read = async () => (await getJob(uid)).wandb.find(isSo)
  await expect.poll(read, patience).toBeDefined()
  const [run] = (await getJob(uid)).wandb
  if (!run) throw new Error('It is gone again.')
  return run
}

async function valuesOf(uid: string, key: string): Promise<unknown[]> {
  const { json } = await ask('GET', `/api/jobs/${uid}/metrics?key=${encodeURIComponent(key)}&points=1000`)
  const [series] = (json as MetricAnswer).series // what this route answers with
  return series ? Array.from(series.first) : []
}

/** Names of files that hold a text. */
async function findInFolder(folder: string, text: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = names.filter((one) => one.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const found = await Promise.all(files.map(async (file) => ((await readFile(file)).includes(text) ? [file] : [])))
  return found.flat()
}

function rowsOf(count: number, more: (step: number) => object = () => ({})): StandInRow[] {
  const at = Date.now() / 1_000 - 60
  return Array.from({ length: count }, (_, step) => ({
    _step: step,
    _timestamp: at + step * 0.1,
    loss: 1 / (step + 1),
    ...more(step),
  }))
}
