import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Project, ProjectList } from '@pilothouse/contract'
import type { RunningServer } from '@pilothouse/server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type GitYard, openGitYard } from '../../../lab/git-yard.ts'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { makeTestWorld } from './test-world.ts'

const version = '0.0.0-test'
let yard: GitYard
let folder: string
let server: RunningServer

beforeAll(async () => {
  yard = openGitYard()
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-projects-'))
  const settings = { port: 0, logLevel: 'silent' as const }
  const { world } = makeTestWorld({ ...yard.environment, PILOTHOUSE_PROJECT_ROOTS: yard.root })
  server = (await startServer({ dataFolder: folder, version, settings }, world)).server
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
  yard.close()
})

async function cli(args: string[], { answer = null, at = yard.root }: { answer?: string | null; at?: string } = {}) {
  const { world, stdout, stderr } = makeTestWorld({ PILOTHOUSE_DATA: folder }, answer)
  const code = await runCli(['projects', ...args], { ...world, workingFolder: at }, version)
  return { code, out: stdout.text(), err: stderr.text() }
}

it('a folder is added from where one stands, listed, synced and forgotten', async () => {
  expect((await cli([])).out).toMatch(/^No project yet: /)
  const vision = yard.makeRepository('vision')
  expect(await cli(['add', '.'], { at: vision })).toEqual({
    code: 0,
    out: expect.stringMatching(/^vision: main @ [0-9a-f]{7}\n {2}Train a model\n {2}\/.*\/vision\n$/),
    err: '',
  })
  yard.write('vision/train.py', 'other')
  expect((await cli(['sync', 'vision'])).out).toMatch(/^vision: main @ [0-9a-f]{7} · 1 changed\n/)
  expect((await cli([])).out).toMatch(/^NAME .*\nvision +main @ [0-9a-f]{7} +1 changed +0 +– +– +\/.*\/vision\n$/)
  const json = JSON.parse((await cli(['--json'])).out) as ProjectList // what it prints
  expect(json).toMatchObject({ projects: [{ name: 'vision', code: { changed: 1 } }], total: 1 })
  expect(await cli(['delete', 'vision'])).toMatchObject({ code: 2, err: expect.stringContaining('--yes') })
  expect(await cli(['delete', 'vision'], { answer: 'n' })).toMatchObject({ code: 1 })
  expect(await cli(['delete', 'vision'], { answer: 'y' })).toMatchObject({
    code: 0,
    out: 'vision is forgotten. Its jobs are still there.\n',
  })
  expect(await cli(['delete', 'vision', '--yes'])).toMatchObject({ code: 5 })
})

it('a repository is fetched while the command waits; what cannot be reached ends it with the reason', async () => {
  const source = yard.makeRepository('source')
  const added = await cli(['add', `file://${source}`, '--name', 'fetched', '--json'])
  expect(JSON.parse(added.out) as Project).toMatchObject({ name: 'fetched', code: { branch: 'main' }, sync: null }) // what it prints
  expect(await cli(['add', 'https://no-such-host.invalid/far.git'])).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringMatching(/could not be read[\s\S]*no address[\s\S]*spelling/),
  })
  expect((await cli([])).out).toMatch(/far +– +! see below .*[\s\S]*\n! far, first noticed .*no address/)
  expect((await cli(['sync', 'fetched', '--no-wait'])).code).toBe(0)
})

it('what may not be added is refused in the words of the server', async () => {
  expect(await cli(['add', '/etc'])).toMatchObject({ code: 1, err: expect.stringContaining('this folder does not') })
  expect(await cli(['add', 'ext::sh -c x'])).toMatchObject({ code: 1, err: expect.stringContaining('helper program') })
  expect(await cli(['add', '--', '--upload-pack=x'])).toMatchObject({ code: 1, err: expect.stringContaining('option') })
  expect(await cli(['sync', 'nobody'])).toMatchObject({ code: 5, err: expect.stringContaining('pilothouse projects') })
})
