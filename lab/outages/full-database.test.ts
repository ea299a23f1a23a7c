/** The disk of PostgreSQL is full: really full, a small one of its own. */
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ControlRoom } from '../chaos/control-room.ts'
import { Postgres } from '../postgres.ts'
import { type SmallDisk, startSmallDisk } from '../start-small-disk.ts'
import { sdkFolder, startCommand, type StartedCommand, steppingScript } from '../ways/start-command.ts'

const patient = { timeout: 60_000, interval: 200 }

let base: string
/** PostgreSQL's, whose account must be able to reach it. */
let folder: string
let disk: SmallDisk
let postgres: Postgres
let room: ControlRoom
let training: StartedCommand | undefined
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'ph-full-database-'))
  folder = mkdtempSync(join(tmpdir(), 'ph-full-postgres-'))
  mkdirSync(join(folder, 'data'))
  disk = await startSmallDisk(join(folder, 'data'), 160)
  postgres = await Postgres.open({ enter: disk.enter, folder })
  room = await ControlRoom.open({ dataFolder: join(base, 'room'), databaseUrl: postgres.url })
})
afterEach(async () => {
  await training?.end('SIGKILL')
  await room.close()
  await postgres.stop()
  await disk.stop()
  for (const path of [base, folder]) rmSync(path, { recursive: true })
})

it(
  'refuses what is new, reads on, loses nothing, and takes it when there is room again',
  { timeout: 180_000 },
  async () => {
    training = startCommand(['python3', steppingScript], {
      PYTHONPATH: sdkFolder,
      PILOTHOUSE_URL: room.url,
      PILOTHOUSE_TOKEN_FILE: join(base, 'room', 'report.token'),
      PILOTHOUSE_DATA: join(base, 'client'),
      PILOTHOUSE_JOB: 'steps-1',
    })
    training.step(20)
    await expect.poll(readSteps, patient).toEqual(count(20))
    await ask('/api/jobs/large', 'PUT', {})
    disk.fill()

    const acknowledged: number[] = []
    let refused: Answered | undefined
    for (let number = 1; refused === undefined; number += 1) {
      const answer = await reportMany(number)
      if (answer.status === 200) acknowledged.push(number)
      else refused = answer
    }
    expect([refused.status, read(refused.text).error]).toMatchObject([507, { code: 'diskFull' }])
    expect(read((await ask('/health')).text)).toMatchObject({
      status: 'degraded',
      reason: 'The disk is full: nothing new can be stored.',
    })
    let steps = 20
    await expect
      .poll(
        () => {
          steps += 1
          training?.step(1)
          return training?.err()
        },
        { timeout: 60_000, interval: 20 },
      )
      .toContain('takes no reports now')
    await expect.poll(training.out, { timeout: 3_000, interval: 20 }).toContain(`step ${steps}\n`)
    await expect.poll(countKept, patient).toBeGreaterThan(0)
    const kept = await readSteps()
    expect(kept).toEqual(count(kept.length))
    expect((await ask('/api/jobs')).status).toBe(200)

    disk.relieve()
    await expect.poll(async () => (await readSteps()).length, patient).toBe(steps)
    await expect.poll(async () => read((await ask('/health')).text).status, patient).toBe('ok')
    await training.finish()
    expect(await readColumn('steps-1', 'x')).toEqual(count(steps))
    expect(await readColumn('steps-1', 'n')).toEqual(count(steps).map(() => 1))
    expect((await reportMany(acknowledged.length + 1)).status).toBe(200)
    const { series } = read((await ask('/api/jobs/large/metrics?points=1')).text)
    expect(series?.map(({ total }) => total)).toEqual(keys.map(() => (acknowledged.length + 1) * rows))
    expect(training.err().split('takes no reports now')).toHaveLength(2)
  },
)

const rows = 1_000
const keys = Array.from({ length: 20 }, (_, key) => `k${key}`)

/** A report of 20,000 points. */
function reportMany(number: number): Promise<Answered> {
  const steps = Array.from({ length: rows }, (_, row) => number * rows + row)
  const values = keys.map(() => steps.map(() => Math.random()))
  const points = [{ source: 'job', keys, steps, times: steps.map(() => Date.now()), values }]
  return ask('/api/jobs/large/reports', 'POST', { attempt: 1, writer: 'w', number, role: 'sdk', sentAt: 0, points })
}

async function ask(path: string, method: 'GET' | 'POST' | 'PUT' = 'GET', body?: unknown): Promise<Answered> {
  const token = readFileSync(join(base, 'room', 'admin.token'), 'utf8').trim()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const init = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await fetch(`${room.url}${path}`, { method, headers, ...init })
  return { status: answer.status, text: await answer.text() }
}

const readSteps = () => readColumn('steps-1', 'x')

async function readColumn(uid: string, name: 'x' | 'n'): Promise<number[]> {
  return read((await ask(`/api/jobs/${uid}/metrics?key=loss&points=1000`)).text).series?.[0]?.[name] ?? []
}

function countKept(): number {
  return globSync(join(base, 'client', 'spool', '*', '*.report')).length
}

type Answered = { status: number; text: string }

type Told = {
  status?: string
  series?: { x: number[]; n: number[]; total: number }[]
  error?: { code: string }
}

function read(text: string): Told {
  return JSON.parse(text) as Told // as the contract has it
}

function count(last: number): number[] {
  return Array.from({ length: last }, (_, at) => at + 1)
}
