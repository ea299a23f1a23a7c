import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { View } from '@pilothouse/contract'
import type { RunningServer } from '@pilothouse/server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type GitYard, openGitYard } from '../../../lab/git-yard.ts'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { makeTestWorld } from './test-world.ts'

const version = '0.0.0-test'
let yard: GitYard
let folder: string
let place: string
let server: RunningServer
beforeAll(async () => {
  yard = openGitYard()
  place = yard.makeRepository('vision')
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-presets-'))
  const { world } = makeTestWorld({
    ...yard.environment,
    PATH: process.env['PATH'],
    PILOTHOUSE_PROJECT_ROOTS: yard.root,
  })
  const settings = { port: 0, logLevel: 'silent' as const }
  server = (await startServer({ dataFolder: folder, version, settings }, world)).server
  expect(await cli('projects', 'add', place)).toMatchObject({ code: 0 })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
  yard.close()
})

async function cli(...args: string[]) {
  const { world, stdout, stderr } = makeTestWorld({ PILOTHOUSE_DATA: folder })
  const code = await runCli(args, { ...world, workingFolder: place }, version)
  return { code, out: stdout.text(), err: stderr.text() }
}

const wish = ['--cpus', '2', '--time', '8h', '--env', 'TOKEN=hf_secret', '--', 'sh', '-c', 'echo "$0 $TOKEN"', 'a b']

it('a wish is kept without values of its variables, and launched with what is other', async () => {
  const { code, out } = await cli('launch', '--json', '--save-preset', 'night', ...wish)
  expect([code, out]).toEqual([0, expect.not.stringContaining('hf_secret')])
  expect(JSON.parse(out) as View).toMatchObject({ page: 'launch', name: 'night', project: 'vision', isShared: false })
  expect(JSON.parse((await cli('jobs', '--json')).out)).toMatchObject({ jobs: [] })
  expect(await cli('launch', '--preset', 'night')).toMatchObject({
    code: 2,
    err: expect.stringContaining('has no value of TOKEN'),
  })
  const planned = await cli('launch', '--preset', 'night', '--env', 'TOKEN=x', '--cpus', '3', '--dry-run', '--json')
  expect(JSON.parse(planned.out)).toMatchObject({ plan: { totals: { cpus: 3 }, code: { branch: 'main' } } })
  expect(await cli('launch', '--preset', 'night', '--env', 'TOKEN=x', '--follow')).toMatchObject({
    code: 0,
    out: 'a b x\n',
  })
})

it('presets are listed, replaced, shared, renamed and deleted', async () => {
  await cli('launch', '--save-preset', 'night', '--share', '--', 'true')
  const { presets } = JSON.parse((await cli('presets', '--json')).out) as { presets: object[] }
  expect(presets).toMatchObject([{ name: 'night', isShared: true, preset: { spec: { command: ['true'] } } }])
  expect((await cli('presets')).out).toMatch(/ID +NAME .*\n +\d+ +night +vision +local +\S+ +yes +true\n/)
  expect(await cli('presets', 'rename', 'night', 'day')).toMatchObject({ code: 0 })
  expect((await cli('launch', '--preset', 'night')).err).toContain('There is no preset «night»')
  expect(await cli('presets', 'delete', 'day')).toMatchObject({ code: 0 })
  expect((await cli('presets')).out).toContain('No preset yet')
})

it('what is not kept is refused with the option', async () => {
  expect(await cli('launch', '--save-preset', 'x', '--sweep', 'lr=1,2', '--', 'true')).toMatchObject({ code: 2 })
  expect(await cli('launch', '--save-preset', 'x')).toMatchObject({
    code: 2,
    err: expect.stringContaining('nothing to'),
  })
})
