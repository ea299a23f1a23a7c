/** A machine whose clock is an hour off: what is told of its jobs is by ours. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LogPage } from '@pilothouse/contract'
import { expect, it, vi } from 'vitest'
import { type Far, isAlive, startFar } from './bad-luck.fixture.ts'
import { LaunchWorld } from './launch-world.fixture.ts'

/** Clocks over there are read in whole seconds. */
const roundMs = 2_000
const patience = { timeout: 60_000, interval: 50 }

it.each(['+1 hour', '-1 hour'])(
  'by %s: when it began and ended, times of lines and since when nothing is known are right',
  async (by) => {
    const folder = mkdtempSync(join(tmpdir(), 'pilothouse-clock-'))
    const far = await startFar(['--set', `PATH=${shiftClock(folder, by)}:${process.env['PATH'] ?? ''}`])
    const world = await LaunchWorld.open()
    try {
      await follow(world, far)
    } finally {
      await world.close()
      await far.stop()
      rmSync(folder, { recursive: true })
    }
  },
)

/** Lasts two seconds at least. */
const script =
  'echo "$PILOTHOUSE_JOB $$" >> ~/begun; echo first; until [ -e ~/go ]; do sleep 0.1; done; sleep 2; echo last'

async function follow(world: LaunchWorld, far: Far): Promise<void> {
  writeFileSync(join(world.test.server.dataFolder, 'clusters.yaml'), far.clusters)
  const { start: line } = far.lines
  const beganAt = Date.now()
  const uid = await world.launchOne({ target: 'start', command: ['sh', '-c', script] })
  await vi.waitFor(() => expect(far.begun(uid)).toHaveLength(1), { ...patience, interval: 5 })
  // That it has begun is known only later, unless the answer was very quick.
  line.cut()
  const begunBy = Date.now()
  await vi.waitFor(async () => expect((await world.look(uid)).unknownSince).not.toBeNull(), patience)
  const { unknownSince } = await world.look(uid)
  far.go('go')
  await vi.waitFor(() => expect(far.begun(uid).filter(isAlive)).toEqual([]), patience)
  const endedBy = Date.now()
  // That it has ended is known only later.
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(endedBy + 2 * roundMs), patience)
  line.mend()
  const job = await world.until(uid, 'completed')
  const [attempt] = job.attempts
  const { lines } = (await world.ask(`/api/jobs/${uid}/logs`)).json as LogPage // what this route answers with
  const times = [unknownSince, attempt?.startedAt, attempt?.endedAt, ...lines.map(({ time }) => time)]
  for (const time of times) {
    expect(time).toBeGreaterThanOrEqual(beganAt - 1_000)
    expect(time).toBeLessThanOrEqual(Date.now() + 1_000)
  }
  expect(lines).toHaveLength(2)
  expect(attempt?.startedAt).toBeLessThan(begunBy + roundMs)
  expect(job.startedAt).toBe(attempt?.startedAt)
  expect(attempt?.endedAt).toBeLessThan(endedBy + roundMs)
  expect(attempt?.endedAt).toBeGreaterThan(begunBy + 2_000 - roundMs)
}

/** A folder for PATH with a `date` that is off; what else asks for the time there is told the right one. */
function shiftClock(folder: string, by: string): string {
  const path = join(folder, 'bin', 'date')
  mkdirSync(join(folder, 'bin'))
  chmodSync(folder, 0o755)
  writeFileSync(path, `#!/bin/sh\nexec /usr/bin/date -d '${by}' "$@"\n`)
  chmodSync(path, 0o755)
  return join(folder, 'bin')
}
