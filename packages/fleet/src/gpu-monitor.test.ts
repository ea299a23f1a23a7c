/** A script stands in for `nvidia-smi`: it prints what the real one prints. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { GpuMonitor } from './gpu-monitor.ts'
import { readHostFacts } from './host-facts.ts'
import { HostSampler } from './host-sampler.ts'
import { parseGpuRow, selectGpus } from './nvidia-smi.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-gpu-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function writeScript(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\n${text}\n`)
  await chmod(path, 0o755)
  return path
}

function waitForChange(monitor: GpuMonitor, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = monitor.onChange(() => {
      if (!holds()) return
      stop()
      resolve()
    })
    monitor.start()
  })
}

test('a row is read with its units, and what is not measured is left out', () => {
  expect(parseGpuRow('0, 85, 61, 40536, 81920, 301.52')).toEqual({
    index: 0,
    values: new Map([
      ['gpu.utilization', 85],
      ['gpu.temperature', 61],
      ['gpu.memory.used', 40_536 * 1024 ** 2],
      ['gpu.memory.total', 81_920 * 1024 ** 2],
      ['gpu.power', 301.52],
    ]),
  })
  const partial = parseGpuRow('1, [N/A], 40, [Not Supported], 8192, [Unknown Error]')
  expect([...(partial?.values.keys() ?? [])]).toEqual(['gpu.temperature', 'gpu.memory.total'])
  expect(parseGpuRow('Failed to initialize NVML: Driver/library version mismatch')).toBeNull()
  expect(parseGpuRow('')).toBeNull()
})

test('the environment limits which GPUs count', () => {
  const selected = (visible?: string): number[] => {
    const selects = selectGpus(visible === undefined ? {} : { CUDA_VISIBLE_DEVICES: visible })
    return [0, 1, 2].filter((index) => selects(index))
  }
  expect(selected()).toEqual([0, 1, 2])
  expect(selected('0,2')).toEqual([0, 2])
  expect(selected('')).toEqual([])
  expect(selected('-1')).toEqual([])
  expect(selected('GPU-8932f937')).toEqual([0, 1, 2])
})

test('readings come from one process that repeats itself', async () => {
  const command = await writeScript(
    'repeats',
    'while :; do printf "0, 85, 61, 40536, 81920, 301.52\\n1, 3, 30, 10, 81920, 50.00\\n"; sleep 0.05; done',
  )
  const monitor = new GpuMonitor({ command, intervalMs: 100 })
  await waitForChange(monitor, () => monitor.read().length === 2)
  expect(monitor.absence).toBeNull()
  const sampler = new HostSampler({ host: 'box', gpus: monitor })
  const samples = await sampler.sample()
  expect(samples.map(({ source }) => source)).toEqual(['host:box', 'gpu:box/0', 'gpu:box/1'])
  expect(samples[1]?.metrics.get('gpu.utilization')).toBe(85)
  sampler.stop()
})

test('a reading that is not renewed goes stale', async () => {
  let now = 0
  const command = await writeScript('once', 'echo "0, 85, 61, 40536, 81920, 301.52"; exec sleep 60')
  const monitor = new GpuMonitor({ command, intervalMs: 1_000, monotonic: () => now })
  await waitForChange(monitor, () => monitor.read().length === 1)
  now = 3_000
  expect(monitor.read()).toHaveLength(1)
  now = 3_001
  expect(monitor.read()).toHaveLength(0)
  monitor.stop()
})

test('no program, or one that fails, is a state with words', async () => {
  const missing = new GpuMonitor({ command: 'no-such-command-at-all', intervalMs: 100 })
  await waitForChange(missing, () => missing.absence !== null)
  expect(missing.absence).toBe('no-such-command-at-all was not found.')
  const command = await writeScript('fails', 'echo "Failed to initialize NVML: Unknown Error"; exit 255')
  const failing = new GpuMonitor({ command, intervalMs: 100 })
  await waitForChange(failing, () => failing.absence !== null)
  expect(failing.absence).toBe(`${command} ended with code 255: Failed to initialize NVML: Unknown Error`)
  expect(failing.read()).toEqual([])
})

test('the facts of the host name its GPUs, or say why there are none', async () => {
  const run = async () => ({
    stdout: '0, NVIDIA A100-SXM4-80GB, 81920\n1, NVIDIA A100-SXM4-80GB, [N/A]\n',
    failure: null,
  })
  const facts = await readHostFacts({ env: {}, run })
  expect(facts.gpus).toEqual([
    { index: 0, name: 'NVIDIA A100-SXM4-80GB', memoryBytes: 81_920 * 1024 ** 2 },
    { index: 1, name: 'NVIDIA A100-SXM4-80GB' },
  ])
  expect(facts.gpuAbsence).toBeNull()
  const hidden = await readHostFacts({ env: { CUDA_VISIBLE_DEVICES: '' }, run })
  expect(hidden).toMatchObject({ gpus: [], gpuAbsence: 'No GPU is visible to this job.' })
  const none = await readHostFacts({ env: {}, run: async () => ({ stdout: '', failure: 'nvidia-smi was not found.' }) })
  expect(none).toMatchObject({ gpus: [], gpuAbsence: 'nvidia-smi was not found.' })
  expect(none.cpus).toBeGreaterThan(0)
  expect(none.memoryBytes).toBeGreaterThan(0)
})

test('a program that cannot be run or does not end well never throws', async () => {
  const command = await writeScript('nvidia-smi', 'echo "driver is gone" >&2; exit 9')
  const { runProgram } = await import('./run-program.ts')
  expect(await runProgram(command, [], 5_000)).toMatchObject({
    stdout: '',
    failure: `${command} failed: driver is gone`,
  })
  expect((await runProgram('no-such-command-at-all', [], 5_000)).failure).toBe('no-such-command-at-all was not found.')
  const slow = await writeScript('slow', 'exec sleep 60')
  expect((await runProgram(slow, [], 50)).failure).toBe(`${slow} did not answer in time.`)
})
