/** `pilothouse bridge` with a real sshd, a real control room and scripts with the real SDK on the far side. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '@pilothouse/client'
import type { RunningServer } from '@pilothouse/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type LabSshd, startSshd } from '../../../lab/start-sshd.ts'
import { readTokenFile } from './find-server.ts'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { makeTestWorld } from './test-world.ts'

const sdk = fileURLToPath(new URL('../../../python/src', import.meta.url))
/** Says each step on its own line, and takes one for each line that it is given. */
const stepping = `
import pilothouse, sys
job = pilothouse.init(name="far")
for step, line in enumerate(sys.stdin, 1):
    job.log({"loss": 1 / step}, step=step)
    print("step", step, flush=True)
job.finish()
`
const patient = { timeout: 80_000, interval: 50 }
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

let base: string
let server: RunningServer
let children: ChildProcess[] = []
let bridges: OpenBridge[] = []
let sshd: LabSshd
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'pilothouse-bridge-'))
  const settings = { port: 0, logLevel: 'silent' as const }
  server = (
    await startServer({ dataFolder: join(base, 'data'), version: '0.0.0-test', settings }, makeTestWorld().world)
  ).server
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(bridges.map((bridge) => bridge.end()))
  children = []
  bridges = []
  await sshd.stop()
  await server.close()
  rmSync(base, { recursive: true })
})

describe('a machine that forwards ports', () => {
  it('is told what to set, gets the token in a file of its own, and reports straight', async () => {
    sshd = await startSshd({ args: ['--banner', '--noisy'] })
    const bridge = openBridge('--install-token')
    const set = await bridge.settings()
    const tokenPath = join(sshd.folder, 'home', '.pilothouse', 'report.token')
    expect(set).toEqual({
      PILOTHOUSE_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      PILOTHOUSE_TOKEN_FILE: tokenPath,
      PILOTHOUSE_MAILBOX: join(sshd.folder, 'home', '.pilothouse', 'mailbox'),
    })
    expect(readFileSync(tokenPath, 'utf8').trim()).toBe(readTokenFile(server.dataFolder, 'report.token'))
    expect(statSync(tokenPath).mode & 0o777).toBe(0o600)
    const script = train('straight', set)
    script.step(3)
    await script.finish()
    expect(await readSteps('straight')).toEqual([1, 2, 3])
    expect(await bridge.end()).toBe(0)
    await expect(fetch(set['PILOTHOUSE_URL'] ?? '')).rejects.toThrow()
  })

  it('keeps its port over a connection that breaks, and what is said meanwhile arrives', async () => {
    sshd = await startSshd({ folder: join(base, 'sshd') })
    const bridge = openBridge('--install-token', '--json')
    const set = await bridge.settings()
    const script = train('broken', set)
    script.step(3)
    await expect.poll(() => readSteps('broken'), patient).toEqual([1, 2, 3])
    await sshd.stop()
    await expect.poll(bridge.events, patient).toContain('broken')
    script.step(3)
    sshd = await startSshd({ folder: join(base, 'sshd'), args: ['--port', String(sshd.port)] })
    await expect.poll(bridge.events, patient).toContain('portOpen')
    script.step(3)
    await script.finish()
    await expect.poll(() => readSteps('broken'), patient).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('says that a port of the user’s choice is taken', async () => {
    sshd = await startSshd()
    const { code, err } = await cli('--port', String(server.port), '--batch')
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringContaining(`The port ${server.port} of lab cannot be had`),
    })
  })
})

