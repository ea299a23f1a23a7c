import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@pilothouse/client'
import type { RunningServer } from '@pilothouse/server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { makeTestWorld } from './test-world.ts'

const version = '0.0.0-test'
let folder: string
let server: RunningServer
let viewer: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-gpus-'))
  const settings = { port: 0, logLevel: 'silent' as const }
  server = (await startServer({ dataFolder: folder, version, settings }, makeTestWorld().world)).server
  const admin = createClient({ baseUrl: server.url, token: readFileSync(join(folder, 'admin.token'), 'utf8').trim() })
  viewer = (await admin.call('access.create-token', { body: { name: 'viewer', role: 'viewer' } })).secret
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

const write = (text: string): void => writeFileSync(join(folder, 'clusters.yaml'), text)

async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { world, stdout, stderr } = makeTestWorld({ PILOTHOUSE_DATA: folder })
  const code = await runCli(args, world, version)
  return { code, out: stdout.text(), err: stderr.text() }
}

it('without clusters both say where they are named', async () => {
  rmSync(join(folder, 'clusters.yaml'), { force: true })
  expect(await cli('clusters')).toEqual({
    code: 0,
    out: `No clusters yet. They are named in ${join(folder, 'clusters.yaml')}; docs/clusters.md says how.\n`,
    err: '',
  })
  expect(await cli('gpus')).toMatchObject({ code: 0, out: expect.stringContaining('No clusters yet') })
  expect(JSON.parse((await cli('gpus', '--json')).out)).toEqual({ clusters: [] })
})

it('a cluster that does not answer is unknown, with the reason and exit code 1', async () => {
  write('clusters: [{ name: away, host: "ssh://nobody@127.0.0.1:1" }]')
  const gpus = await cli('gpus', 'away', '--count', '4', '--time', '8h')
  expect(gpus.code).toBe(1)
  expect(gpus.out).toMatch(/^! away {2}unknown since \d\d:\d\d:\d\d\n.* is there, but no ssh server answers.*\n/)
  const json = JSON.parse((await cli('gpus', '--json')).out) as unknown
  expect(json).toMatchObject({ clusters: [{ status: { state: 'unknown' }, availability: null, start: null }] })
  expect((await cli('clusters')).out).toContain('slurm at ssh://nobody@127.0.0.1:1\n')
})

it('clusters test goes the way, for those who may', async () => {
  write('clusters: [{ name: away, host: "ssh://nobody@127.0.0.1:1" }]')
  const test = await cli('clusters', 'test', 'away')
  expect(test).toMatchObject({ code: 1, err: '' })
  expect(test.out).toMatch(/^✓ Name .*\n✗ Route .*\n.*sshd runs there\.\n· Host key +Not reached\.\n/)
  expect(JSON.parse((await cli('clusters', 'test', 'away', '--json')).out)).toMatchObject({ ok: false })
  const url = ['--url', server.url, '--token', viewer]
  expect(await cli('clusters', 'test', 'away', ...url)).toMatchObject({
    code: 4,
    err: expect.stringContaining('clusters:manage'),
  })
})

it('mistakes of the file are told with line and column; an unknown name and half a question are refused', async () => {
  write('clusters:\n  - name: a\n    host: local\n    workspace: here\n')
  expect(await cli('clusters')).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^clusters\.yaml:4:16: «workspace»/),
  })
  expect((await cli('gpus')).err).toContain('clusters.yaml:4:16')
  const file = join(folder, 'clusters.yaml')
  expect(await cli('clusters', 'check', file)).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining(`${file}:4:16: «workspace»`),
  })
  expect(JSON.parse((await cli('clusters', 'check', file, '--json')).out)).toMatchObject({ faults: [{ line: 4 }] })
  expect(await cli('clusters', 'check', join(folder, 'none.yaml'))).toMatchObject({ code: 5 })
  write('clusters: [{ name: away, host: "ssh://nobody@127.0.0.1:1" }]')
  expect(await cli('clusters', 'check', file)).toEqual({ code: 0, out: `${file} is in order: away.\n`, err: '' })
  expect(await cli('gpus', 'elsewhere')).toMatchObject({ code: 5, err: expect.stringContaining('There are away.') })
  expect(await cli('gpus', '--type', 'a100')).toMatchObject({ code: 2, err: expect.stringContaining('--count') })
  expect(await cli('gpus', '--count', '0')).toMatchObject({ code: 2 })
})
