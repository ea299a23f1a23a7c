/** A server that is started anew finds whatever runs, however much that is. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchSpec } from '@pilothouse/contract'
import { openLocalTarget, type Target, type TargetRun } from '@pilothouse/fleet'
import { expect, it } from 'vitest'
import { startStorage } from '../storage/start-storage.ts'
import { LaunchWorld, quickTimes } from './launch-world.fixture.ts'

const uids = Array.from({ length: 200 }, (_, at) => `many-${at}`)
const patient = { timeout: 60_000, interval: 200 }
/** A look at so many takes seconds. */
const deskTimes = { ...quickTimes, shellMs: 2_000, logMs: 2_000 }
const spec = launchSpec.parse({ target: 'local', command: ['true'] })

it('two hundred jobs that run are found again, and each ends as it does', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'pilothouse-many-'))
  const root = join(dataFolder, 'local')
  const target = openLocalTarget({ name: 'local', root, graceSeconds: 1 })
  const run = await startOne(target, root)
  await keepLaunches(dataFolder, run.folder, root)
  const world = await LaunchWorld.open({ dataFolder }, { deskTimes })
  try {
    await expect.poll(() => countStates(world), patient).toEqual({ running: uids.length })
    await expect.poll(async () => (await world.log('many-199')).trim(), patient).toBe('many-199')
    // It counts once the process is gone.
    for (const [at, uid] of uids.entries())
      writeFileSync(join(root, 'runs', uid, 'exit.json'), writeExit(at === 7 ? 3 : 0))
    await target.cancel(run)
    await expect.poll(() => countStates(world), patient).toEqual({ completed: uids.length - 1, failed: 1 })
    expect((await world.job('many-7')).attempts).toMatchObject([{ number: 1, exitCode: 3 }])
  } finally {
    await world.close()
    await target.cancel(run).catch(() => null) // it has ended
    rmSync(dataFolder, { recursive: true, force: true })
  }
})

/** One process that really runs stands for all: two hundred of them would take a minute to start. */
async function startOne(target: Target, root: string): Promise<TargetRun> {
  const run = { folder: join(root, 'runs', 'real'), owner: 'real 1', environment: {} }
  const folder = await target.make({ ...run, script: '#!/bin/sh\nexec sleep 600\n' })
  const made = { folder, owner: run.owner, slurmId: null }
  await target.start(made, { name: 'real', resources: {}, requeueable: false, warnSeconds: null })
  return made
}

/** As a server leaves them that is killed while they run. */
async function keepLaunches(dataFolder: string, folder: string, root: string): Promise<void> {
  const storage = await startStorage({ dataFolder, lostAfterMs: 900_000 })
  const { id: memberId } = await storage.call('access.ensure-admin', { name: 'admin' })
  const launches = uids.map((uid) => {
    const kind = 'training' as const
    return { uid, name: uid, project: 'default', kind, spec, recipe: { command: spec.command } }
  })
  await storage.call('launches.create', { memberId, key: null, group: null, target: 'local', script: null, launches })
  for (const launch of await storage.call('launches.open', {})) {
    const own = join(root, 'runs', launch.uid)
    cpSync(folder, own, { recursive: true })
    writeFileSync(join(own, 'owner'), `${launch.uid} 1`)
    writeFileSync(join(own, 'log'), `${launch.uid}\n`)
    const patch = { state: 'following' as const, folder: own, is_kept: 1 }
    await storage.call('launches.note-state', { launches: [{ launch, patch }], state: 'running' })
  }
  await storage.close()
}

function writeExit(exitCode: number): string {
  const now = Math.trunc(Date.now() / 1_000)
  return `${JSON.stringify({ exitCode, startedAt: now, endedAt: now, restarts: 0 })}\n`
}

async function countStates(world: LaunchWorld): Promise<Record<string, number>> {
  const { jobs } = (await world.ask('/api/jobs?limit=200')).json as { jobs: { state: string }[] } // what this route answers with
  return Object.fromEntries([...Map.groupBy(jobs, ({ state }) => state)].map(([state, some]) => [state, some.length]))
}
