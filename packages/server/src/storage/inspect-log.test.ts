import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { inspectLog } from './inspect-log.ts'

let folder: string
let log: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-log-'))
  log = join(folder, 'copy-wal')
  const raw = new DatabaseSync(join(folder, 'some.db'))
  raw.exec('pragma journal_mode = wal; create table thing (data blob)')
  for (let row = 0; row < 20; row += 1) raw.prepare('insert into thing values (?)').run(new Uint8Array(9_000).fill(row))
  copyFileSync(join(folder, 'some.db-wal'), log)
  raw.close()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function flip(at: number): void {
  const bytes = readFileSync(log)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(log, bytes)
}

it('finds nothing wrong with a whole log, one that is absent, empty, or torn at its end', () => {
  expect(inspectLog(log)).toBeUndefined()
  expect(inspectLog(join(folder, 'nothing'))).toBeUndefined()
  truncateSync(log, statSync(log).size - 100)
  expect(inspectLog(log)).toBeUndefined()
  flip(statSync(log).size - 5_000)
  expect(inspectLog(log)).toBeUndefined()
  truncateSync(log, 0)
  expect(inspectLog(log)).toBeUndefined()
})

it('finds a flipped bit that hides commits, and counts them', () => {
  flip(32 + (24 + 4096) * 10 + 2_000)
  const damage = inspectLog(log)
  expect(damage).toMatchObject({ frame: 10 })
  const raw = new DatabaseSync(join(folder, 'copy'))
  expect(damage?.commits).toBeGreaterThan(10)
  raw.close()
})

it('finds a damaged header, over which SQLite sees no commit at all', () => {
  flip(9)
  expect(inspectLog(log)).toMatchObject({ frame: -1 })
})
