/** Engines that are started by commands. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Serving } from '@pilothouse/contract'
import type { RunningServer } from '@pilothouse/server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { makeTestWorld } from './test-world.ts'

const version = '0.0.0-test'
let folder: string
let server: RunningServer

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-serving-'))
  const settings = { port: 0, logLevel: 'silent' as const }
  server = (await startServer({ dataFolder: folder, version, settings }, makeTestWorld().world)).server
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

async function cli(...args: string[]) {
  const { world, stdout, stderr } = makeTestWorld({ PILOTHOUSE_DATA: folder })
  const code = await runCli(['engines', ...args], world, version)
  return { code, out: stdout.text(), err: stderr.text() }
}

const containing = (text: string) => expect.stringContaining(text) as string

it('an engine is started with a command of its own, listed and stopped', async () => {
  expect((await cli('started')).out).toMatch(/^No engine was started from here/)
  const command = ['--', 'sleep', '600', '--port={port}']
  const started = await cli('start', 'lab', '--model', '/models/a b', '--idle', '30m', '--as', 'small', ...command)
  expect(started).toMatchObject({ code: 0, err: '', out: containing('◌ starting lab\n  /models/a b as job ') })
  const { servings } = JSON.parse((await cli('started', '--json')).out) as { servings: Serving[] } // what it prints
  expect(servings).toMatchObject([
    { name: 'lab', modelName: 'small', kind: 'custom', idleMinutes: 30, command: ['sleep', '600', '--port={port}'] },
  ])
  expect((await cli('started')).out).toMatch(/^ENGINE .*\nlab +◌ starting .* local +\S+ +\/models\/a b/)
  expect(await cli('stop', 'lab')).toMatchObject({ code: 0, out: containing('◌ stopping lab') })
  await expect.poll(async () => (await cli('started')).out).toContain('○ stopped')
  expect(await cli('stop', 'lab')).toMatchObject({ code: 5, err: containing('No engine «lab»') })
})

it('what cannot be started is said: nothing to serve, no such checkpoint, too short a time, no such target', async () => {
  expect(await cli('start', 'x')).toMatchObject({ code: 2, err: containing('There is nothing to serve.') })
  expect(await cli('start', 'x', '--checkpoint', 'nobody/last')).toMatchObject({ code: 5 })
  expect(await cli('start', 'x', '--model', 'm', '--idle', '5s')).toMatchObject({ code: 2, err: containing('idle') })
  expect(await cli('start', 'x', '--model', 'm', '--target', 'far')).toMatchObject({
    err: containing('no target «far»'),
  })
})
