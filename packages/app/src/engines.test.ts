import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '@pilothouse/contract'
import type { RunningServer } from '@pilothouse/server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type StubEngine, startStubEngine } from '../../../lab/stub-engine/start-stub-engine.ts'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { makeTestWorld } from './test-world.ts'

const version = '0.0.0-test'
let folder: string
let server: RunningServer
let stub: StubEngine

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-engines-'))
  stub = await startStubEngine({ model: 'small-llama', apiKey: 'sk-1' })
  const settings = { port: 0, logLevel: 'silent' as const }
  server = (await startServer({ dataFolder: folder, version, settings }, makeTestWorld().world)).server
})
afterAll(async () => {
  await server.close()
  await stub.close()
  rmSync(folder, { recursive: true })
})

async function cli(args: string[], answer: string | null = null) {
  const { world, stdout, stderr } = makeTestWorld({ PILOTHOUSE_DATA: folder, LLM_KEY: 'sk-1' }, answer)
  const code = await runCli(['engines', ...args], world, version)
  return { code, out: stdout.text(), err: stderr.text() }
}

it('an engine is made known, listed, paused and forgotten', async () => {
  expect(await cli([])).toMatchObject({ code: 0, out: expect.stringMatching(/^No engine yet: /) as string })
  const added = await cli([
    'add',
    'lab',
    stub.url,
    '--key-env',
    'LLM_KEY',
    '--price',
    'small-llama=0.1/0.4',
    '--limit',
    '8',
  ])
  expect(added).toMatchObject({ code: 0, err: '' })
  expect(added.out).toMatch(
    /^● healthy lab at http:\S+ for \S.*\n {2}small-llama\n {2}0 running, 0 waiting, cache –\n$/,
  )
  expect((await cli([])).out).toMatch(/^ENGINE .*\nlab +● healthy .* small-llama +http:/)
  const { engines } = JSON.parse((await cli(['--json'])).out) as { engines: Engine[] } // what it prints
  expect(engines).toMatchObject([{ concurrencyMax: 8, prices: [{ model: 'small-llama', inputPerMillion: 0.1 }] }])
  expect((await cli(['pause', 'lab'])).out).toMatch(/^‖ paused lab/)
  expect((await cli(['resume', 'lab'])).out).toMatch(/^● healthy lab/)
  expect(await cli(['remove', 'lab'])).toMatchObject({ code: 0, out: 'lab is forgotten. It goes on running.\n' })
  expect(await cli(['check', 'lab'])).toMatchObject({
    code: 5,
    err: expect.stringContaining('There is no engine') as string,
  })
})

it('one that is not well ends the command with 1 and the reason', async () => {
  const refused = await cli(['add', 'hosted', stub.url, '--ask-key'], 'sk-wrong')
  expect(refused).toMatchObject({ code: 1, out: expect.stringContaining('refuses the key') as string })
  expect(await cli(['check', 'hosted'])).toMatchObject({
    code: 1,
    out: expect.stringMatching(/^✗ failing hosted/) as string,
  })
  expect((await cli([])).out).toContain('hosted: The engine refuses the key')
  await cli(['remove', 'hosted'])
})

it('what cannot be meant is refused before anything is asked', async () => {
  for (const args of [
    ['add', 'x', stub.url, '--price', 'cheap'],
    ['add', 'x', stub.url, '--limit', '0'],
    ['add', 'x', stub.url, '--key-env', 'NOT_SET'],
    ['add', 'x', stub.url, '--ask-key'],
    ['add', 'x'],
  ])
    expect(await cli(args)).toMatchObject({ code: 2 })
  expect(await cli(['add', 'x', 'nonsense'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('baseUrl') as string,
  })
})
