/** `pilothouse sync` with spools that the real SDK wrote, into a real control room. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '@pilothouse/client'
import type { RunningServer } from '@pilothouse/server'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { readTokenFile } from './find-server.ts'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { makeTestWorld } from './test-world.ts'

const sdk = fileURLToPath(new URL('../../../python/src', import.meta.url))
const script = `
import pilothouse, sys
job = pilothouse.init(name=sys.argv[1], project="away", mode="offline")
for step in range(1, 501):
    job.log({"loss": 1 / step}, step=step)
print("seen from afar")
job.finish()
`
/** As it was two days ago, until it is killed. */
const killed = `
import time
today = time.time
time.time = lambda: today() - 2 * 86400
import pilothouse
job = pilothouse.init(name="killed", mode="offline")
for step in range(1, 1_000_000):
    job.log({"loss": 1 / step}, step=step)
    time.sleep(0.01)
`

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

let base: string
let server: RunningServer
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'pilothouse-sync-'))
  const settings = { port: 0, logLevel: 'silent' as const }
  const options = { dataFolder: join(base, 'data'), version: '0.0.0-test', settings }
  server = (await startServer(options, makeTestWorld().world)).server
})
afterEach(async () => {
  await server.close()
  rmSync(base, { recursive: true })
})

it('sends what scripts kept while they were offline, whole and once', async () => {
  const spool = train('first', 'second')
  expect(await cli('sync', '--json', spool)).toMatchObject({ code: 0, err: '' })
  expect(readdirSync(spool)).toEqual([])
  expect((await cli('sync', spool)).out).toBe('Nothing waits.\n')
  const { jobs } = await connect().call('jobs.list')
  expect(new Map(jobs.map(({ name, state }) => [name, state]))).toEqual(
    new Map([
      ['first', 'completed'],
      ['second', 'completed'],
    ]),
  )
  for (const { uid } of jobs) {
    const { series } = await connect().call('metrics.query', {
      params: { uid },
      query: { key: ['loss'], points: 1000 },
    })
    expect(series.map(({ x }) => x)).toEqual([Array.from({ length: 500 }, (_, at) => at + 1)])
    const { lines } = await connect().call('logs.page', { params: { uid } })
    expect(lines.map(({ text }) => text)).toEqual(['seen from afar'])
  }
})

it('finds the spool of this machine by itself, and says what arrived', async () => {
  train('alone')
  const { code, out } = await cli('sync')
  expect(code).toBe(0)
  expect(out).toMatch(/^✓ \w+ {2}\d+ reports? sent, 0 refused, 0 left {2}http:\S+\/job\/\w+\n/)
})

it('keeps a damaged report aside, sends the rest, and its exit code says so', async () => {
  const spool = train('first')
  const [run = ''] = readdirSync(spool)
  writeFileSync(join(spool, run, '00000900.report'), 'no report')
  const { code, out, err } = await cli('sync', spool)
  expect({ code, out, err }).toEqual({
    code: 1,
    out: expect.stringContaining('1 refused, 0 left'),
    err: expect.stringContaining('00000900.report is set aside. The file is damaged'),
  })
  expect(readdirSync(join(spool, run))).toEqual(['00000900.refused'])
})

it('leaves everything while the control room is away, says why, and has it all the next time', async () => {
  const spool = train('first')
  await server.close()
  const away = await cli('sync', '--url', server.url, '--token', 'any', spool)
  expect(away).toMatchObject({ code: 3, out: expect.stringMatching(/0 reports sent, 0 refused, [1-9]\d* left/) })
  expect(away.out).toContain('takes nothing now')
  const settings = { port: 0, logLevel: 'silent' as const }
  const options = { dataFolder: join(base, 'data'), version: '0.0.0-test', settings }
  server = (await startServer(options, makeTestWorld().world)).server
  expect(await cli('sync', '--url', server.url, '--token', 'wrong', spool)).toMatchObject({ code: 4 })
  expect(await cli('sync', spool)).toMatchObject({ code: 0 })
})

it('a script that was killed two days ago is lost since then, not since its reports were sent', async () => {
  const dayMs = 86_400_000
  const began = Date.now() - 2 * dayMs
  const spool = join(server.dataFolder, 'spool')
  const child = spawn('python3', ['-c', killed], {
    env: environment(server.dataFolder),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  const listReports = () => readdirSync(spool, { recursive: true }).filter((name) => String(name).endsWith('.report'))
  await expect.poll(() => existsSync(spool) && listReports().length > 1, { timeout: 60_000 }).toBe(true)
  child.kill('SIGKILL')
  await ended
  const killedAt = Date.now() - 2 * dayMs
  await server.close()
  const settings = { port: 0, logLevel: 'silent' as const, lostAfterMs: 500 }
  server = (
    await startServer({ dataFolder: join(base, 'data'), version: '0.0.0-test', settings }, makeTestWorld().world)
  ).server
  expect(await cli('sync', spool)).toMatchObject({ code: 0 })
  const find = async () => (await connect().call('jobs.list')).jobs.find(({ name }) => name === 'killed')
  await expect.poll(async () => (await find())?.state, { timeout: 60_000 }).toBe('lost')
  const endedAt = (await find())?.endedAt ?? 0
  expect(endedAt).toBeGreaterThan(began)
  expect(endedAt).toBeLessThan(killedAt + 5_000)
})

it('refuses a folder that is none', async () => {
  expect(await cli('sync', join(base, 'no-such'))).toMatchObject({
    code: 2,
    err: expect.stringContaining('no such folder'),
  })
})

/** Trains offline; the folder of its spools. */
function train(...names: string[]): string {
  const data = server.dataFolder
  const env = environment(data)
  for (const name of names) execFileSync('python3', ['-c', script, name], { env, stdio: 'pipe' })
  const spool = join(data, 'spool')
  mkdirSync(spool, { recursive: true })
  return spool
}

function environment(data: string): Record<string, string | undefined> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('PILOTHOUSE_'))
  return { ...Object.fromEntries(own), PYTHONPATH: sdk, PILOTHOUSE_DATA: data }
}

function connect() {
  return createClient({ baseUrl: server.url, token: readTokenFile(server.dataFolder, 'admin.token') ?? '' })
}

async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { world, stdout, stderr } = makeTestWorld({ PILOTHOUSE_DATA: server.dataFolder })
  const code = await runCli(args, world, '0.0.0-test')
  return { code, out: stdout.text(), err: stderr.text() }
}
