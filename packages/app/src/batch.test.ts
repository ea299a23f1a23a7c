/** Batches as somebody at a terminal sees them: real commands, a real control room, engines that echo, a worker of its own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BatchDetail, BatchList, OpenAiBatch } from '@pilothouse/contract'
import type { RunningServer } from '@pilothouse/server'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type StubEngine, startStubEngine } from '../../../lab/stub-engine/start-stub-engine.ts'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { type Started, startProcess } from './test-process.ts'
import { makeTestWorld } from './test-world.ts'

const version = '0.0.0-test'
const launcher = fileURLToPath(new URL('../bin/pilothouse', import.meta.url))
const slow = { timeout: 90_000 }
const patience = { timeout: 60_000, interval: 100 }

let folder: string
let server: RunningServer
let small: StubEngine
let worker: Started
let workerToken: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-batches-'))
  small = await startStubEngine({ model: 'small', instant: true })
  server = await serve(0)
  expect(await cli('engines', 'add', 'small', small.url, '--price', 'small=1/2')).toMatchObject({ code: 0 })
  workerToken = (await cli('token', 'create', '--role', 'worker')).out.trim()
  worker = startWorker('gpu7')
}, slow.timeout)
afterAll(async () => {
  await worker.end('SIGKILL')
  await server.close()
  await small.close()
  rmSync(folder, { recursive: true })
}, slow.timeout)

/** Without a worker of its own, so that all work is done by the process. */
async function serve(port: number): Promise<RunningServer> {
  const environment = { PILOTHOUSE_BATCH_WORKERS: '0' }
  const settings = { port, logLevel: 'silent' as const }
  return (await startServer({ dataFolder: folder, version, settings }, makeTestWorld(environment).world)).server
}

function startWorker(name: string): Started {
  const environment = { ...process.env, PILOTHOUSE_URL: server.url, PILOTHOUSE_TOKEN: workerToken }
  return startProcess(launcher, ['worker', '--name', name, '--json'], { env: environment })
}

async function cli(...args: string[]) {
  const { world, stdout, stderr } = makeTestWorld({ PILOTHOUSE_DATA: folder })
  const code = await runCli(args, world, version)
  return { code, out: stdout.text(), err: stderr.text() }
}

async function batch(...args: string[]) {
  return cli('batch', ...args)
}

/** Requests `<word> 0` … in a file of their own. */
function writeInput(
  name: string,
  { count, word = name, tokens }: { count: number; word?: string; tokens?: number },
): string {
  const path = join(folder, `${name}.jsonl`)
  const lines = Array.from({ length: count }, (_, at) => {
    const body = { model: 'small', messages: [{ role: 'user', content: `${word} ${at}` }], max_tokens: tokens }
    return JSON.stringify({ custom_id: `request-${at}`, method: 'POST', url: '/v1/chat/completions', body })
  })
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

function readIds(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => (JSON.parse(line) as { custom_id: string }).custom_id) // what the server writes
}

async function show(id: string): Promise<BatchDetail> {
  return JSON.parse((await batch('show', id, '--json')).out) as BatchDetail // what it prints
}

it('a file is submitted, followed to its end, listed, shown, and its results are fetched', slow, async () => {
  const input = writeInput('first', { count: 300 })
  const submitted = await batch('submit', input, '--watch', '--meta', 'run=7', '--ordered')
  expect(submitted).toMatchObject({ code: 0 })
  expect(submitted.err).toMatch(/✓ completed {2}300 of 300, 100 %/)
  const [id = ''] = submitted.out.split('\n')
  const { batches } = JSON.parse((await batch('list', '--group', 'completed', '--json')).out) as BatchList // what it prints
  expect(batches.map((one) => one.id)).toContain(id)
  expect((await batch('list')).out).toContain(`${id}  ✓ completed  100 %`)
  expect((await batch('show', id)).out).toMatch(
    /Tokens +\d.*\n {2}Cost +< \$0\.01\n[^]*Metadata +run=7\n[^]*Results +file-/,
  )
  const path = join(folder, 'results.jsonl')
  expect(await batch('results', id, '-o', path)).toMatchObject({ code: 0 })
  expect(readIds(readFileSync(path, 'utf8'))).toEqual(Array.from({ length: 300 }, (_, at) => `request-${at}`))
  expect((await batch('results', id, '--errors')).out).toBe('')
  expect((await batch('log', id)).out).not.toBe('')
  expect((await batch('usage')).out).toMatch(/small +\d+ +\d+/)
})