describe('a machine that forwards none', () => {
  it('is collected by its mailbox instead, without a token there, and it is said', async () => {
    sshd = await startSshd({ args: ['--no-forward'] })
    const bridge = openBridge()
    const set = await bridge.settings()
    expect(Object.keys(set)).toEqual(['PILOTHOUSE_MAILBOX'])
    expect(bridge.out()).toContain('No port is forwarded, so reports come by the mailbox.')
    const script = train('boxed', set)
    script.step(5)
    await expect.poll(() => readSteps('boxed'), patient).toEqual([1, 2, 3, 4, 5])
    script.step(2)
    await script.finish()
    await expect.poll(() => readSteps('boxed'), patient).toEqual([1, 2, 3, 4, 5, 6, 7])
    await expect.poll(() => readdirSync(set['PILOTHOUSE_MAILBOX'] ?? ''), patient).toEqual([])
    await expect.poll(bridge.out, patient).toMatch(/✓ boxed {2}all \d+ reports of it arrived/)
    expect(existsSync(join(sshd.folder, 'home', '.pilothouse', 'report.token'))).toBe(false)
  })

  it('holds its reports while the control room is away', async () => {
    sshd = await startSshd({ args: ['--no-forward'] })
    const bridge = openBridge('--json')
    const set = await bridge.settings()
    const { port } = server
    await server.close()
    const script = train('patient', set)
    script.step(4)
    await script.finish()
    await expect.poll(bridge.events, patient).toContain('away')
    const settings = { port, logLevel: 'silent' as const }
    const options = { dataFolder: join(base, 'data'), version: '0.0.0-test', settings }
    server = (await startServer(options, makeTestWorld().world)).server
    await expect.poll(() => readSteps('patient'), patient).toEqual([1, 2, 3, 4])
    const turns = (): string[] => bridge.events().filter((event) => event === 'away' || event === 'back')
    await expect.poll(turns, patient).toEqual(['away', 'back'])
  })
})

it('a machine that cannot be reached ends it with the reason and the next step', async () => {
  sshd = await startSshd({ folder: join(base, 'sshd') })
  await sshd.stop()
  const { code, err } = await cli('--batch')
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringMatching(/lab is there, but no ssh server answers.*\n {2}→ /),
  })
})

type OpenBridge = {
  out(): string
  /** Kinds of what was told as JSON, in order. */
  events(): string[]
  /** What it says is to be set over there. */
  settings(): Promise<Record<string, string>>
  end(): Promise<number>
}

function openBridge(...args: string[]): OpenBridge {
  const { world, stdout, stop } = makeTestWorld({ PILOTHOUSE_DATA: server.dataFolder })
  const code = runCli(['bridge', '-F', sshd.configPath, ...args, 'lab'], world, '0.0.0-test')
  const read = (): Record<string, string> => {
    const found = [...stdout.text().matchAll(/export (\w+)=([^\s"]+)/g)]
    return Object.fromEntries(found.map(([, name = '', value = '']) => [name, value]))
  }
  const bridge: OpenBridge = {
    out: stdout.text,
    events: () =>
      stdout
        .text()
        .split('\n')
        .flatMap((line) => /"event":"(\w+)"/.exec(line)?.[1] ?? []),
    settings: async () => {
      await expect.poll(read, patient).toHaveProperty('PILOTHOUSE_MAILBOX')
      return read()
    },
    end: () => {
      stop('SIGINT')
      return code
    },
  }
  bridges.push(bridge)
  return bridge
}

async function cli(...args: string[]): Promise<{ code: number; err: string }> {
  const { world, stderr } = makeTestWorld({ PILOTHOUSE_DATA: server.dataFolder })
  const code = await runCli(['bridge', '-F', sshd.configPath, ...args, 'lab'], world, '0.0.0-test')
  return { code, err: stderr.text() }
}

/** A script over there, which steps when it is told to. */
function train(uid: string, set: Record<string, string>) {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('PILOTHOUSE_'))
  const env = {
    ...Object.fromEntries(own),
    ...set,
    PYTHONPATH: sdk,
    PILOTHOUSE_DATA: join(base, 'far'),
    PILOTHOUSE_JOB: uid,
  }
  const child = spawn('python3', ['-c', stepping], { env, stdio: ['pipe', 'ignore', 'inherit'] })
  children.push(child)
  const exited = once(child, 'exit')
  return {
    step: (count: number) => child.stdin.write('\n'.repeat(count)),
    finish: async () => {
      child.stdin.end()
      await exited
    },
  }
}

/** Steps of the loss that the control room has, in its order. */
async function readSteps(uid: string): Promise<number[]> {
  const client = createClient({ baseUrl: server.url, token: readTokenFile(server.dataFolder, 'admin.token') ?? '' })
  try {
    const { series } = await client.call('metrics.query', { params: { uid }, query: { key: ['loss'], points: 1000 } })
    return series.flatMap(({ x }) => [...x])
  } catch {
    return [] // not known yet
  }
}
