/** A training of several processes on two nodes of a real Slurm, by torchrun, with PyTorch and our SDK. */
import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { findPython } from '../../../../lab/find-python.ts'
import type { LaunchWorld } from './launch-world.fixture.ts'
import { openSlurmWorld, type SlurmWorld } from './slurm-world.fixture.ts'

let lab: SlurmWorld
let world: LaunchWorld
const patience = { timeout: 120_000, interval: 200 }
beforeAll(async () => {
  // As whoever runs the tests: the Python that has PyTorch may be theirs alone.
  lab = await openSlurmWorld({ asMyself: true })
  world = lab.world
}, 120_000)
afterAll(() => lab.close())

/** All ranks add up what they have, until somebody changes the rate. */
const script = `
import os, sys, time
import torch
import torch.distributed as dist
import pilothouse

def say(line):
    # Ranks of a node write to one pipe, without a buffer: a line and its end in one go, or another comes between them.
    sys.stdout.write(line + "\\n")

dist.init_process_group("gloo")
job = pilothouse.init(total_steps=5)
rate = job.parameter("lr", 0.1)
rank, size = dist.get_rank(), dist.get_world_size()
for step in range(1, 6):
    total = torch.tensor([float(rank + 1)])
    dist.all_reduce(total)
    pilothouse.log({"total": total.item()}, step=step)
say(f"rank {rank} of {size} on {os.environ['SLURMD_NODENAME']} has {total.item():g}")
while rate() == 0.1:
    job.control(5)
    time.sleep(0.05)
say(f"rank {rank} goes on with {rate()}")
dist.destroy_process_group()
`

it('four ranks on two nodes find each other, report as one job, and take a parameter together', async () => {
  const project = await world.addProject('model', { 'train.py': script })
  const python = join(realpathSync(dirname(findPython())), 'python')
  const uid = await world.launchOne({
    project: project.id,
    target: 'lab',
    torchrun: true,
    command: [python, 'train.py'],
    environment: { OMP_NUM_THREADS: '1' },
    resources: { nodes: 2, tasks: 2, cpus: 1 },
  })
  await vi.waitFor(async () => expect(await world.log(uid)).toMatch(/(^rank \d of 4.*\n[^]*){4}/m), patience)
  const set = () => world.ask(`/api/jobs/${uid}/parameters/lr`, { method: 'PUT', body: { value: 0.2 } })
  await vi.waitFor(async () => expect((await set()).status).toBe(200), patience)
  const launch = await vi.waitFor(async () => {
    const now = await world.look(uid)
    expect(now.state).toBe('over')
    return now
  }, patience)
  await world.until(uid, 'completed')
  const log = await world.log(uid)
  expect(log.match(/^rank \d of 4 on \w+ has 10$/gm)).toHaveLength(4)
  expect(new Set(log.match(/(?<=of 4 on )\w+/g))).toEqual(new Set(launch.nodes))
  expect(launch.nodes).toHaveLength(2)
  expect(log.match(/^rank [0-3] goes on with 0\.2$/gm)).toHaveLength(4)
  const { json } = await world.ask(`/api/jobs/${uid}/metrics/latest?key=total`)
  expect(json).toMatchObject({ metrics: [{ key: 'total', value: 10, step: 5 }] })
}, 300_000)
