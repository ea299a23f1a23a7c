/** A real Slurm that ends what uses more memory than it has asked for. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LaunchWorld } from './launch-world.fixture.ts'
import { openSlurmWorld, type SlurmWorld } from './slurm-world.fixture.ts'

let lab: SlurmWorld
let world: LaunchWorld
beforeAll(async () => {
  lab = await openSlurmWorld({ slurmArgs: ['--memory-kill'] })
  world = lab.world
})
afterAll(() => lab.close())

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
