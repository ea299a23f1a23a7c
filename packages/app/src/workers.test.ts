/** Workers that are launched by commands: real processes on this machine, which do a batch that the control room leaves to them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@pilothouse/client'
import type { BatchOverview, LaunchedWorker } from '@pilothouse/contract'
import type { RunningServer } from '@pilothouse/server'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type StubEngine, startStubEngine } from '../../../lab/stub-engine/start-stub-engine.ts'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { makeTestWorld } from './test-world.ts'

const version = '0.0.0-test'
const launcher = fileURLToPath(new URL('../bin/pilothouse', import.meta.url))
const patience = { timeout: 60_000, interval: 100 }
/** A line with its process stands in the log of each. */
const command = ['--', 'sh', '-c', `echo pid $$; exec ${launcher} worker --json "$@"`, 'sh']

let folder: string
let server: RunningServer
let engine: StubEngine
let admin: Client

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-workers-'))
  engine = await startStubEngine({ slots: 64, runningMax: 64, tokensPerSecond: 20 })
  const { PATH, HOME } = process.env
  const { world } = makeTestWorld({ PATH, HOME, PILOTHOUSE_BATCH_WORKERS: '0' })
  const settings = { port: 0, logLevel: 'silent' as const }
  server = (await startServer({ dataFolder: folder, version, settings }, world)).server
  admin = createClient({ baseUrl: server.url, token: readFileSync(join(folder, 'admin.token'), 'utf8').trim() })
  expect(await cli('engines', 'add', 'stub', engine.url)).toMatchObject({ code: 0 })
})
afterAll(async () => {
  await cli('workers', 'stop', '--all')
  await vi.waitFor(async () => expect(await list()).toEqual([]), patience)
  await server.close()
  await engine.close()
  rmSync(folder, { recursive: true })
})

async function cli(...args: string[]) {
  const { world, stdout, stderr } = makeTestWorld({ PILOTHOUSE_DATA: folder })
  const code = await runCli(args, world, version)
  return { code, out: stdout.text(), err: stderr.text() }
}

async function list(): Promise<LaunchedWorker[]> {
  return (await admin.call('workers.list')).workers
}

async function heard(): Promise<BatchOverview['workers']> {
  return (await admin.call('batches.overview')).workers
}

function writeInput(count: number): string {
  const path = join(folder, `${count}.jsonl`)
  const lines = Array.from({ length: count }, (_, at) => {
    const body = { model: 'stub', messages: [{ role: 'user', content: `say ${at}` }], max_tokens: 8 }
    return JSON.stringify({ custom_id: `request-${at}`, method: 'POST', url: '/v1/chat/completions', body })
  })
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

/** The process that a job is. */
async function findPid(uid: string): Promise<number> {
  return vi.waitFor(async () => {
    const pid = /^pid (\d+)$/m.exec((await cli('logs', uid)).out)?.[1]
    expect(pid).toBeDefined()
    return Number(pid)
  }, patience)
}

/** Resolves once it has requests. */
async function untilBusy(worker: LaunchedWorker | undefined): Promise<void> {
  const log = async () => (await cli('logs', worker?.jobUid ?? '')).out
  await vi.waitFor(async () => expect(await log()).toMatch(/"inFlight":[1-9]/), patience)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function readResults(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => (JSON.parse(line) as { custom_id: string }).custom_id) // what the server writes
}

/** Waits for its end. @returns the ids of its results */
async function finish(id: string): Promise<Set<string>> {
  expect(await cli('batch', 'show', id, '--watch')).toMatchObject({ code: 0 })
  const ids = readResults((await cli('batch', 'results', id)).out)
  expect(new Set(ids).size).toBe(ids.length)
  return new Set(ids)
}

it('two do a batch together, one that is killed is replaced by the other, and what is stopped is gone with its token', async () => {
  const started = await cli('workers', 'start', '--count', '2', ...command)
  expect(started).toMatchObject({ code: 0, err: '' })
  expect(started.out).toMatch(/^WORKER .*\nlocal-001 .* local .*\nlocal-002 .*\n$/)
  await vi.waitFor(async () => {
    expect((await heard()).map(({ name }) => name)).toEqual(['local-001', 'local-002'])
  }, patience)

  const id = (await cli('batch', 'submit', writeInput(500))).out.trim()
  const [first, second] = await list()
  for (const worker of [first, second]) await untilBusy(worker)
  const pids = [await findPid(first?.jobUid ?? ''), await findPid(second?.jobUid ?? '')] as const
  process.kill(pids[0], 'SIGKILL')
  expect((await finish(id)).size).toBe(500)
  await vi.waitFor(async () => expect((await list()).map(({ name }) => name)).toEqual(['local-002']), patience)
  expect((await heard()).map(({ name }) => name)).toEqual(['local-002'])

  const environment = readFileSync(join(folder, 'local', 'runs', second?.jobUid ?? '', 'environment'), 'utf8')
  const token = /ph_[\w-]{43}/.exec(environment)?.[0] ?? ''
  const shown = [(await cli('launched', second?.jobUid ?? '')).out, (await cli('logs', second?.jobUid ?? '')).out]
  expect(shown.join('\n')).not.toContain('ph_')
  const beat = { worker: 'local-002', host: 'here', leases: [], seats: [] }
  const worker = createClient({ baseUrl: server.url, token })
  expect(await worker.call('work.beat', { body: beat })).toMatchObject({ lost: [] })

  expect(await cli('workers', 'stop', 'local-002')).toMatchObject({ code: 0, out: expect.stringMatching(/^Stopping:/) })
  await vi.waitFor(async () => expect(await list()).toEqual([]), patience)
  expect(pids.filter(isAlive)).toEqual([])
  await expect(worker.call('work.beat', { body: beat })).rejects.toMatchObject({ code: 'unauthenticated' })
  expect((await cli('workers')).out).toMatch(/^No worker that was launched/)
})

it('one that is told to end gives back what it has, and others go on', async () => {
  const start = ['workers', 'start', '--count', '2', ...command]
  await cli(...start)
  const id = (await cli('batch', 'submit', writeInput(499))).out.trim()
  for (const worker of await list()) await untilBusy(worker)
  expect(await cli('workers', 'stop', '--all')).toMatchObject({ code: 0 })
  await vi.waitFor(async () => expect(await list()).toEqual([]), patience)
  await cli(...start)
  expect((await finish(id)).size).toBe(499)
})

it('what cannot be is said: nobody is named, no such worker, no such target, a way that this machine does not need', async () => {
  expect(await cli('workers', 'stop')).toMatchObject({ code: 2 })
  expect(await cli('workers', 'stop', 'nobody')).toMatchObject({ code: 5 })
  const far = await cli('workers', 'start', '--target', 'far')
  expect(far.err).toContain('There is no target «far».')
  const pointless = await cli('workers', 'start', '--reach', 'ssh')
  expect(pointless.err).toContain('This machine needs no way here.')
})
