import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { ExportPlace, ExportSlice } from '../telemetry/export-metrics.ts'
import { startStorage } from './start-storage.ts'
import { askDatabase, makeTestDatabase } from './test-database.ts'
import { type TestStorage, linesOf, openTestStorage, pointsOf } from './test-storage.ts'

let test: TestStorage | undefined
afterEach(async () => {
  await test?.close()
  test = undefined
})

const child = fileURLToPath(new URL('./ingest-until-killed.ts', import.meta.url))

describe('a process killed while it takes reports in', () => {
  it('loses nothing acknowledged and doubles nothing, three times over', { timeout: 90_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pilothouse-kill-'))
    const database = await makeTestDatabase()
    const place = { folder, databaseUrl: database.url }
    const acknowledged = new Set<number>()
    for (const [round, enough] of [300, 40, 900].entries()) {
      for (const number of await killAfter(place, { first: round * 100_000 + 1, enough })) acknowledged.add(number)
    }
    test = await openTestStorage({ dataFolder: folder, databaseUrl: database.url })
    const steps = await exportSteps(test)
    expect(new Set(steps).size).toBe(steps.length)
    const stored = new Set(steps)
    for (const number of acknowledged) {
      for (let row = 0; row < 50; row += 1) expect(stored.has(number * 50 + row)).toBe(true)
    }
    const lines = await readTexts(test)
    expect(new Set(lines).size).toBe(lines.length)
    const texts = new Set(lines)
    for (const number of acknowledged) expect(texts.has(`report ${number} line 1`)).toBe(true)
    // Whole or not at all, and known by its number: points, lines and the repeated answer agree.
    expect(steps.length).toBe(lines.length * 25)
    const [some = 1] = acknowledged
    expect(
      (await test.report('job-1', { writer: 'w', number: some, points: [pointsOf({ loss: [1] })] })).repeated,
    ).toBe(true)
    await test.close()
    test = undefined
    await database.remove()
    await rm(folder, { recursive: true, force: true })
  })
})

type Place = { folder: string; databaseUrl: string | undefined }

/** Runs the process until it has acknowledged so many reports, kills it, and tells which. */
async function killAfter(
  { folder, databaseUrl = '' }: Place,
  { first, enough }: { first: number; enough: number },
): Promise<number[]> {
  const reporter: ChildProcess = spawn(process.execPath, [child, folder, String(first), databaseUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  reporter.stdout?.setEncoding('utf8')
  reporter.stdout?.on('data', (chunk: string) => {
    text += chunk
    if (text.split('\n').length > enough) reporter.kill('SIGKILL')
  })
  await new Promise((resolve) => reporter.on('close', resolve))
  expect(reporter.signalCode).toBe('SIGKILL')
  return text.split('\n').slice(0, -1).map(Number)
}

async function exportSteps({ storage }: TestStorage): Promise<number[]> {
  const steps: number[] = []
  let place: ExportPlace | null = null
  do {
    const slice: ExportSlice = await storage.call('metrics.export', {
      uid: 'job-1',
      query: { source: 'job', key: ['loss'], format: 'ndjson' },
      place,
    })
    for (const line of new TextDecoder().decode(slice.bytes).split('\n').slice(0, -1))
      steps.push((JSON.parse(line) as { step: number }).step)
    place = slice.next
  } while (place !== null)
  return steps
}

async function readTexts({ storage }: TestStorage): Promise<string[]> {
  const texts: string[] = []
  for (;;) {
    const { lines } = await storage.call('logs.page', { uid: 'job-1', query: { from: texts.length, count: 5_000 } })
    if (lines.length === 0) return texts
    texts.push(...lines.map(({ text }) => text))
  }
}

describe('a damaged file', () => {
  it('is told of at the next start, which goes on with all that can be read', async () => {
    test = await openTestStorage()
    await test.put('job-1')
    await test.report('job-1', { points: [pointsOf({ loss: [3, 2, 1] })], logs: [linesOf(['a'])] })
    await test.put('job-2')
    await test.report('job-2', { points: [pointsOf({ loss: [6, 5] })] })
    await test.storage.close()
    const damage = "update tail set data = ? where owner = (select id from job where uid = 'job-1')"
    await askDatabase(test, damage, [new Uint8Array(100)])
    const told: string[] = []
    const storage = await startStorage({
      dataFolder: test.folder,
      databaseUrl: test.databaseUrl,
      lostAfterMs: 900_000,
      onTrouble: (_task, { message }) => told.push(message),
    })
    const total = async (uid: string) =>
      (await storage.call('metrics.latest', { uid, query: { source: 'job' } })).metrics[0]?.total
    expect(await total('job-2')).toBe(2)
    expect((await storage.call('logs.page', { uid: 'job-1', query: { count: 9 } })).lines).toHaveLength(1)
    const input = { uid: 'job-1', query: { source: 'job', format: 'ndjson' as const }, place: null }
    expect((await storage.call('metrics.export', input)).bytes).toHaveLength(0)
    expect(told).toEqual([expect.stringMatching(/^The tail of group 1 cannot be read/)])
    await storage.close()
    await test.reopen()
  })
})

describe('a data folder', () => {
  it('is refused while another process or thread has it, which is named', async () => {
    test = await openTestStorage()
    await expect(startStorage({ dataFolder: test.folder, lostAfterMs: 1_000 })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`process ${process.pid}`) as unknown,
    })
    // The one that has it is not disturbed.
    await test.put('job-1')
    expect((await test.report('job-1', {})).state).toBe('running')
    await test.reopen()
  })

  it('of a newer version is refused in clear words, and nothing in it changes', async () => {
    test = await openTestStorage()
    await test.storage.close()
    await askDatabase(test, "insert into migration (name, at_ms) values ('9999-future', 1)")
    const { folder: dataFolder, databaseUrl } = test
    await expect(startStorage({ dataFolder, databaseUrl, lostAfterMs: 1_000 })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/newer version of pilothouse.*9999-future/) as unknown,
    })
  })

  it('that was closed answers that it is closed', async () => {
    test = await openTestStorage()
    const { storage } = test
    await storage.close()
    await expect(storage.call('jobs.statistics', null)).rejects.toMatchObject({ code: 'unavailable' })
  })
})
