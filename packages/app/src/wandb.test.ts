import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunningServer } from '@pilothouse/server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startWandbStandIn, type WandbStandIn } from '../../../lab/wandb-stand-in.ts'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { makeTestWorld } from './test-world.ts'

const version = '0.0.0-test'
let standIn: WandbStandIn
let folder: string
let server: RunningServer

beforeAll(async () => {
  standIn = await startWandbStandIn()
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-wandb-'))
  const settings = { port: 0, logLevel: 'silent' as const, allowPrivateChannels: true }
  server = (await startServer({ dataFolder: folder, version, settings }, makeTestWorld({}).world)).server
})
afterAll(async () => {
  await server.close()
  await standIn.close()
  rmSync(folder, { recursive: true })
})

async function cli(args: string[], { key, answer = null }: { key?: string; answer?: string | null } = {}) {
  const environment = { PILOTHOUSE_DATA: folder, ...(key === undefined ? {} : { WANDB_API_KEY: key }) }
  const { world, stdout, stderr } = makeTestWorld(environment, answer)
  const code = await runCli(['wandb', ...args], world, version)
  return { code, out: stdout.text(), err: stderr.text() }
}

it('a key is given, asked about and taken back, and never printed', async () => {
  const host = ['--host', standIn.url]
  expect((await cli(['status'])).out).toMatch(/^No key for W&B/)
  expect(await cli(['login', ...host])).toMatchObject({ code: 2, err: expect.stringMatching('There is no key') })
  const wrong = await cli(['login', ...host], { answer: 'e'.repeat(40) })
  expect(wrong).toMatchObject({ err: expect.stringMatching(/W&B refused the key \(401\)/) })
  const given = await cli(['login', ...host], { key: standIn.key })
  expect(given).toMatchObject({ code: 0, err: '' })
  expect(given.out).toMatch(/127\.0\.0\.1:\d+ +a-member +you +taken/)
  expect(given.out).not.toContain(standIn.key)
  standIn.refusals.push({ status: 401 })
  expect((await cli(['status'])).out).toMatch('W&B refused the key')
  const { out } = await cli(['status', '--json'])
  expect(JSON.parse(out)).toMatchObject({ keys: [{ baseUrl: standIn.url, user: 'a-member', fault: null }] })
  expect((await cli(['logout', ...host])).out).toMatch(/^No key for W&B/)
  expect((await cli(['logout', ...host])).err).toMatch('There is no key for')
})
