/** Against a real sshd and the real client. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { InstanceFacts } from '@pilothouse/contract'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'
import { makeSshRunner } from '../script-runner.ts'
import { openInstanceShell, prepareInstanceWay } from './instance-shell.ts'
import { lookAtInstance } from './look-at-instance.ts'

let sshd: LabSshd
let folder: string
/** Of somebody who names a key for all hosts, and no known hosts. */
let configPath: string
beforeAll(async () => {
  sshd = await startSshd({ args: ['--noisy'] })
  folder = mkdtempSync(join(tmpdir(), 'ph keys '))
  configPath = join(folder, 'config')
  writeFileSync(configPath, `Host *\n  IdentityFile "${sshd.folder}/user_key"\n  IdentityAgent none\n  Port 1\n`)
})
afterAll(async () => {
  await sshd.stop()
  rmSync(folder, { recursive: true })
})

function machine(id: string, port = sshd.port): Pick<InstanceFacts, 'provider' | 'id' | 'ssh'> {
  return { provider: 'vast', id, ssh: { user: userInfo().username, host: '127.0.0.1', port } }
}
const known = (account: string): string => readFileSync(join(folder, account, 'known_hosts'), 'utf8')

it('a look at a machine brings its log, by the kept shell of a connection', async () => {
  const output = join(sshd.folder, 'home/workspace')
  mkdirSync(output, { recursive: true })
  writeFileSync(join(output, 'training.log'), 'epoch 1\n')
  const options = { instance: machine('30007012'), folder: join(folder, 'a'), configPath }
  const link = await openInstanceShell({ ...options, policy: 'accept-new' })
  const patterns = { logPatterns: ['~/workspace/*.log'], linesMax: 10 }
  const first = await lookAtInstance(makeSshRunner(link), { ...patterns, after: null })
  writeFileSync(join(output, 'training.log'), 'epoch 1\nepoch 2\n')
  const second = await lookAtInstance(makeSshRunner(link), { ...patterns, after: first.place })
  await link.close()
  expect([first.lines, second.lines]).toEqual([['epoch 1'], ['epoch 2']])
  expect(known('a')).toMatch(/^vast-30007012 ssh-ed25519 /)
})

it('a machine that is not known is refused, unless the first key is to be taken; each machine has its own', async () => {
  const options = { folder: join(folder, 'b'), configPath }
  const strict = { ...options, instance: machine('1'), policy: 'known-only' } as const
  await expect(openInstanceShell(strict)).rejects.toMatchObject({ name: 'SshError', kind: 'hostKey' })
  await (await openInstanceShell({ ...strict, policy: 'accept-new' })).close()
  await (await openInstanceShell(strict)).close()
  await (await openInstanceShell({ ...options, instance: machine('2'), policy: 'accept-new' })).close()
  expect(
    known('b')
      .split('\n')
      .map((line) => line.split(' ')[0]),
  ).toEqual(['vast-1', 'vast-2', ''])
})

it('another key than before is refused, also where the first would be taken', async () => {
  const options = { folder: join(folder, 'c'), configPath, instance: machine('1'), policy: 'accept-new' } as const
  mkdirSync(join(folder, 'c'))
  const other = readFileSync(join(sshd.folder, 'user_key.pub'), 'utf8')
  writeFileSync(join(folder, 'c/known_hosts'), `vast-1 ${other}`)
  await expect(openInstanceShell(options)).rejects.toMatchObject({ kind: 'hostKey' })
  expect(known('c')).toBe(`vast-1 ${other}`)
})

it('a machine where nobody listens, or that only listens, is told from one that is there', async () => {
  const options = { folder: join(folder, 'd'), configPath, policy: 'accept-new' } as const
  await expect(openInstanceShell({ ...options, instance: machine('1', 1) })).rejects.toMatchObject({ kind: 'refused' })
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const address = silent.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const giveUp = new AbortController()
  const opening = openInstanceShell({ ...options, instance: machine('1', port), signal: giveUp.signal })
  await once(silent, 'connection')
  giveUp.abort()
  await expect(opening).rejects.toMatchObject({ kind: 'closed' })
  silent.close()
})

it('a machine without an address, or a folder that ssh cannot be told of, is refused', async () => {
  const options = { folder: join(folder, 'e'), configPath, policy: 'known-only' } as const
  const nowhere = { ...machine('1'), ssh: null }
  await expect(prepareInstanceWay({ ...options, instance: nowhere })).rejects.toMatchObject({ kind: 'usage' })
  const odd = { ...options, instance: machine('1'), folder: join(folder, 'e"') }
  await expect(prepareInstanceWay(odd)).rejects.toMatchObject({ kind: 'usage' })
  const way = await prepareInstanceWay({
    ...options,
    instance: { ...machine('1'), ssh: { user: 'root', host: '::1', port: 2 } },
  })
  expect(way).toMatchObject({ host: 'ssh://root@[::1]:2', alias: 'vast-1' })
})
