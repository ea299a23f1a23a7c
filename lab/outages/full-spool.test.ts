/** The disk that a script keeps its waiting reports on is full: really full, a small one of its own. */
import { globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ControlRoom } from '../chaos/control-room.ts'
import { type SmallDisk, startSmallDisk } from '../start-small-disk.ts'
import { sdkFolder, startCommand, type StartedCommand, steppingScript } from '../ways/start-command.ts'

const floodScript = fileURLToPath(new URL('./flood.py', import.meta.url))
const patient = { timeout: 60_000, interval: 100 }
/** Twenty steps that write nothing themselves, on a busy machine. */
const twentyStepsMsMax = 3_000

let base: string
let disk: SmallDisk
let room: ControlRoom
let started: StartedCommand[] = []
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'ph-full-spool-'))
  mkdirSync(join(base, 'disk'))
  disk = await startSmallDisk(join(base, 'disk'), 4)
  room = await ControlRoom.open({ dataFolder: join(base, 'data') })
})
afterEach(async () => {
  await Promise.all(started.map((one) => one.end('SIGKILL')))
  started = []
  await room.close()
  await disk.stop()
  rmSync(base, { recursive: true })
})

it('trains on, says so once, and goes on by itself when there is room again', { timeout: 180_000 }, async () => {
  const training = start(['python3', steppingScript])
  let steps = 0
  const takeSteps = async () => {
    steps += 20
    const begunAt = performance.now()
    training.step(20)
    await expect.poll(training.out, { timeout: 60_000, interval: 10 }).toContain(`step ${steps}\n`)
    expect(performance.now() - begunAt).toBeLessThan(twentyStepsMsMax)
  }
  await takeSteps()
  await expect.poll(readSteps, patient).toEqual(count(20))
  await room.kill()
  await takeSteps()
  await expect.poll(countKept, patient).toBeGreaterThan(0)
  disk.fill()
  const kept = countKept()
  await takeSteps()
  await expect
    .poll(training.err, patient)
    .toContain('cannot be written (No space left on device); reports wait in memory')
  await takeSteps()
  expect(countKept()).toBe(kept)
  disk.relieve()
  await takeSteps()
  await expect.poll(countKept, patient).toBeGreaterThan(kept)
  await room.start()
  await expect.poll(readSteps, patient).toEqual(count(100))
  await training.finish()
  expect(await readCounts()).toEqual(count(100).map(() => 1))
  expect(countKept()).toBe(0)
  expect(training.err().split('cannot be written')).toHaveLength(2)
  expect(training.err()).not.toContain('lost')
})

it('keeps what fits, counts what does not, and still tells the end', { timeout: 180_000 }, async () => {
  await room.kill()
  const training = start(['python3', floodScript])
  await expect
    .poll(
      () => {
        training.step(1)
        return training.err()
      },
      { timeout: 60_000, interval: 500 },
    )
    .toContain('there is no more room')
  await training.finish()
  expect(training.child.exitCode).toBe(0)
  const told = training.err()
  expect(told).toContain('cannot be written (No space left on device)')
  expect(told.split('there is no more room')).toHaveLength(2)
  expect(told).toMatch(/\d+ reports found no room while the server was away/)
  await room.start()
  const sync = startCommand([...disk.enter, 'python3', '-m', 'pilothouse', 'sync'], environment())
  await sync.finish()
  expect(sync.child.exitCode).toBe(0)
  const { jobs } = JSON.parse(await room.ask('/api/jobs?search=flood')) as { jobs: { uid: string; state: string }[] } // as routes.ts says
  expect(jobs).toMatchObject([{ state: 'completed' }])
  const lines = await readLines(jobs[0]?.uid ?? '')
  expect(lines.length).toBeGreaterThan(20)
  expect(lines).toEqual(lines.toSorted((one, other) => one - other))
  expect(new Set(lines).size).toBe(lines.length)
})

function start(words: readonly string[]): StartedCommand {
  const one = startCommand([...disk.enter, ...words], environment())
  started.push(one)
  return one
}

function environment(): Record<string, string> {
  return {
    PYTHONPATH: sdkFolder,
    PILOTHOUSE_URL: room.url,
    PILOTHOUSE_TOKEN_FILE: join(base, 'data', 'report.token'),
    PILOTHOUSE_DATA: join(base, 'disk', 'client'),
  }
}

function countKept(): number {
  return globSync(join(disk.outside, 'client', 'spool', '*', '*.report')).length
}

async function readLoss(): Promise<{ x: number[]; n: number[] }> {
  const { jobs } = JSON.parse(await room.ask('/api/jobs?limit=1')) as { jobs: { uid: string }[] } // as routes.ts says
  const text = await room.ask(`/api/jobs/${jobs[0]?.uid ?? 'none'}/metrics?key=loss&points=1000`)
  const { series } = JSON.parse(text) as { series: { x: number[]; n: number[] }[] } // as routes.ts says
  return series[0] ?? { x: [], n: [] }
}

const readSteps = async () => (await readLoss()).x
const readCounts = async () => (await readLoss()).n

async function readLines(uid: string): Promise<number[]> {
  const text = await room.ask(`/api/jobs/${uid}/logs/text`)
  return text.split('\n').flatMap((line) => (/^\d{6} /.test(line) ? [Number(line.slice(0, 6))] : []))
}

function count(last: number): number[] {
  return Array.from({ length: last }, (_, at) => at + 1)
}
