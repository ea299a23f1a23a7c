/** Keys of hosts at the terminal, against a real sshd. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunningServer } from '@pilothouse/server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LabSshd, startSshd } from '../../../lab/start-sshd.ts'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { makeTestWorld } from './test-world.ts'

const version = '0.0.0-test'
let folder: string
let server: RunningServer
let sshd: LabSshd
let fingerprint: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-host-keys-'))
  sshd = await startSshd()
  const [, printed = ''] = execFileSync('ssh-keygen', ['-lf', join(sshd.folder, 'host_key.pub')])
    .toString()
    .split(' ')
  fingerprint = printed
  const settings = { port: 0, logLevel: 'silent' as const }
  server = (await startServer({ dataFolder: folder, version, settings }, makeTestWorld().world)).server
  const config = join(folder, 'ssh_config')
  const known = `UserKnownHostsFile "${join(folder, 'known to the user')}"`
  writeFileSync(config, readFileSync(sshd.configPath, 'utf8').replace(/UserKnownHostsFile .*/, known))
  const hosts = [{ name: 'box', host: 'lab', ssh_config_path: config }]
  writeFileSync(join(folder, 'clusters.yaml'), JSON.stringify({ hosts }))
})
afterAll(async () => {
  await server.close()
  await sshd.stop()
  rmSync(folder, { recursive: true })
})

async function cli(args: string[], answer: string | null = null): Promise<{ code: number; out: string; err: string }> {
  const { world, stdout, stderr } = makeTestWorld({ PILOTHOUSE_DATA: folder }, answer)
  const code = await runCli(args, world, version)
  return { code, out: stdout.text(), err: stderr.text() }
}
const trust = (...args: string[]) => ['clusters', 'trust', 'box', ...args]

it('an unknown key is shown, and accepted by whoever confirms it or names it', async () => {
  expect(await cli(trust())).toMatchObject({
    code: 2,
    out: expect.stringMatching(
      new RegExp(`^The key of lab is not known yet\\. .*\\n  shown  ED25519 ${escape(fingerprint)}\\n$`),
    ),
    err: expect.stringContaining('--fingerprint'),
  })
  expect(await cli(trust(), 'no')).toMatchObject({ code: 1 })
  expect(await cli(trust('--yes'))).toMatchObject({ code: 2, err: expect.stringContaining('which one was not said') })
  const other = `SHA256:${'A'.repeat(43)}`
  expect(await cli(trust('--fingerprint', other, '--yes'))).toMatchObject({
    code: 1,
    err: expect.stringContaining(`lab does not show the key ${other}`),
  })
  expect(JSON.parse((await cli(trust('--json'))).out)).toMatchObject({ state: 'unknown', keys: [{ fingerprint }] })
  expect((await cli(trust(), 'y')).out).toMatch(/The key of lab is trusted\..*\n.*\n  known .* accepted here\n$/)
  expect((await cli(['clusters', 'test', 'box'])).code).toBe(0)
  const forgotten = await cli(['clusters', 'forget-key', 'box', '--fingerprint', fingerprint])
  expect(forgotten).toMatchObject({ code: 0, out: expect.stringContaining('not known yet') })
  const accepted = await cli(trust('--fingerprint', fingerprint, '--yes', '--json'))
  expect(accepted.code).toBe(0)
  expect(JSON.parse(accepted.out)).toMatchObject({ state: 'trusted' })
})

it('another key than before is not accepted; it says how to forget the old one', async () => {
  const next = await startSshd()
  const place = `[127.0.0.1]:${sshd.port}`
  const key = readFileSync(join(next.folder, 'host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
  writeFileSync(join(folder, 'known_hosts'), `${place} ${key}\n`)
  writeFileSync(join(folder, 'known to the user'), `${place} ${key}\n`)
  const changed = await cli(trust('--fingerprint', fingerprint, '--yes'))
  expect(changed).toMatchObject({ code: 1, out: expect.stringContaining('lab shows another key than before.') })
  expect(changed.err).toContain('pilothouse clusters forget-key box --fingerprint SHA256:')
  expect(changed.err).toContain(`ssh-keygen -R '${place}' -f '${join(folder, 'known to the user')}'`)
  await next.stop()
})

function escape(text: string): string {
  return text.replaceAll(/[+/]/g, String.raw`\$&`)
}
