/** A real Slurm that ends what uses more memory than it has asked for. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LabSlurm, startSlurm } from '../../../../lab/start-slurm.ts'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'
import { LaunchWorld } from './launch-world.fixture.ts'

let slurm: LabSlurm
let sshd: LabSshd
let world: LaunchWorld
let folder: string
beforeAll(async () => {
  slurm = await startSlurm({ args: ['--memory-kill'] })
  folder = mkdtempSync(join(tmpdir(), 'ph-sshd-'))
  sshd = await startSshd({ folder, args: ['--user', slurm.user, '--set', `SLURM_CONF=${slurm.configPath}`] })
  world = await LaunchWorld.open()
  const file = { clusters: [{ name: 'lab', host: 'lab', ssh_config_path: sshd.configPath }] }
  writeFileSync(join(world.test.server.dataFolder, 'clusters.yaml'), JSON.stringify(file))
})
afterAll(async () => {
  await world.close()
  await sshd.stop()
  await slurm.stop()
  rmSync(folder, { recursive: true })
})

const fill = `
import time
print("begun", flush=True)
held = bytearray(400 * 1024 * 1024)
for at in range(0, len(held), 4096):
    held[at] = 1
time.sleep(600)
`

it('a job that outgrows its memory has failed for that, and one that was killed otherwise has not', async () => {
  const launch = (command: string[]) => world.launchOne({ target: 'lab', command, resources: { memoryMb: 100 } })
  const outgrown = await launch(['/usr/bin/python3', '-c', fill])
  const step = await launch(['srun', '/usr/bin/python3', '-c', fill])
  const killed = await launch(['sh', '-c', 'echo begun; kill -KILL $$'])
  for (const uid of [outgrown, step]) {
    const job = await world.until(uid, 'failed')
    expect(job.error).toMatchObject({
      type: 'OutOfMemory',
      message: expect.stringMatching(/more memory than it had asked/),
    })
    expect(job.attempts).toMatchObject([{ number: 1, state: 'failed', exitCode: 137 }])
    expect(await world.log(uid)).toMatch(/^begun\n(.*\n)*slurmstepd.* exceeded memory limit/)
  }
  const other = await world.until(killed, 'failed')
  expect(other.error?.type).not.toBe('OutOfMemory')
  expect(other.attempts).toMatchObject([{ exitCode: 137 }])
}, 120_000)
