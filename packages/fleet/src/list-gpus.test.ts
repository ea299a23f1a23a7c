import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { listGpus } from './list-gpus.ts'
import { type RunProgram, runProgram } from './run-program.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-gpus-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Runs a program of our own in place of nvidia-smi. */
async function standIn(script: string): Promise<RunProgram> {
  const path = join(folder, 'nvidia-smi')
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return (_command, args) => runProgram(path, args, 2_000)
}

it('GPUs are told as nvidia-smi prints them, and what they do not measure is null', async () => {
  const run = await standIn(
    'printf "0, NVIDIA A100, 97, 1024, 40960, 63\\n1, NVIDIA A100, [N/A], 0, 40960, [Not Supported]\\n"',
  )
  expect(await listGpus(run)).toEqual({
    state: 'ok',
    gpus: [
      {
        index: 0,
        name: 'NVIDIA A100',
        utilisation: 97,
        memoryUsedBytes: 1024 ** 3,
        memoryTotalBytes: 40 * 1024 ** 3,
        temperature: 63,
      },
      {
        index: 1,
        name: 'NVIDIA A100',
        utilisation: null,
        memoryUsedBytes: 0,
        memoryTotalBytes: 40 * 1024 ** 3,
        temperature: null,
      },
    ],
  })
})

it('no program, no device, and a driver that fails are three different things', async () => {
  const missing: RunProgram = (_command, args) => runProgram(join(folder, 'nothing'), args, 2_000)
  expect((await listGpus(missing)).state).toBe('none')
  expect((await listGpus(await standIn('echo "No devices were found"; exit 6'))).state).toBe('none')
  const broken = await standIn('echo "NVIDIA-SMI has failed because it could not communicate with the driver."; exit 9')
  expect(await listGpus(broken)).toEqual({ state: 'failed', gpus: [] })
})
