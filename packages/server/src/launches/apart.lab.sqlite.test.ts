/** A compute node without a way to the control room: what runs there is watched and steered by files alone. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type LaunchWorld, training } from './launch-world.fixture.ts'
import { openSlurmWorld, type SlurmWorld } from './slurm-world.fixture.ts'

let lab: SlurmWorld
let world: LaunchWorld
const patience = { timeout: 60_000, interval: 200 }
beforeAll(async () => {
  lab = await openSlurmWorld({ slurmArgs: ['--apart'] })
  world = lab.world
}, 120_000)
afterAll(() => lab.close())

/** Says whom it reaches, by its arguments (`ADDRESS:PORT`), and trains then. */
const tryWays = `
import socket, sys
for place in [word for word in sys.argv[1:] if ":" in word]:
    host, _, port = place.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
        print("reaches", place, flush=True)
    except OSError:
        print("no way to", place, flush=True)
`

it('a run there tells its numbers and lines, takes a parameter, and ends, without reaching the control room', async () => {
  const { port } = world.test.server
  const read = (pattern: RegExp) => pattern.exec(readFileSync(lab.slurm.configPath, 'utf8'))?.[1] ?? ''
  const address = read(/^SlurmctldHost=\S+\((\S+)\)$/m)
  const ways = [`127.0.0.1:${port}`, `${address}:${port}`, `${address}:${read(/^SlurmctldPort=(\d+)$/m)}`]
  const project = await world.addProject('model', { 'train.py': `${tryWays}${training}` })
  const uid = await world.launchOne({
    project: project.id,
    target: 'lab',
    command: ['python3', 'train.py', '--wait', ...ways],
    resources: { partition: 'scavenge' },
    directives: ['--nodelist=c1'],
  })
  await world.untilLog(uid, 'step 5')
  expect((await world.look(uid)).nodes).toEqual(['c1'])
  expect((await world.job(uid)).state).toBe('running')
  const set = () => world.ask(`/api/jobs/${uid}/parameters/lr`, { method: 'PUT', body: { value: 0.2 } })
  await vi.waitFor(async () => expect((await set()).status).toBe(200), patience)
  await world.untilOver(uid)
  await world.until(uid, 'completed')
  const log = await world.log(uid)
  const [loopback = '', beside = '', slurmctld = ''] = ways
  expect(log.match(/^(no way to|reaches) .*$/gm)).toEqual([
    `no way to ${loopback}`,
    `no way to ${beside}`,
    `reaches ${slurmctld}`,
  ])
  expect(log).toContain('rate 0.2')
  const { json } = await world.ask(`/api/jobs/${uid}/metrics/latest?key=loss`)
  expect(json).toMatchObject({ metrics: [{ key: 'loss', value: 0.2, step: 5 }] })
  const steered = await world.ask(`/api/jobs/${uid}/parameters`)
  expect(steered.json).toMatchObject({ parameters: [{ value: 0.2 }] })
}, 180_000)
