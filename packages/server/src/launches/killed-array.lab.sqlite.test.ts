/** The server is killed while it sends a job array to a real Slurm: a new one goes on, and each element runs once. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Job, Launch, Launched } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { ControlRoom } from '../../../../lab/chaos/control-room.ts'
import { type LabSlurm, startSlurm } from '../../../../lab/start-slurm.ts'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'
import { untilUnderWay } from './bad-luck.fixture.ts'

let slurm: LabSlurm
let sshd: LabSshd
let room: ControlRoom
let dataFolder: string
beforeAll(async () => {
  slurm = await startSlurm()
  sshd = await startSshd({ args: ['--user', slurm.user, '--set', `SLURM_CONF=${slurm.configPath}`] })
  dataFolder = mkdtempSync(join(tmpdir(), 'pilothouse-killed-'))
  const clusters = [{ name: 'lab', host: 'lab', ssh_config_path: sshd.configPath }]
  writeFileSync(join(dataFolder, 'clusters.yaml'), JSON.stringify({ clusters }))
  room = await ControlRoom.open({ dataFolder })
}, 120_000)
afterAll(async () => {
  await room.close()
  await sshd.stop()
  await slurm.stop()
  rmSync(dataFolder, { recursive: true })
})

async function ask<Answer>(path: string, body?: object): Promise<Answer> {
  return JSON.parse(await room.ask(path, body)) as Answer // as routes.ts says
}

it.each(['folder', 'submit', 'start'] as const)(
  'in the step «%s»',
  async (step) => {
    const begun = join(sshd.folder, 'home', `begun-${step}`)
    const spec = { target: 'lab', command: ['sh', '-c', `echo $0 >> ${begun}`] }
    const variants = ['0', '1', '2', '3'].map((word) => [word])
    const { jobs } = await ask<Launched>('/api/launches', { spec, variants, array: { atOnce: 3 } })
    const uids = jobs.map(({ uid }) => uid)
    await untilUnderWay(() => ask<Launch>(`/api/jobs/${uids[0] ?? ''}/launch`), step)
    await room.kill()
    await room.start()
    for (const uid of uids)
      await vi.waitFor(
        async () => expect(await ask<Job>(`/api/jobs/${uid}`)).toMatchObject({ state: 'completed', attempt: 1 }),
        { timeout: 90_000, interval: 200 },
      )
    expect(readFileSync(begun, 'utf8').trim().split('\n').toSorted()).toEqual(['0', '1', '2', '3'])
  },
  240_000,
)
