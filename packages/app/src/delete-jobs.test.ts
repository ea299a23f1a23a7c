import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@pilothouse/client'
import type { RunningServer } from '@pilothouse/server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readTokenFile } from './find-server.ts'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { makeTestWorld } from './test-world.ts'

const version = '0.0.0-test'
let folder: string
let server: RunningServer

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-delete-'))
  const settings = { port: 0, webFolder: null, logLevel: 'silent' as const }
  server = (await startServer({ dataFolder: join(folder, 'data'), version, settings }, makeTestWorld().world)).server
  for (const uid of ['scratch-1', 'scratch-2', 'scratch-3']) await makeJob(uid, uid !== 'scratch-3')
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

it('deleting is counted and asked before it is done', async () => {
  const filter = ['jobs', 'delete', '--project', 'scratch'] as const
  expect((await cli([...filter, '--dry-run'])).out).toContain('2 jobs (0.0 MB) would be deleted.')
  expect(await cli([...filter])).toMatchObject({ code: 2, err: expect.stringContaining('--yes') as string })
  expect((await cli([...filter], 'n')).code).toBe(1)
  expect((await cli(['jobs', '--json'])).out).toContain('"total":3')
  expect((await cli([...filter], 'y')).out).toContain('1 that match have not ended and stay.')
  expect((await cli(['jobs', '--json'])).out).toContain('"total":1')
})

it('a deleted job can be restored', async () => {
  expect((await cli(['jobs', 'restore', 'scratch-1'])).out).toContain('scratch-1 is back: completed')
  expect(JSON.parse((await cli(['jobs', 'delete', 'scratch-1', '--yes', '--now', '--json'])).out)).toMatchObject({
    jobs: 1,
    restorableUntil: null,
  })
  expect((await cli(['jobs', 'restore', 'scratch-1'])).code).toBe(5)
})

it('deleting everything needs a condition', async () => {
  expect(await cli(['jobs', 'delete', '--yes'])).toMatchObject({
    code: expect.any(Number) as number,
    err: expect.stringContaining('No condition is named') as string,
  })
})

async function cli(words: readonly string[], answer: string | null = null) {
  const { world, stdout, stderr } = makeTestWorld({ PILOTHOUSE_DATA: server.dataFolder }, answer)
  const code = await runCli([...words], world, version)
  return { code, out: stdout.text(), err: stderr.text() }
}

async function makeJob(uid: string, ends: boolean): Promise<void> {
  const token = readTokenFile(server.dataFolder, 'admin.token') ?? ''
  const client = createClient({ baseUrl: server.url, token })
  await client.call('jobs.put', { params: { uid }, body: { project: 'scratch' } })
  const report = { attempt: 1, writer: 'test', number: 1, role: 'sdk' as const, sentAt: 0 }
  const state = { state: 'completed' as const, at: 1 }
  if (ends) await client.call('telemetry.report', { params: { uid }, body: { ...report, state } })
}
