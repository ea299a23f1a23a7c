/** What is told to launched jobs, on a real Slurm behind ssh. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Client } from '@pilothouse/client'
import type { Launched } from '@pilothouse/contract'
import type { RunningServer } from '@pilothouse/server'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type LabSlurm, startSlurm } from '../../../lab/start-slurm.ts'
import { type LabSshd, startSshd } from '../../../lab/start-sshd.ts'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { makeTestWorld } from './test-world.ts'

const version = '0.0.0-test'
/** Waits for what Slurm does. */
const patience = { timeout: 60_000, interval: 300 }
/** All that there is of it. */
const all = ['--target', 'lab', '--no-project', '--nodes', '2', '--gpus', 'a100:4']

let slurm: LabSlurm
let sshd: LabSshd
let server: RunningServer
let admin: Client
let folder: string
let sshFolder: string

beforeAll(async () => {
  slurm = await startSlurm()
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-lab-'))
  sshFolder = mkdtempSync(join(tmpdir(), 'ph-sshd-'))
  sshd = await startSshd({ folder: sshFolder, args: ['--user', slurm.user, '--set', `SLURM_CONF=${slurm.configPath}`] })
  const cluster = { name: 'lab', host: 'lab', ssh_config_path: sshd.configPath }
  writeFileSync(join(folder, 'clusters.yaml'), JSON.stringify({ clusters: [cluster] }))
  const { world } = makeTestWorld({ PATH: process.env['PATH'], HOME: process.env['HOME'] })
  const settings = { port: 0, logLevel: 'silent' as const }
  server = (await startServer({ dataFolder: folder, version, settings }, world)).server
  admin = createClient({ baseUrl: server.url, token: readFileSync(join(folder, 'admin.token'), 'utf8').trim() })
})
afterAll(async () => {
  await server.close()
  await sshd.stop()
  await slurm.stop()
  rmSync(folder, { recursive: true })
  rmSync(sshFolder, { recursive: true })
})

it('a job that waits is followed with the reason, held, released and cancelled; one that runs is requeued', async () => {
  const { out } = await cli('launch', ...all, '--json', '--', 'sh', '-c', 'echo begun; sleep 600')
  const first = (JSON.parse(out) as Launched).jobs[0]?.uid ?? '' // what it prints
  await vi.waitFor(async () => expect((await cli('launched', first, '--fresh')).out).toMatch(/✓ Start +on /), patience)
  const dry = await cli('launch', ...all, '--time', '10m', '--dry-run', 'true')
  expect([dry.code, dry.out]).toEqual([0, expect.stringMatching(/\nStart +\d{4}-.* in partition \S+ on \S+/)])

  const { world, stderr } = makeTestWorld({ PILOTHOUSE_DATA: folder })
  const following = runCli(['launch', ...all, '--follow', '--', 'sleep', '600'], world, version)
  await vi.waitFor(() => expect(stderr.text()).toMatch(/✓ Submit Slurm calls it \d+\.\n◌ Start +\S/), patience)
  const second = /^(\S+) {2}http/m.exec(stderr.text())?.[1] ?? ''
  expect((await cli('launched', second, '--fresh')).out).toMatch(/\nSlurm +\d+\n[\s\S]*\nCan be told +cancel, hold\n/)
  expect(await cli('release', second)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/cannot be told[\s\S]*It can be told: cancel, hold\./),
  })
  expect(await cli('hold', second)).toEqual({ code: 0, out: `${second}: held.\n`, err: '' })
  expect((await cli('launched', second)).out).toContain('cancel, release\n')
  expect(await cli('release', second)).toMatchObject({ code: 0, out: `${second}: released.\n` })
  expect(await cli('cancel', second, '--yes')).toMatchObject({ code: 0, out: `${second}: cancelled.\n` })
  expect(await following).toBe(1)
  expect(stderr.text()).toMatch(new RegExp(`✗ ${second} cancelled`))

  expect(await cli('requeue', first)).toMatchObject({ code: 0, out: `${first}: requeued.\n` })
  await vi.waitFor(
    async () => expect((await admin.call('jobs.get', { params: { uid: first } })).attempt).toBe(2),
    patience,
  )
  await vi.waitFor(
    async () =>
      expect((await cli('launched', first)).out).toMatch(
        /^Attempt 1 +cancelled with exit code 143: It was put back [\s\S]*^◌ Start +\S/m,
      ),
    patience,
  )
  expect(await cli('logs', first)).toMatchObject({
    code: 0,
    out: '',
    err: expect.stringContaining(`nothing in attempt 2; «pilothouse logs --attempt 1 ${first}»`),
  })
  expect(await cli('logs', '--attempt', '1', first)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^begun\n/),
    err: '',
  })
  expect(await cli('cancel', first, '--yes')).toMatchObject({ code: 0 })
  await vi.waitFor(
    async () => expect((await cli('launched', first)).out).toMatch(new RegExp(`^Job +${first}, cancelled\n`)),
    patience,
  )
}, 180_000)

async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { world, stdout, stderr } = makeTestWorld({ PILOTHOUSE_DATA: folder })
  const code = await runCli(args, world, version)
  return { code, out: stdout.text(), err: stderr.text() }
}
