/** The screen over a rented machine that answers: the stand-in of a provider says that the lab's sshd is one, and a log is written there. */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TopRow, TopUpdate } from '@pilothouse/terminal/top'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'
import { startVastStandIn, type VastStandIn } from '../../../../lab/vast/start-vast-stand-in.ts'
import { makeInstanceRow } from '../../../../lab/vast/vast-rows.ts'
import { makeTestWorld } from '../test-world.ts'
import { openTopSource } from './open-top-source.ts'
import type { OpenedSource } from './opened-source.ts'

let folder: string
let sshd: LabSshd
let standIn: VastStandIn
let opened: OpenedSource
let log: string
/** How much later the command believes it to be, ms. */
let ahead = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ph-look-'))
  sshd = await startSshd({ folder: join(folder, 'sshd') })
  // Keys are found where users have them; what is on record of hosts is nobody else's.
  const home = join(folder, 'home')
  mkdirSync(join(home, '.ssh'), { recursive: true })
  const config = readFileSync(sshd.configPath, 'utf8')
  const key = /IdentityFile (".+")/.exec(config)?.[1] ?? ''
  writeFileSync(join(home, '.ssh', 'config'), `IdentityFile ${key}\nIdentitiesOnly yes\n`)
  vi.stubEnv('HOME', home)
  standIn = await startVastStandIn()
  const place = { ssh_host: '127.0.0.1', ssh_port: sshd.port, ports: null, public_ipaddr: null }
  standIn.world.add(makeInstanceRow(1_001, { label: 'rented box', ...place }))
  log = join(folder, 'output', 'run-7', 'training.log')
  mkdirSync(join(folder, 'output', 'run-7'), { recursive: true })
  const world = { ...makeTestWorld().world, home, now: () => Date.now() + ahead }
  opened = await openTopSource(
    { instances: ['1001'], providers: ['vast'], interval: 1, logs: [join(folder, 'output', '*', 'training.log')] },
    {},
    { ...world, environment: { VAST_API_KEY: standIn.key, VAST_URL: standIn.url } },
  )
}, 60_000)
afterAll(async () => {
  await opened.close()
  await standIn.close()
  await sshd.stop()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

it('a log is followed over ssh while it is written, by its provider while ssh is away, and over ssh again', async () => {
  const updates: TopUpdate[] = []
  writeFileSync(log, 'Epoch 1/3\nStep 100/1000: Loss = 2.345, LR = 0.0001\n')
  opened.source.start((update) => updates.push(update))
  const row = (): TopRow | undefined => updates.findLast((one) => one.type === 'rows')?.rows[0]
  const lines = (): string[] =>
    updates.flatMap((one) => (one.type === 'lines' ? one.lines.map(({ text }) => text) : []))
  const note = (): string | undefined =>
    updates.findLast((one) => one.type === 'detail')?.detail.facts.find(({ name }) => name === 'log')?.value
  await expect.poll(() => row()?.loss).toBe(2.345)
  expect(row()).toMatchObject({ id: 'vast:1001', name: 'rented box', epoch: 1, epochs: 3, progress: 0.1 })
  opened.source.watch('vast:1001')

  appendFileSync(log, Buffer.from([0, 0xff, 0x1b, 0x5b, 0x32, 0x4a, 0x0a]))
  appendFileSync(log, 'Step 200/1000: Loss = 2.1, LR = 0.0001\n')
  await expect.poll(() => row()?.loss).toBe(2.1)
  expect(row()?.progress).toBe(0.2)
  expect(lines().filter((text) => text.startsWith('Step 100'))).toHaveLength(1)
  expect(note()).toBeUndefined()

  standIn.world.logs.set(1_001, 'Step 300/1000: Loss = 1.9, LR = 0.0001\n')
  await sshd.stop()
  await expect.poll(() => row()?.loss).toBe(1.9)
  await expect.poll(note).toMatch(/^ssh does not reach it: .+ Its log comes from its provider/)
  expect(row()).toMatchObject({ state: 'running', trouble: null, progress: 0.3 })

  sshd = await startSshd({ folder: join(folder, 'sshd'), args: ['--port', String(sshd.port)] })
  appendFileSync(log, 'Step 400/1000: Loss = 1.5, LR = 0.0001\n')
  ahead = 6 * 60_000
  await expect.poll(() => row()?.loss).toBe(1.5)
  await expect.poll(note).toBeUndefined()
  expect(lines().filter((text) => text.startsWith('Step 100'))).toHaveLength(1)
})