it('requests are looked at without a batch', slow, async () => {
  const checked = await batch('submit', writeInput('checked', { count: 5, tokens: 50 }), '--check')
  expect(checked).toMatchObject({ code: 0 })
  expect(checked.out).toMatch(/^✓ 5 requests for small, without faults\n {2}Tokens/)
  const path = join(folder, 'faulty.jsonl')
  writeFileSync(path, 'no JSON\n')
  expect(await batch('submit', path, '--check')).toMatchObject({
    code: 1,
    out: expect.stringContaining('line 1: ') as string,
  })
  expect(await batch('submit', path, '--model', 'small', '--watch')).toMatchObject({
    code: 1,
    out: expect.stringContaining('✗ failed') as string,
  })
})

it('no engine for a model is told apart from no control room, and leaves no file', slow, async () => {
  const input = writeInput('nobody', { count: 1 })
  expect(await batch('submit', input, '--model', 'unknown')).toMatchObject({ code: 7, out: '' })
  const files = await fetch(`${server.url}/v1/files`, {
    headers: { authorization: `Bearer ${readFileSync(join(folder, 'admin.token'), 'utf8').trim()}` },
  })
  expect(await files.text()).not.toContain('nobody.jsonl')
})

it(
  'what failed for good is listed, retried as a batch of its own, and compared with what came then',
  slow,
  async () => {
    small.faults.next.push({ kind: 'status', status: 400 }, { kind: 'status', status: 400 })
    const [id = ''] = (await batch('submit', writeInput('failing', { count: 20 }), '--watch')).out.split('\n')
    const failures = await batch('failures', id)
    expect(failures.out.match(/^line \d+ {2}request-\d+ {2}refused 400/gm)).toHaveLength(2)
    const child = (await batch('retry', id)).out.trim()
    expect(await batch('show', child, '--watch')).toMatchObject({ code: 0 })
    expect(await show(child)).toMatchObject({ parentId: id, counts: { total: 2, completed: 2 } })

    const [other = ''] = (
      await batch('submit', writeInput('longer', { count: 20, word: 'failing', tokens: 12 }), '--watch')
    ).out.split('\n')
    const compared = await batch('compare', id, other, '--json')
    expect(compared.out.match(/"isSame":false/g)).toHaveLength(20)
    const [again = ''] = (
      await batch('submit', writeInput('same', { count: 20, word: 'failing' }), '--watch')
    ).out.split('\n')
    expect((await batch('compare', id, again, '--only-different')).out).toMatch(
      /20 requests: 18 the same, 2 different\n$/,
    )
  },
)

it('a batch is cancelled, and each of its requests has a line all the same', slow, async () => {
  small.faults.next.push(...Array.from({ length: 4 }, () => ({ kind: 'stall' as const })))
  const id = (await batch('submit', writeInput('cancelled', { count: 2000 }))).out.trim()
  await vi.waitFor(async () => expect((await show(id)).status).toBe('in_progress'), patience)
  expect(await batch('cancel', id)).toMatchObject({ code: 0 })
  expect(await batch('show', id, '--watch')).toMatchObject({ code: 1 })
  small.faults.next.length = 0
  const lines = [...readIds((await batch('results', id)).out), ...readIds((await batch('results', id, '--errors')).out)]
  expect(new Set(lines).size).toBe(2000)
  expect(lines).toHaveLength(2000)
})

it('the worker goes on when the control room is started anew, and ends well when it is told to', slow, async () => {
  const { port } = new URL(server.url)
  await server.close()
  server = await serve(Number(port))
  const submitted = await batch('submit', writeInput('restarted', { count: 50 }), '--watch', '--json')
  expect(submitted).toMatchObject({ code: 0 })
  expect(await worker.end('SIGTERM')).toEqual({ code: 0, signal: null })
  expect(worker.out()).toMatch(/"answered":[1-9]\d*/)

  const waiting = JSON.parse((await batch('submit', writeInput('waiting', { count: 50 }), '--json')).out) as OpenAiBatch // what it prints
  worker = startWorker('gpu8')
  expect(await batch('show', waiting.id, '--watch')).toMatchObject({ code: 0 })
})
