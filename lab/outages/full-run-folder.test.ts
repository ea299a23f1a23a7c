/**
 * The disk of a run folder is full: really full, a small one of its own on the far machine, whose mailbox is collected over
 * a real ssh. Nothing can be written there, neither by the script nor by the collector.
 */
import { globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ControlRoom } from '../chaos/control-room.ts'
import { type SmallDisk, startSmallDisk } from '../start-small-disk.ts'
import { type LabSshd, startSshd } from '../start-sshd.ts'
import { launcher, sdkFolder, startCommand, type StartedCommand, steppingScript } from '../ways/start-command.ts'

const patient = { timeout: 60_000, interval: 100 }

let base: string
let disk: SmallDisk
let sshd: LabSshd
let room: ControlRoom
let started: StartedCommand[] = []
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'ph-full-run-'))
  mkdirSync(join(base, 'disk'))
  disk = await startSmallDisk(join(base, 'disk'), 3)
  sshd = await startSshd({ enter: disk.enter, args: ['--no-forward', '--home', join(base, 'disk')] })
  room = await ControlRoom.open({ dataFolder: join(base, 'data') })
})
afterEach(async () => {
  await Promise.all(started.map((one) => one.end()))
  started = []
  await room.close()
  await sshd.stop()
  await disk.stop()
  rmSync(base, { recursive: true })
})

it(
  'the script trains on and says so once; all of it arrives when there is room again',
  { timeout: 180_000 },
  async () => {
    const bridge = start([launcher, 'bridge', '-F', sshd.configPath, '--data', join(base, 'data'), '--json', 'lab'])
    await expect.poll(bridge.out, patient).toContain('"event":"ready"')
    const training = start([...disk.enter, 'python3', steppingScript], {
      PYTHONPATH: sdkFolder,
      PILOTHOUSE_MAILBOX: join(base, 'disk', '.pilothouse', 'mailbox'),
      PILOTHOUSE_DATA: join(base, 'far'),
      PILOTHOUSE_JOB: 'far-away',
    })
    training.step(20)
    await expect.poll(readSteps, patient).toEqual(count(20))

    disk.fill()
    let steps = 20
    await expect
      .poll(
        () => {
          disk.fill() // what the collector took away made room
          steps += 1
          training.step(1)
          return training.err()
        },
        { timeout: 60_000, interval: 20 },
      )
      .toContain('cannot be written (No space left on device); reports wait in memory')
    await expect.poll(training.out, { timeout: 3_000, interval: 20 }).toContain(`step ${steps}\n`)
    const kept = await readSteps()
    expect(kept).toEqual(count(kept.length))

    disk.relieve()
    training.step(20)
    steps += 20
    await expect.poll(readSteps, patient).toEqual(count(steps))
    await training.finish()
    await expect.poll(async () => (await readJob()).state, patient).toBe('completed')
    expect(await readSteps()).toEqual(count(steps))
    expect((await readLoss()).n).toEqual(count(steps).map(() => 1))
    expect(training.err().split('cannot be written')).toHaveLength(2)
    expect(training.err()).not.toContain('lost')
    await expect.poll(() => globSync(join(disk.outside, '.pilothouse', 'mailbox', '*')), patient).toEqual([])
  },
)

function start(words: readonly string[], set?: Record<string, string>): StartedCommand {
  const one = startCommand(words, set)
  started.push(one)
  return one
}

async function readJob(): Promise<{ state: string }> {
  return JSON.parse(await room.ask('/api/jobs/far-away')) as { state: string } // as routes.ts says
}

async function readLoss(): Promise<{ x: number[]; n: number[] }> {
  const text = await room.ask('/api/jobs/far-away/metrics?key=loss&points=1000').catch(() => '{"series":[]}') // not there yet
  const { series } = JSON.parse(text) as { series: { x: number[]; n: number[] }[] } // as routes.ts says
  return series[0] ?? { x: [], n: [] }
}

const readSteps = async () => (await readLoss()).x

function count(last: number): number[] {
  return Array.from({ length: last }, (_, at) => at + 1)
}
