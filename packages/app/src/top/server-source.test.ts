/** The screen's source over a control room that really runs, by the small way of speaking HTTP. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@pilothouse/client'
import { commandKinds, encodeReport, frameContentType, steeringEvent } from '@pilothouse/contract'
import type { RunningServer } from '@pilothouse/server'
import { healthProfiles } from '@pilothouse/signals'
import { openServerSource, realTimers, type TopRow, type TopSource, type TopUpdate } from '@pilothouse/terminal/top'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { startServer } from '../start-server.ts'
import { makeTestWorld } from '../test-world.ts'
import { fetchOverHttp } from './fetch-over-http.ts'

let folder: string
let server: RunningServer
let client: Client
let open: TopSource[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-top-'))
  const settings = { port: 0, logLevel: 'silent' as const }
  server = (await startServer({ dataFolder: folder, version: '0.0.0', settings }, makeTestWorld().world)).server
  const token = readFileSync(join(folder, 'admin.token'), 'utf8').trim()
  client = createClient({ baseUrl: server.url, token, fetch: fetchOverHttp })
})
afterEach(async () => {
  await Promise.all(open.map((source) => source.close()))
  open = []
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

it('jobs are rows with progress, loss, use of their GPUs and what may be done, and change as they go on', async () => {
  const uid = await begin('row')
  await report(uid, {
    points: [
      points('loss', [2.5], [10]),
      gpu('gpu.utilization', 80),
      gpu('gpu.memory.used', 6),
      gpu('gpu.memory.total', 8),
    ],
    steering: steeringEvent.parse({ controls: { kinds: ['stop', 'pause'], parameters: [] } }),
  })
  const { row } = watch()
  await expect.poll(() => row(uid)?.gpuUse, slow).toBe(80)
  expect(row(uid)).toMatchObject({
    kind: 'job',
    name: 'job row',
    group: 'screen',
    state: 'running',
    isActive: true,
    step: 10,
    steps: 100,
    loss: 2.5,
    lossKey: 'loss',
    memoryUse: 75,
    gpuCount: 1,
    health: { level: 'good', word: 'ok' },
    can: ['stop', 'pause'],
  })
  await report(uid, { points: [points('loss', [1.5], [20])] })
  await expect.poll(() => row(uid)?.loss, slow).toBe(1.5)
  expect(row(uid)?.progress).toBeCloseTo(0.2)
})

it('a job whose script cannot be told anything offers nothing', async () => {
  const uid = await begin('plain')
  await report(uid, { logs: [log(['one'])] })
  const { row } = watch()
  await expect.poll(() => row(uid)?.can, slow).toEqual([])
})

it('logs of jobs under way arrive line by line, each once', async () => {
  const uid = await begin('log')
  await report(uid, { logs: [log(['one', 'two'])] })
  const { lines } = watch()
  await expect.poll(() => lines(uid), slow).toEqual(['one', 'two'])
  await report(uid, { logs: [log(['three'])] })
  await expect.poll(() => lines(uid), slow).toEqual(['one', 'two', 'three'])
})

it('who looks closer sees curves, stages, parameters and facts', async () => {
  const uid = await begin('detail')
  await report(uid, {
    points: [points('loss', [3, 2, 1], [1, 2, 3]), gpu('gpu.utilization', 70)],
    steering: steeringEvent.parse({
      controls: { kinds: [...commandKinds], parameters: [{ key: 'lr', type: 'number', value: 0.1 }] },
    }),
  })
  const { source, updates, row } = watch()
  await expect.poll(() => row(uid), slow).toBeDefined()
  source.watch(uid)
  const detail = () => updates.findLast((one) => one.type === 'detail')?.detail
  await expect.poll(detail, slow).toBeDefined()
  expect(detail()).toMatchObject({
    rowId: uid,
    curves: [
      { key: 'loss', unit: 'number', values: [3, 2, 1] },
      { key: 'gpu 0', unit: '%', values: [70] },
    ],
    parameters: [{ name: 'lr', value: '0.1' }],
    checkpoints: [],
  })
  expect(detail()?.stages.map(({ name }) => name)).toContain('Training')
  expect(detail()?.facts).toContainEqual({ name: 'project', value: 'screen' })
})

it('what happens is told: an end, and why', async () => {
  const uid = await begin('end')
  const { events, row } = watch()
  await expect.poll(() => row(uid), slow).toBeDefined()
  await report(uid, { state: { state: 'failed', at: Date.now(), exitCode: 1 } })
  await expect.poll(events, slow).toContainEqual(expect.stringMatching(/^job end \(\S+\): failed \(was running\)/))
  await expect.poll(() => row(uid), slow).toMatchObject({ isActive: false, isError: true, can: [] })
})

it('the last lines of a job that ended between two looks are shown', async () => {
  const uid = await begin('last')
  await report(uid, { logs: [log(['going'])] })
  const { lines, row } = watch({ intervalMs: 60_000 })
  await expect.poll(() => lines(uid), slow).toEqual(['going'])
  await report(uid, {
    logs: [log(['Traceback', 'ValueError'])],
    state: { state: 'failed', at: Date.now(), exitCode: 1 },
  })
  await expect.poll(() => row(uid)?.state, slow).toBe('failed')
  await expect.poll(() => lines(uid), slow).toEqual(['going', 'Traceback', 'ValueError'])
})

it('a control room that goes away and comes back is shown so, with what was known meanwhile', async () => {
  const data = mkdtempSync(join(tmpdir(), 'pilothouse-top-'))
  const open = (port: number) =>
    startServer({ dataFolder: data, version: '0.0.0', settings: { port, logLevel: 'silent' } }, makeTestWorld().world)
  const first = (await open(0)).server
  const token = readFileSync(join(data, 'admin.token'), 'utf8').trim()
  const room = createClient({ baseUrl: first.url, token, fetch: fetchOverHttp })
  await room.call('jobs.put', { params: { uid: 'back-0001' }, body: { name: 'back', project: 'screen' } })
  const { row, trouble } = watch({ client: room })
  await expect.poll(() => row('back-0001'), slow).toMatchObject({ trouble: null })
  await first.close()
  await expect.poll(trouble, slow).toBe(`${first.url} does not answer; it is tried again.`)
  await expect.poll(() => row('back-0001')?.trouble, slow).toBe(`${first.url} does not answer; it is tried again.`)
  const second = (await open(Number(new URL(first.url).port))).server
  await expect.poll(() => [trouble(), row('back-0001')?.trouble], { timeout: 30_000 }).toEqual([null, null])
  await second.close()
  rmSync(data, { recursive: true })
})

it('a job does what it is told from here, and what came of it is said', async () => {
  const uid = await begin('order')
  await report(uid, { steering: steeringEvent.parse({ controls: { kinds: [...commandKinds], parameters: [] } }) })
  const { source } = watch()
  const told = source.act(uid, 'pause')
  const { commands } = await client.call('commands.take', {
    params: { uid },
    query: { attempt: 1, after: 0, waitMs: 20_000 },
  })
  const outcomes = commands.map(({ id }) => ({ id, state: 'applied' as const, at: Date.now(), step: 4 }))
  await report(uid, { steering: steeringEvent.parse({ outcomes }) })
  expect(await told).toContain('done at step 4')
})

it('whoever only looks can do nothing', async () => {
  const uid = await begin('look')
  const { source, row } = watch({ readOnly: true })
  await expect.poll(() => row(uid)?.can, slow).toEqual([])
  await expect(source.act(uid, 'stop')).rejects.toThrow('only looks')
})

it('says when the control room is away or refuses, and shows what it knew', async () => {
  const { trouble } = watch({ client: createClient({ baseUrl: server.url, token: 'wrong', fetch: fetchOverHttp }) })
  await expect.poll(trouble, slow).toMatch(/token/i)
  const away = watch({ client: createClient({ baseUrl: 'http://127.0.0.1:9', token: 'any', fetch: fetchOverHttp }) })
  await expect.poll(away.trouble, slow).toBe('http://127.0.0.1:9 does not answer; it is tried again.')
})

const slow = { timeout: 10_000 }
type Report = Partial<Parameters<typeof encodeReport>[0]>
let numbers = 0

async function begin(name: string): Promise<string> {
  const uid = `top-${name}-0001`
  await client.call('jobs.put', { params: { uid }, body: { name: `job ${name}`, project: 'screen', totalSteps: 100 } })
  return uid
}

async function report(uid: string, parts: Report): Promise<void> {
  numbers += 1
  const frame = encodeReport({
    attempt: 1,
    writer: 'script',
    number: numbers,
    role: 'sdk',
    sentAt: Date.now(),
    ...parts,
  })
  const answer = await fetch(`${server.url}/api/jobs/${uid}/reports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.token ?? ''}`, 'content-type': frameContentType },
    body: Buffer.from(frame),
  })
  expect(answer.status).toBe(200)
}

function points(key: string, values: number[], steps: number[]) {
  return { source: 'job', keys: [key], steps, times: steps.map(() => Date.now()), values: [values] }
}

function gpu(key: string, value: number) {
  return { source: 'gpu:node/0', keys: [key], steps: [1], times: [Date.now()], values: [[value]] }
}

function log(lines: string[]) {
  return { stream: 'stdout' as const, times: lines.map(() => Date.now()), lines }
}

function watch(options: { readOnly?: boolean; client?: Client; intervalMs?: number } = {}) {
  const updates: TopUpdate[] = []
  const source = openServerSource({
    client,
    all: false,
    intervalMs: 200,
    profile: healthProfiles.default,
    readOnly: false,
    timers: realTimers,
    ...options,
  })
  open.push(source)
  source.start((update) => updates.push(update))
  const row = (uid: string): TopRow | undefined =>
    updates.findLast((one) => one.type === 'rows')?.rows.find(({ id }) => id === uid)
  const lines = (uid: string): string[] =>
    updates.flatMap((one) =>
      one.type === 'lines' ? one.lines.filter(({ rowId }) => rowId === uid).map(({ text }) => text) : [],
    )
  const events = (): string[] => updates.flatMap((one) => (one.type === 'event' ? [one.text] : []))
  const trouble = (): string | null => updates.findLast((one) => one.type === 'trouble')?.text ?? null
  return { source, updates, row, lines, events, trouble }
}
