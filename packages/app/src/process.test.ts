/** The command as a user starts it: the launcher, real processes, real signals. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '@pilothouse/client'
import type { Job } from '@pilothouse/contract'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readTokenFile } from './find-server.ts'
import { collect, type Started, startProcess } from './test-process.ts'

const launcher = fileURLToPath(new URL('../bin/pilothouse', import.meta.url))
const plainTraining = fileURLToPath(new URL('../../../examples/plain/train.py', import.meta.url))
const slow = { timeout: 60_000 }

let cache: string
let folder: string
let started: Started[] = []

beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), 'pilothouse-cache-'))
})
afterAll(() => rmSync(cache, { recursive: true, force: true }))
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-process-'))
})
afterEach(async () => {
  await Promise.all(started.map((one) => one.end('SIGKILL')))
  started = []
  rmSync(folder, { recursive: true, force: true })
})

describe('serve', () => {
  it('says that it is ready, shows a link at its first start only, and ends well at SIGTERM', slow, async () => {
    const first = await startServe()
    expect(await first.see(/#code=/)).toMatch(
      /^pilothouse ready http:\/\/127\.0\.0\.1:\d+\nhttp:\S+\/sign-in#code=ph_\S+\n$/,
    )
    expect(await first.end('SIGTERM')).toEqual({ code: 0, signal: null })
    const second = await startServe()
    expect(await second.end('SIGINT')).toEqual({ code: 0, signal: null })
    expect(second.out()).toMatch(/^pilothouse ready \S+\n$/)
  })

  it('refuses a data folder that another one uses, in words', slow, async () => {
    await startServe()
    const other = start('serve', '--port', '0', '--data', folder)
    expect(await other.ended()).toEqual({ code: 1, signal: null })
    expect(other.err()).toMatch(/^pilothouse: The data folder .* is in use by process \d+\.\n {2}→ /m)
  })

  it('takes the port that it is told, or says that it is taken', slow, async () => {
    const server = await startServe()
    const other = start('serve', '--port', new URL(server.url).port, '--data', join(folder, 'other'))
    expect(await other.ended()).toEqual({ code: 1, signal: null })
    expect(other.err()).toContain('--port')
  })
})

describe('run', () => {
  it('passes output and exit code through, and tells both', slow, async () => {
    await startServe()
    const run = start('run', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3')
    expect(await run.ended()).toEqual({ code: 3, signal: null })
    expect([run.out(), run.err()]).toEqual(['out\n', expect.stringContaining('\nerr\n✗ failed with exit code 3')])
    expect(await findJob()).toMatchObject({ state: 'failed', attempts: [{ exitCode: 3, logLines: 2 }] })
  })

  it('reads progress and losses out of a script that only prints', slow, async () => {
    await startServe()
    const run = start(
      'run',
      '-q',
      '--name',
      'plain',
      '--tag',
      'a',
      '--',
      'python3',
      plainTraining,
      '--epochs',
      '2',
      '--pause',
      '0.002',
    )
    expect(await run.ended()).toEqual({ code: 0, signal: null })
    const job = await findJob()
    expect(job).toMatchObject({ name: 'plain', tags: ['a'], state: 'completed', progress: { fraction: 1, epoch: 2 } })
    expect(job.headline?.last).toBeLessThan(0.5)
  })

  it('reads lines as a pattern of the user says, and refuses one that cannot be used', slow, async () => {
    await startServe()
    const pattern = String.raw`round (?<step>\d+) of (?<totalSteps>\d+) cost (?<loss>[\d.]+)`
    const run = start('run', '-q', '--pattern', pattern, '--', 'echo', 'round 7 of 9 cost 0.25')
    expect(await run.ended()).toEqual({ code: 0, signal: null })
    expect(await findJob()).toMatchObject({
      headline: { key: 'loss', last: 0.25 },
      progress: { step: 7, totalSteps: 9 },
    })
    const refused = start('run', '--pattern', 'round (\\d+', '--', 'echo', 'never run')
    expect(await refused.ended()).toEqual({ code: 2, signal: null })
    expect([refused.out(), refused.err()]).toEqual(['', expect.stringContaining('cannot be used')])
  })

  it('tells the signal that ended the command', slow, async () => {
    await startServe()
    const run = start('run', '--', 'sh', '-c', 'kill -9 $$')
    expect(await run.ended()).toEqual({ code: 137, signal: null })
    expect(await findJob()).toMatchObject({ state: 'failed', attempts: [{ signal: 'SIGKILL' }] })
  })

  it('passes an interrupt on and calls the job cancelled', slow, async () => {
    await startServe()
    const run = start(
      'run',
      '--',
      process.execPath,
      '-e',
      "process.on('SIGINT', () => process.exit(9)); console.log('up'); setInterval(() => {}, 1000)",
    )
    await run.see(/up/)
    expect(await run.end('SIGINT')).toEqual({ code: 9, signal: null })
    expect(await findJob()).toMatchObject({ state: 'cancelled', attempts: [{ exitCode: 9 }] })
  })

  it('goes on, and is captured, when the reader of its output goes away', slow, async () => {
    await startServe()
    const shell = spawn(
      'sh',
      ['-c', `"${launcher}" run -q -- sh -c 'for i in 1 2 3 4 5 6; do echo line $i; sleep 0.1; done' | head -1`],
      {
        env: makeEnvironment(),
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    await once(shell, 'close')
    expect(await findJob()).toMatchObject({ state: 'completed', attempts: [{ logLines: 6 }] })
  })

  it('lets the SDK inside the command speak for the same job', slow, async () => {
    await startServe()
    const script =
      "import pilothouse; job = pilothouse.init(model='inner'); job.log({'accuracy': 0.5}, step=1); print('loss: 9'); job.finish()"
    const run = start('run', '-q', '--name', 'outer', '--', 'python3', '-c', script)
    expect(await run.ended()).toEqual({ code: 0, signal: null })
    expect(await findJob()).toMatchObject({
      name: 'outer',
      model: 'inner',
      state: 'completed',
    })
  })

  it('runs the command also where nothing is known of a control room, or it is away', slow, async () => {
    const alone = start('run', '--', 'sh', '-c', 'echo done; exit 4')
    expect(await alone.ended()).toEqual({ code: 4, signal: null })
    expect([alone.out(), alone.err()]).toEqual(['done\n', expect.stringContaining('runs without being recorded')])
    const away = start('run', '--url', 'http://127.0.0.1:1', '--token', 'x', '--', 'sh', '-c', 'echo done; exit 4')
    expect(await away.ended()).toEqual({ code: 4, signal: null })
    expect([away.out(), away.err()]).toEqual(['done\n', expect.stringContaining('did not reach the control room')])
  })

  it('says like a shell that a command was not found', slow, async () => {
    const run = start('run', '--', 'no-such-command')
    expect(await run.ended()).toEqual({ code: 127, signal: null })
    expect(run.err()).toContain('«no-such-command» was not found')
  })
})

describe('demo', () => {
  it('shows a real training, and Ctrl-C ends both and says how to start again', slow, async () => {
    const demo = start('demo', '--port', '0', '--data', folder)
    const text = await demo.see(/Watch it live: .*\n/)
    const [, url = '', uid = ''] =
      /Watch it live: +(http:\/\/[^/]+)\/sign-in\?next=%2Fjob%2F(\w+)#code=ph_/.exec(text) ?? []
    const client = createClient({ baseUrl: url, token: readTokenFile(folder, 'admin.token') ?? '' })
    await expect
      .poll(async () => (await client.call('jobs.get', { params: { uid } })).headline?.last, { timeout: 30_000 })
      .toBeGreaterThan(0)
    expect(await demo.end('SIGINT')).toEqual({ code: 0, signal: null })
    expect(demo.out()).toContain('Ended. Start again with: pilothouse demo')
    await startServe()
    expect(await findJob()).toMatchObject({ uid, state: 'cancelled' })
  })

  it('says that Python is missing before it starts anything', slow, async () => {
    const demo = start('demo', '--port', '0', '--data', folder, '--python', 'no-such-python')
    expect(await demo.ended()).toEqual({ code: 1, signal: null })
    expect(demo.err()).toContain('needs Python 3.9')
  })
})

it('a reader that goes away ends a listing quietly', slow, async () => {
  await startServe()
  const shell = spawn('bash', ['-c', `"${launcher}" jobs --help | true; echo "\${PIPESTATUS[0]}"`], {
    env: makeEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err] = [collect(shell.stdout), collect(shell.stderr)]
  await once(shell, 'close')
  expect([out(), err()]).toEqual(['0\n', ''])
})

async function startServe(): Promise<Started & { url: string }> {
  const server = start('serve', '--port', '0', '--data', folder)
  const text = await server.see(/pilothouse ready \S+\n/)
  return { ...server, url: /ready (\S+)/.exec(text)?.[1] ?? '' }
}

function start(...args: string[]): Started {
  const one = startProcess(launcher, args, { env: makeEnvironment() })
  started.push(one)
  return one
}

/** Ours alone: what the developer's own environment says of a control room does not count. */
function makeEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('PILOTHOUSE_') && name !== 'npm_lifecycle_event',
  )
  const sdk = fileURLToPath(new URL('../../../python/src', import.meta.url))
  return { ...Object.fromEntries(own), PILOTHOUSE_DATA: folder, NODE_COMPILE_CACHE: cache, PYTHONPATH: sdk }
}

/** The one job of the control room in the folder. */
async function findJob(): Promise<Job> {
  const { url } = JSON.parse(readFileSync(join(folder, 'server.json'), 'utf8')) as { url: string }
  const client = createClient({ baseUrl: url, token: readTokenFile(folder, 'admin.token') ?? '' })
  const { jobs } = await client.call('jobs.list')
  expect(jobs).toHaveLength(1)
  return client.call('jobs.get', { params: { uid: jobs[0]?.uid ?? '' } })
}
