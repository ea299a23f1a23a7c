import { afterEach, beforeEach, expect, it } from 'vitest'
import type { StorageDatabase } from '../storage/storage-database.ts'
import { openTestDatabase } from '../storage/test-database.ts'
import { type LogTotals, appendLines } from './append-lines.ts'
import { packLogs } from './pack-logs.ts'
import { readLines } from './read-segments.ts'
import { takeLines } from './take-lines.ts'

let database: StorageDatabase
let close: () => Promise<void>
beforeEach(async () => void ({ database, close } = await openTestDatabase()))
afterEach(() => close())

const key = { job_id: 1, number: 1 }

async function addAttempt(state: 'running' | 'completed'): Promise<void> {
  const counts = { log_lines: 0, log_bytes: 0, log_debug: 0, log_info: 0, log_warning: 0, log_error: 0 }
  await database.db
    .insertInto('attempt')
    .values({ job_id: 1, number: 1, owner_id: 1, state, created_ms: 0, sdk_spoke: 0, ...counts })
    .execute()
}

async function addLines(reports: number, linesEach: number): Promise<string[]> {
  let totals: LogTotals = { lines: 0, bytes: 0, levels: { debug: 0, info: 0, warning: 0, error: 0 } }
  const all: string[] = []
  for (let report = 0; report < reports; report += 1) {
    const run = { times: [], flags: [], texts: [] }
    const lines = Array.from({ length: linesEach }, (_, at) => `report ${report} line ${at} ${'·'.repeat(at % 40)}`)
    takeLines(run, { stream: 'stdout', times: lines.map(() => report), lines })
    totals = await appendLines(database.db, { jobId: 1, attempt: 1, totals }, run)
    all.push(...lines)
  }
  return all
}

const countSegments = async () =>
  (
    await database.all(
      'select packed, count(*) as n, sum(length(data)) as bytes from log_segment group by packed order by packed',
    )
  ).map((row) => ({ ...row }))
const readAll = async () =>
  (await readLines(database.db, key, { from: 0, to: 1e9, bytesMax: Infinity })).map(({ text }) => text)

it('small segments of a running attempt are packed once enough has gathered', async () => {
  await addAttempt('running')
  const lines = await addLines(100, 200)
  let slices = 0
  while (await packLogs(database)) slices += 1
  expect(slices).toBeGreaterThan(2)
  const [rest, packed] = await countSegments()
  expect(rest?.['packed']).toBe(0)
  expect(packed).toMatchObject({ packed: 1, n: slices })
  expect(await readAll()).toEqual(lines)
})

it('all that an ended attempt has is packed, however little', async () => {
  await addAttempt('completed')
  const lines = await addLines(3, 2)
  while (await packLogs(database));
  expect(await countSegments()).toMatchObject([{ packed: 1, n: 1 }])
  expect(await readAll()).toEqual(lines)
})

it('a few lines of a running attempt wait', async () => {
  await addAttempt('running')
  await addLines(3, 2)
  expect(await packLogs(database)).toBe(false)
  expect(await countSegments()).toMatchObject([{ packed: 0, n: 3 }])
})
