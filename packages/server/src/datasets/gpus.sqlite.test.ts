import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type TestServer, startTestServer } from '../http/test-server.ts'

const gpu = {
  index: 0,
  name: 'NVIDIA A100',
  utilisation: 97,
  memoryUsedBytes: 1024 ** 3,
  memoryTotalBytes: 40 * 1024 ** 3,
  temperature: 63,
}

let folder: string
let server: TestServer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-gpus-'))
  const program = join(folder, 'nvidia-smi')
  await writeFile(program, '#!/bin/sh\necho "0, NVIDIA A100, 97, 1024, 40960, 63"\n')
  await chmod(program, 0o755)
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`)
  server = await startTestServer()
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.close()
  await rm(folder, { recursive: true })
})

test('GPUs are told to those who may submit batches', async () => {
  expect((await server.ask('/api/gpu', { token: server.tokens.member })).json).toEqual({ gpuState: 'ok', gpus: [gpu] })
  expect((await server.ask('/api/gpu', { token: server.tokens.viewer })).status).toBe(403)
})

test('the health check tells them of GPUs, of workers and when each was heard of, and of the queue', async () => {
  const body = { worker: 'far', host: 'node-1', leases: [], seats: [] }
  await server.ask('/api/work/beat', { method: 'POST', token: server.tokens.worker, body })
  const { json } = await server.ask('/health', { token: server.tokens.member })
  expect(json).toMatchObject({
    status: 'ok',
    details: { subscribers: 0 },
    batches: {
      workers: [{ name: 'far', host: 'node-1', heardAt: expect.any(Number) as number }],
      queue: { batches: 0, requests: 0 },
      gpuState: 'ok',
      gpus: [gpu],
    },
  })
})

test.each(['viewer', 'reporter', 'worker'] as const)('the health check tells a %s nothing of them', async (role) => {
  const { json } = await server.ask('/health', { token: server.tokens[role] })
  expect(json).toMatchObject({ status: 'ok' })
  expect(json).not.toHaveProperty('batches')
})
