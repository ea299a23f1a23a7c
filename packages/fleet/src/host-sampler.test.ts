/** Against this machine and real processes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { platform } from 'node:os'
import { afterEach, expect, test } from 'vitest'
import { hostResourceKeys } from '@pilothouse/contract/wire'
import { GpuMonitor } from './gpu-monitor.ts'
import { HostSampler } from './host-sampler.ts'
import { ProcessTree } from './process-tree.ts'

const onLinux = platform() === 'linux'
const started: ChildProcess[] = []

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** A child and its child, which is busy until its parent is gone; resolves when it has begun. */
async function startBusy(): Promise<number> {
  const spin = `const big = Buffer.alloc(50e6, 1); const parent = process.ppid; console.log('busy')
    while (process.ppid === parent) big[0] += 1`
  const script = `require('node:child_process').spawn(process.execPath, ['-e', process.argv[1]], { stdio: 'inherit' })`
  const child = spawn(process.execPath, ['-e', script, spin], { stdio: ['ignore', 'pipe', 'ignore'] })
  started.push(child)
  await once(child.stdout, 'data')
  return child.pid ?? 0
}

/** Waits by working: until the clock says so, without a timer. */
async function spinFor(ms: number): Promise<void> {
  const end = performance.now() + ms
  while (performance.now() < end) await new Promise((resolve) => void setImmediate(resolve))
}

test('every figure has a name of the contract and a sane value', async () => {
  const sampler = new HostSampler({ host: 'box', gpus: new GpuMonitor({ intervalMs: 1_000 }) })
  await spinFor(60)
  const [sample] = await sampler.sample()
  expect(sample?.source).toBe('host:box')
  for (const [key, value] of sample?.metrics ?? []) {
    expect(Object.keys(hostResourceKeys)).toContain(key)
    expect(Number.isFinite(value) && value >= 0).toBe(true)
  }
  const read = (key: string): number => sample?.metrics.get(key) ?? Number.NaN
  expect(read('cpu.utilization')).toBeLessThanOrEqual(100)
  expect(read('memory.used')).toBeLessThan(read('memory.total'))
  expect(read('disk.used')).toBeLessThanOrEqual(read('disk.total'))
})

test('a folder that went away leaves the rest as it is', async () => {
  const gpus = new GpuMonitor({ intervalMs: 1_000 })
  const sampler = new HostSampler({ diskPath: '/no/such/folder', gpus })
  const [sample] = await sampler.sample()
  expect(sample?.metrics.has('disk.used')).toBe(false)
  expect(sample?.metrics.has('memory.used')).toBe(true)
})

test.runIf(onLinux)('CPU and memory of a process include what it started', async () => {
  const pid = await startBusy()
  const tree = new ProcessTree(pid, () => performance.now())
  // However busy the machine is, its child gets a tenth of a second of CPU some time.
  let cpuSeconds = 0
  let at = performance.now()
  while (cpuSeconds < 0.1) {
    await spinFor(50)
    const figures = new Map(tree.sample())
    const now = performance.now()
    cpuSeconds += ((figures.get('process.cpu') ?? Number.NaN) / 100) * ((now - at) / 1_000)
    at = now
    expect(figures.get('process.memory')).toBeGreaterThan(80e6)
  }
})

test.runIf(onLinux)('of a process that has ended nothing is said', async () => {
  const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' })
  const tree = new ProcessTree(child.pid ?? 0, () => performance.now())
  await once(child, 'exit')
  expect(tree.sample()).toEqual([])
})

test.runIf(onLinux)('a sample costs little', async () => {
  const sampler = new HostSampler({ pid: process.pid, gpus: new GpuMonitor({ intervalMs: 1_000 }) })
  const count = 100
  const before = process.cpuUsage()
  for (let at = 0; at < count; at += 1) await sampler.sample()
  const { user, system } = process.cpuUsage(before)
  const milliseconds = (user + system) / 1_000 / count
  process.stdout.write(`HostSampler: ${milliseconds.toFixed(2)} ms of CPU a sample\n`)
  expect(milliseconds).toBeLessThan(20)
})
